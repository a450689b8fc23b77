"""/health, /ready and /metrics: whether the process lives, whether it should get requests, and what it has done."""

from __future__ import annotations

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .graph import GraphHolder
from .metrics import CONTENT_TYPE, Metrics
from .overload import OverloadWatch
from .siblings import Siblings
from .summed_metrics import summed_exposition


class Health:
    """The three endpoints; they are answered also while the gateway is overloaded or about to end."""

    def __init__(
        self, graphs: GraphHolder, metrics: Metrics, overload: OverloadWatch, siblings: Siblings | None = None
    ) -> None:
        self._graphs = graphs
        self._siblings = siblings
        self._metrics = metrics
        self._overload = overload
        self.is_stopping = False

    async def health(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as long as the process can."""
        await _json({"status": "ok"})(scope, receive, send)

    async def ready(self, scope: Scope, receive: Receive, send: Send) -> None:
        """503 without a supergraph, while overloaded and while stopping; a failed reload is told, but stays 200."""
        reason = None
        if self.is_stopping:
            reason = "stopping"
        elif not self._graphs.is_ready:
            reason = "no supergraph"
        elif self._overload.is_overloaded:
            reason = "overloaded"
        state: dict[str, object] = {"status": reason or "ready", "reloadError": self._graphs.last_error}
        if self._graphs.is_ready:
            graph = self._graphs.current
            state["supergraph"] = {"version": graph.version, "generation": graph.number}
        await _json(state, 200 if reason is None else 503)(scope, receive, send)

    async def metrics(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in Prometheus' text format, for all workers together."""
        if self._siblings is None:
            body = self._metrics.exposition()
        else:
            body = summed_exposition(await self._siblings.ask_all("metrics"))
        await Response(body, headers={"content-type": CONTENT_TYPE.decode()})(scope, receive, send)


def _json(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, {"content-type": "application/json"})
