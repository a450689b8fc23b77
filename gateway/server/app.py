"""create_app: the one place where the parts of the server are put together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Protocol

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from ..graphql_ws import CloseCode
from .auth import Authenticator
from .callers import CallerReader
from .error_answers import ErrorAnswers
from .explorer import ASSET_PREFIX, Explorer
from .graph import Graph, GraphHolder
from .headers import HeaderPropagation
from .health import Health
from .http import GraphqlHttp
from .limits import OperationLimits
from .live import LiveSubscriptions
from .metrics import Metrics
from .multipart import MultipartResponses
from .operations import KnownOperations
from .overload import OverloadWatch
from .persisted import PersistedOperations
from .pipeline import Pipeline
from .rate_limit import RateLimiter
from .reload import Reloader
from .sdl_poll import SdlPoll
from .settings import Settings
from .sse import EventStreamResponses
from .supergraph_source import source_from_settings
from .telemetry import Telemetry
from .transports import TransportPool
from .websocket import GraphqlWebSockets


def create_app(settings: Settings, supergraph_sdl: str | None = None) -> GatewayApp:
    """Return the ASGI application; the supergraph is taken up, and connections are opened, when its lifespan starts.

    `supergraph_sdl` is what the source has given already, where somebody has read it.
    """
    metrics = Metrics(settings.telemetry.operation_names)
    overload = OverloadWatch()
    telemetry = Telemetry(settings.telemetry, metrics, overload)
    pool = TransportPool(settings, telemetry.reconnected)
    graphs = GraphHolder(settings, pool)
    limits = OperationLimits(settings.limits, telemetry.limit_exceeded)
    operations = KnownOperations(settings, limits)
    callers = CallerReader(settings, telemetry)
    rate_limiter = RateLimiter(settings.rate_limit, metrics.rate_limited.inc) if settings.rate_limit.enabled else None
    pipeline = Pipeline(
        settings,
        graphs,
        operations,
        PersistedOperations(settings.persisted),
        rate_limiter,
        telemetry,
        callers.collects_headers,
    )
    error_answers = ErrorAnswers(settings.production, telemetry)
    live = LiveSubscriptions(settings.subscriptions, pipeline, error_answers, telemetry)
    authenticator = Authenticator.from_settings(settings.jwt)
    explorer = Explorer(settings.has_explorer, settings.path)
    streams = (EventStreamResponses(settings, live), MultipartResponses(settings, live))
    source = source_from_settings(settings)
    poll = SdlPoll(source, HeaderPropagation(settings).for_subgraphs({})[0])
    reloader = Reloader(settings.reload, source, poll, graphs, metrics, supergraph_sdl)

    def on_graph_change(new: Graph, old: Graph | None) -> None:
        operations.forget_all()
        live.on_graph_change(new)

    graphs.on_change.append(on_graph_change)
    metrics.read_when_asked("gateway_known_operations", "Operations kept prepared", lambda: len(operations))
    metrics.read_when_asked("gateway_operations_in_work", "Operations being executed", lambda: pipeline.in_work)
    metrics.read_when_asked("gateway_shared_subscriptions", "Subscriptions upstream", lambda: len(live.feeds))
    return GatewayApp(
        settings,
        GraphqlHttp(settings, pipeline, error_answers, callers, authenticator, telemetry, explorer, streams),
        GraphqlWebSockets(settings, pipeline, error_answers, callers, authenticator, live, telemetry),
        Health(graphs, metrics, overload),
        explorer,
        _Parts(graphs, live, pipeline, reloader, telemetry),
    )


class StoppableServer(Protocol):
    """What runs the app."""

    should_exit: bool


class _Parts:
    """What has a beginning and an end."""

    def __init__(
        self,
        graphs: GraphHolder,
        live: LiveSubscriptions,
        pipeline: Pipeline,
        reloader: Reloader,
        telemetry: Telemetry,
    ) -> None:
        self.graphs = graphs
        self.live = live
        self.pipeline = pipeline
        self.reloader = reloader
        self.telemetry = telemetry


class GatewayApp(Starlette):
    """A Starlette application whose GraphQL path goes straight to its endpoint, past router and middleware."""

    def __init__(
        self,
        settings: Settings,
        graphql_http: GraphqlHttp,
        graphql_websockets: GraphqlWebSockets,
        health: Health,
        explorer: Explorer,
        parts: _Parts,
    ) -> None:
        super().__init__(lifespan=self._lifespan)
        self.settings = settings
        self._path = settings.path
        self._has_websockets = settings.websocket.enabled
        self._graphql_http = graphql_http
        self._graphql_websockets = graphql_websockets
        self._explorer = explorer
        self._parts = parts
        self.health = health
        self._endpoints = {"/health": health.health, "/ready": health.ready}
        if settings.telemetry.metrics:
            self._endpoints["/metrics"] = health.metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch by path."""
        kind = scope["type"]
        if kind == "http":
            path = scope["path"]
            if path == self._path:
                return await self._graphql_http(scope, receive, send)
            if endpoint := self._endpoints.get(path):
                return await endpoint(scope, receive, send)
            if path.startswith(ASSET_PREFIX):
                return await self._explorer.asset(scope, receive, send)
            return await PlainTextResponse(f"Not found; GraphQL is at {self._path}.", 404)(scope, receive, send)
        if kind == "websocket" and self._has_websockets and scope["path"] == self._path:
            return await self._graphql_websockets(scope, receive, send)
        return await super().__call__(scope, receive, send)

    async def stop(self, grace: float, server: StoppableServer) -> None:
        """Stop in the order that loses nothing: not ready, grace, sockets one after the other, then the server
        itself.
        """
        self.health.is_stopping = True
        await asyncio.sleep(grace)
        await self._graphql_websockets.close_gradually(CloseCode.SERVICE_RESTART, "The gateway restarts")
        self._parts.live.drop_streams()
        server.should_exit = True

    @property
    def parts(self) -> _Parts:
        """The running parts, for whoever stops the process and for tests."""
        return self._parts

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        parts = self._parts
        parts.reloader.load_first()
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(parts.reloader.run())
            try:
                yield
            finally:
                watching.cancel()
                await parts.live.aclose()
                await parts.graphs.aclose()
                parts.telemetry.flush()
