"""Our pipeline behind the thinnest ASGI server: parse the body, prepare, execute, answer. What the engine itself costs.

`python -m bench.gateway.engine_app PORT SUPERGRAPH MODE`; the full server is measured as `python -m gateway serve`.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, TypeAlias

import orjson
import uvicorn

from gateway.execution import Executor, OperationCache, RequestContext
from gateway.planning import Planner
from gateway.supergraph import supergraph_from_sdl
from gateway.transport import HttpSettings, TransportSettings, build_transport

Message: TypeAlias = MutableMapping[str, Any]
HEADERS = [(b"content-type", b"application/graphql-response+json; charset=utf-8")]


class EngineApp:
    """An ASGI app. `mode` is none or subgraph (equal fetches in flight are one)."""

    def __init__(self, supergraph_sdl: str, mode: str) -> None:
        supergraph = supergraph_from_sdl(supergraph_sdl)
        self._cache = OperationCache(supergraph.api_schema, Planner(supergraph))
        settings = TransportSettings(http=HttpSettings(accept_compressed=False), dedupe=mode != "none")
        self._executor = Executor(
            {s.name: build_transport(s.name, s.url, settings) for s in supergraph.subgraphs.values()}
        )
        self._context = RequestContext()

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http":
            return
        message = await receive()
        body = message["body"]
        while message.get("more_body"):
            message = await receive()
            body += message["body"]
        answer = await self._answer(body)
        length = (b"content-length", b"%d" % len(answer))
        await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, length]})
        await send({"type": "http.response.body", "body": answer})

    async def _answer(self, body: bytes) -> bytes:
        request = orjson.loads(body)
        prepared = self._cache.prepare(request["query"], request.get("operationName"))
        result = await self._executor.execute(prepared, request.get("variables"), self._context)
        return result.to_bytes()


def main(arguments: list[str]) -> None:
    """Serve until the process is stopped."""
    port, supergraph, mode = arguments
    app = EngineApp(Path(supergraph).read_text(encoding="utf-8"), mode)
    uvicorn.run(app, port=int(port), log_level="warning", access_log=False, lifespan="off")


if __name__ == "__main__":
    main(sys.argv[1:])
