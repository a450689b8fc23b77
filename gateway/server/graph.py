"""A Graph: one supergraph with everything that was made from it; `GraphHolder` keeps the current one and retires the
old.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from ..errors import GatewayError
from ..execution import ExecutionSettings, Executor, OperationCache, OperationCacheSettings
from ..planning import Planner
from ..supergraph import Supergraph, supergraph_from_sdl
from ..transport import SubgraphTransport
from .authorization import AuthorizationRules
from .refusals import NotReady
from .settings import Settings
from .transports import TransportPool


@dataclass(frozen=True, slots=True)
class Graph:
    """One generation: `number` counts from 1, `version` is a hash of the SDL."""

    number: int
    version: str
    supergraph: Supergraph
    operations: OperationCache
    executor: Executor
    authorization: AuthorizationRules
    transports: dict[str, SubgraphTransport] = field(repr=False)


class GraphHolder:
    """The current Graph. A new SDL that cannot be used changes nothing but `last_error`."""

    def __init__(self, settings: Settings, pool: TransportPool) -> None:
        self._settings = settings
        self._pool = pool
        self._graph: Graph | None = None
        self._retired: set[asyncio.TimerHandle] = set()
        self.last_error: str | None = None
        self.on_change: list[Callable[[Graph, Graph | None], None]] = []
        """Called with the new and the old graph; subscriptions and caches listen."""

    @property
    def current(self) -> Graph:
        """The graph that new operations run on. Raises NotReady before the first one."""
        if self._graph is None:
            raise NotReady("The gateway has no supergraph yet.")
        return self._graph

    @property
    def is_ready(self) -> bool:
        """Whether operations can be answered."""
        return self._graph is not None

    def load(self, sdl: str) -> bool:
        """Take up a supergraph; return whether it differs from the current one. Raises GatewayError and keeps the
        old.
        """
        version = hashlib.sha256(sdl.encode()).hexdigest()[:16]
        if self._graph is not None and self._graph.version == version:
            self.last_error = None
            return False
        try:
            graph = self._build(sdl, version)
        except GatewayError as error:
            self.last_error = f"{error.code}: {error.message}"
            raise
        old, self._graph = self._graph, graph
        self.last_error = None
        for listener in self.on_change:
            listener(graph, old)
        if old is not None:
            self._retire_later(old)
        return True

    async def aclose(self) -> None:
        """Close all connections to subgraphs."""
        for timer in self._retired:
            timer.cancel()
        await self._pool.aclose()

    def _build(self, sdl: str, version: str) -> Graph:
        supergraph = supergraph_from_sdl(sdl)
        # Everything that is made on first use is made now: a faulty schema must fail here, not at the first client.
        schema = supergraph.api_schema
        planner = Planner(supergraph)
        transports = self._pool.acquire(supergraph)
        cache = OperationCacheSettings(hide_suggestions=self._settings.production)
        return Graph(
            number=1 if self._graph is None else self._graph.number + 1,
            version=version,
            supergraph=supergraph,
            operations=OperationCache(schema, planner, cache),
            executor=Executor(transports, _execution_settings(self._settings, supergraph)),
            authorization=AuthorizationRules(supergraph.document, schema),
            transports=transports,
        )

    def _retire_later(self, graph: Graph) -> None:
        """Close what only the old graph needs, after its last requests have had their time."""

        def retire() -> None:
            self._retired.discard(timer)
            self._pool.release(graph.transports)

        delay = max(self._settings.reload.drain, self._settings.traffic.request_timeout)
        timer = asyncio.get_running_loop().call_later(delay, retire)
        self._retired.add(timer)


def _execution_settings(settings: Settings, supergraph: Supergraph) -> ExecutionSettings:
    timeouts = {}
    for subgraph in supergraph.subgraphs.values():
        own = settings.subgraphs.get(subgraph.name)
        if own is not None and own.timeout is not None:
            timeouts[subgraph.name] = own.timeout
    return ExecutionSettings(
        subgraph_timeout=settings.traffic.subgraph_timeout,
        subgraph_timeouts=timeouts,
        expose_subgraph_errors=not settings.production,
    )
