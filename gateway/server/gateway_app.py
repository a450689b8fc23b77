"""GatewayApp: the ASGI application, from paths to endpoints, and the order of its start and stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ..graphql_ws import CloseCode
from .direct import DirectGraphql
from .explorer import ASSET_PREFIX, Explorer
from .graph import GraphHolder
from .health import Health
from .http import GraphqlHttp
from .live import LiveSubscriptions
from .operations import KnownOperations
from .pages import Pages
from .pipeline import Pipeline
from .reload import Reloader
from .settings import Settings
from .telemetry import Telemetry
from .websocket import GraphqlWebSockets

if TYPE_CHECKING:
    from .tracing import Tracing


Service: TypeAlias = contextlib.AbstractAsyncContextManager[Any]
"""Something that runs beside the requests for as long as the app does."""


class StoppableServer(Protocol):
    """What runs the app."""

    should_exit: bool


@dataclass(frozen=True, slots=True)
class RunningParts:
    """What has a beginning and an end."""

    graphs: GraphHolder
    live: LiveSubscriptions
    operations: KnownOperations
    pipeline: Pipeline
    reloader: Reloader
    telemetry: Telemetry
    tracing: Tracing | None = None
    services: Sequence[Service] = ()


class GatewayApp(Starlette):
    """A Starlette application whose GraphQL path goes straight to its endpoint, past router and middleware."""

    def __init__(
        self,
        settings: Settings,
        graphql_http: GraphqlHttp,
        direct: DirectGraphql,
        graphql_websockets: GraphqlWebSockets,
        health: Health,
        explorer: Explorer,
        endpoints: Mapping[str, ASGIApp],
        parts: RunningParts,
    ) -> None:
        super().__init__(lifespan=self._lifespan)
        self.settings = settings
        self._path = settings.path
        self._has_websockets = settings.websocket.enabled
        self._graphql_http = graphql_http
        self.direct = direct
        """For our own server: it asks this before it goes the way of ASGI."""
        self._graphql_websockets = graphql_websockets
        self._explorer = explorer
        self._pages = Pages(settings.pages)
        self._parts = parts
        self.health = health
        self._endpoints = endpoints

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
            if self._pages.folder_of(path):
                return await self._pages.serve(scope, receive, send)
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
    def parts(self) -> RunningParts:
        """The running parts, for whoever stops the process and for tests."""
        return self._parts

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        parts = self._parts
        parts.reloader.load_first()
        async with contextlib.AsyncExitStack() as running, asyncio.TaskGroup() as group:
            for service in parts.services:
                await running.enter_async_context(service)
            watching = group.create_task(parts.reloader.run())
            try:
                yield
            finally:
                watching.cancel()
                await parts.live.aclose()
                await parts.graphs.aclose()
                parts.operations.close()
                parts.telemetry.flush()
                if parts.tracing is not None:
                    await asyncio.to_thread(parts.tracing.shutdown)
