"""A Graph: one supergraph with everything that was made from it; `GraphHolder` keeps the current one and retires the
old.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import GatewayError
from ..execution import ExecutionSettings, Executor, OperationCache, OperationCacheSettings
from ..planning import Planner
from ..supergraph import Supergraph, supergraph_from_sdl
from ..transport import SubgraphTransport
from .authorization import AuthorizationRules
from .cache_tags import with_cache_tags
from .override_labels import OverrideLabels
from .refusals import NotReady
from .settings import Settings
from .transports import TransportPool

# Operations, the most recently used first, that are planned on a new graph before it is taken up.
WARMED_OPERATIONS = 200


@dataclass(frozen=True, slots=True)
class Graph:
    """One generation: `number` counts from 1, `version` is a hash of the SDL."""

    number: int
    version: str
    supergraph: Supergraph
    operations: OperationCache
    executor: Executor
    authorization: AuthorizationRules
    labels: OverrideLabels
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
        version = _version(sdl)
        if self._is_current(version):
            return False
        with self._noting_errors():
            return self._take_up(version, self._read(sdl))

    async def load_aside(self, sdl: str) -> bool:
        """Do the same without holding up requests: what takes long is done in a thread."""
        version = _version(sdl)
        if self._is_current(version):
            return False
        with self._noting_errors():
            return self._take_up(version, await asyncio.to_thread(self._read, sdl, self._operations_to_warm()))

    async def aclose(self) -> None:
        """Close all connections to subgraphs."""
        for timer in self._retired:
            timer.cancel()
        await self._pool.aclose()

    def _is_current(self, version: str) -> bool:
        if self._graph is None or self._graph.version != version:
            return False
        self.last_error = None
        return True

    @contextlib.contextmanager
    def _noting_errors(self) -> Iterator[None]:
        try:
            yield
        except GatewayError as error:
            self.last_error = f"{error.code}: {error.message}"
            raise

    def _operations_to_warm(self) -> list[tuple[str, str | None]]:
        if self._graph is None:
            return []
        try:
            return self._graph.operations.known_operations()[:WARMED_OPERATIONS]
        except RuntimeError:
            return []  # the thread that prepares has just added one; then they are planned when they come

    def _read(self, sdl: str, warmed: Sequence[tuple[str, str | None]] = ()) -> tuple[Supergraph, OperationCache]:
        """Make everything that takes long, and everything that is made on first use: a faulty schema fails here, not
        at the first client, and the operations of the old graph are planned before their clients come.
        """
        supergraph = supergraph_from_sdl(sdl)
        planner = Planner(supergraph, self._settings.limits.planning_time)
        cache = OperationCacheSettings(hide_suggestions=self._settings.production)
        operations = OperationCache(supergraph.api_schema, planner, cache)
        operations.warm_up(warmed)
        return supergraph, operations

    def _take_up(self, version: str, made: tuple[Supergraph, OperationCache]) -> bool:
        supergraph, operations = made
        transports = self._pool.acquire(supergraph)
        asked: Mapping[str, SubgraphTransport] = transports
        if self._settings.response_cache.enabled:
            asked = with_cache_tags(transports, supergraph.document, supergraph.root_types["query"])
        old = self._graph
        self._graph = Graph(
            number=1 if old is None else old.number + 1,
            version=version,
            supergraph=supergraph,
            operations=operations,
            executor=Executor(asked, _execution_settings(self._settings, supergraph)),
            authorization=AuthorizationRules(supergraph.document, supergraph.api_schema),
            labels=OverrideLabels(supergraph, self._settings.override_labels),
            transports=transports,
        )
        self.last_error = None
        for listener in self.on_change:
            listener(self._graph, old)
        if old is not None:
            self._retire_later(old)
        return True

    def _retire_later(self, graph: Graph) -> None:
        """Close what only the old graph needs, after its last requests have had their time."""

        def retire() -> None:
            self._retired.discard(timer)
            self._pool.release(graph.transports)

        delay = max(self._settings.reload.drain, self._settings.traffic.request_timeout)
        timer = asyncio.get_running_loop().call_later(delay, retire)
        self._retired.add(timer)


def _version(sdl: str) -> str:
    return hashlib.sha256(sdl.encode()).hexdigest()[:16]


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
