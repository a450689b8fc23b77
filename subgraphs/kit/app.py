"""Put a subgraph together: its GraphQL endpoint, REST routes, health, metrics, background work, in one Starlette app.

`create_subgraph_app` is the only wiring place of a process: it opens the database, the signals and the bus, and closes them again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Generic, TypeVar

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from strawberry.federation import Schema

from .auth import TokenVerifier
from .client_address import ClientAddresses
from .database import Database, database_url
from .events import AnyHandler, Event, EventBus, EventHandler, Inbox, OneStatement, Outbox
from .graphql_view import GraphQLView
from .middleware import RequestMiddleware
from .models import InboxRow, OutboxRow, SignOutRow
from .nats_bus import NatsBus
from .postgres_bus import PostgresBus
from .retention import Purge, Retention, event_purges
from .settings import BusDriver, SubgraphSettings
from .sign_outs import EVENT_TYPES, SignOuts
from .signals import NatsSignals, PostgresSignals, Signals
from .telemetry import EVENTS_BEHIND, OUTBOX_WAITING, configure_logging
from .token_issuers import token_verifier
from .tracing import configure_tracing

S = TypeVar("S")
logger = structlog.get_logger(__name__)

LAG_INTERVAL = 5.0  # seconds between measurements
READY_TIMEOUT = 2.0  # seconds for the database to answer a readiness probe


@dataclass(slots=True)
class Runtime:
    """What the chassis opened for this process; a subgraph's services are built from it."""

    name: str
    settings: SubgraphSettings
    database: Database
    signals: Signals
    bus: EventBus
    outbox: Outbox
    verifier: TokenVerifier
    sign_outs: SignOuts


@dataclass(slots=True)
class Subgraph(Generic[S]):
    """What one subgraph brings to the chassis."""

    name: str
    schema: Schema
    wire: Callable[[Runtime], S]
    """Build the services that resolvers find at `info.context.services`. Nothing is opened here."""
    outbox_row: type[OutboxRow]
    inbox_row: type[InboxRow]
    sign_out_row: type[SignOutRow] | None = None
    """Where ended log-ins are kept; None for the subgraph that looks them up itself."""
    event_handlers: Callable[[S], Mapping[str, AnyHandler]] = field(default=lambda services: {})
    """What to do, in a transaction, when an event of another subgraph arrives, by event type."""
    after_event: Callable[[S], Callable[[Event], Awaitable[None]]] | None = None
    """What to do when a handled event's transaction is committed: signals and wake-ups, which must not run before."""
    background: Callable[[S], Sequence[Callable[[], Awaitable[None]]]] = field(default=lambda services: ())
    """Work that runs as long as the process, each started again when it fails."""
    purges: Callable[[S], Sequence[Purge]] = field(default=lambda services: ())
    """What the subgraph does not keep for ever, beside events."""
    routes: Callable[[S, TokenVerifier], Sequence[BaseRoute]] = field(default=lambda services, verifier: ())
    """REST routes, and whatever else is served beside GraphQL."""
    verifier: Callable[[SubgraphSettings, Database], TokenVerifier] = lambda settings, database: token_verifier(
        settings
    )
    """Who may vouch for a person. The users subgraph keeps its own keys in its database."""
    on_close: Callable[[S], Awaitable[None]] | None = None
    direct_fields: frozenset[str] = frozenset()
    """Root fields that come with every keystroke or match, answered without the executor where that is the same (direct_operations)."""


def create_subgraph_app(subgraph: Subgraph[S], settings: SubgraphSettings) -> Starlette:
    """The ASGI app of one subgraph. `app.state.runtime` and `app.state.services` are there from the start, for tests."""
    configure_logging(subgraph.name, settings.log_level)
    configure_tracing(f"tandem-{subgraph.name}", settings.otlp_endpoint)
    runtime = _create_runtime(subgraph, settings)
    services = subgraph.wire(runtime)
    view = GraphQLView(
        subgraph.name, subgraph.schema, settings, services, runtime.verifier, runtime.sign_outs, subgraph.direct_fields
    )
    app = Starlette(
        routes=[
            *_operator_routes(runtime),
            *subgraph.routes(services, runtime.verifier),
            # Not a Mount: that would answer /graphql with a redirect to /graphql/.
            Route("/graphql", view),
            WebSocketRoute("/graphql", view),
        ],
        middleware=[Middleware(RequestMiddleware, subgraph_name=subgraph.name, endpoint=view), _cors(settings)],
        lifespan=lambda app: _running(subgraph, runtime, services),
    )
    app.state.runtime = runtime
    app.state.services = services
    app.state.client_addresses = ClientAddresses(settings.service_secret, frozenset(settings.trusted_proxies))
    app.state.is_stopping = False
    return app


@asynccontextmanager
async def _running(subgraph: Subgraph[S], runtime: Runtime, services: S) -> AsyncIterator[None]:
    """Everything that runs beside requests, started before the first of them and ended after the last."""
    await runtime.signals.start()
    await runtime.bus.start()
    work = [
        lambda: runtime.outbox.relay(runtime.database, runtime.bus),
        lambda: _inbox(subgraph, runtime, services).run(runtime.database, runtime.bus),
        runtime.sign_outs.run,
        _retention(subgraph, runtime, services).run,
        lambda: _measure_lag(runtime),
        *subgraph.background(services),
    ]
    tasks = [asyncio.create_task(_keep_running(start)) for start in work]
    logger.info("subgraph.started", port=runtime.settings.port)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if subgraph.on_close is not None:
            await subgraph.on_close(services)
        await runtime.bus.aclose()
        await runtime.signals.aclose()
        await runtime.database.dispose()
        logger.info("subgraph.stopped")


def _inbox(subgraph: Subgraph[S], runtime: Runtime, services: S) -> Inbox:
    """What the subgraph does with events, and before it what the chassis does with those that end log-ins."""
    handlers = dict(subgraph.event_handlers(services))
    if runtime.sign_outs.is_kept:
        for event_type in EVENT_TYPES:
            handlers[event_type] = _both(runtime.sign_outs.note, handlers.get(event_type))
    inbox = Inbox(subgraph.inbox_row, subgraph.name, handlers)
    follow_up = subgraph.after_event(services) if subgraph.after_event is not None else None

    async def after_commit(event: Event) -> None:
        if follow_up is not None:
            await follow_up(event)
        # Last, so that whoever is signed out by it still hears what came of it.
        await runtime.sign_outs.tell(event)

    inbox.after_commit = after_commit
    return inbox


def _retention(subgraph: Subgraph[S], runtime: Runtime, services: S) -> Retention:
    kept = timedelta(days=runtime.settings.event_retention_days)
    purges = event_purges(subgraph.outbox_row, subgraph.inbox_row, subgraph.sign_out_row, kept)
    if isinstance(runtime.bus, PostgresBus):
        purges.append(runtime.bus.purge(kept))
    return Retention(runtime.database, runtime.name, [*purges, *subgraph.purges(services)])


def _both(first: EventHandler, second: AnyHandler | None) -> EventHandler:
    if isinstance(second, OneStatement):
        raise TypeError("An event that ends log-ins takes a handler within the transaction that notes it.")

    async def handle(session: AsyncSession, event: Event) -> None:
        await first(session, event)
        if second is not None:
            await second(session, event)

    return handle


def _operator_routes(runtime: Runtime) -> list[Route]:
    """What operators ask: is it alive, can it work, what has it counted."""

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "service": runtime.name})

    async def ready(request: Request) -> Response:
        if request.app.state.is_stopping:
            return JSONResponse({"status": "stopping", "service": runtime.name}, status_code=503)
        try:
            async with asyncio.timeout(READY_TIMEOUT):
                await runtime.database.ping()
        except Exception as error:
            reason = f"the database does not answer: {type(error).__name__}"
            return JSONResponse({"status": "unready", "service": runtime.name, "reason": reason}, status_code=503)
        return JSONResponse({"status": "ready", "service": runtime.name})

    async def metrics(request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/health", health), Route("/ready", ready), Route("/metrics", metrics)]


def _cors(settings: SubgraphSettings) -> Middleware:
    headers = ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "x-request-id"]
    return Middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origin,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=headers,
        expose_headers=["etag", "link", "retry-after", "x-request-id"],
        max_age=600,
    )


def _create_runtime(subgraph: Subgraph[S], settings: SubgraphSettings) -> Runtime:
    database = Database(
        settings.database_url,
        pooler=settings.database_pooler,
        pool_size=settings.database_pool_size,
        pool_timeout=settings.database_pool_timeout,
    )
    signals: Signals
    bus: EventBus
    if settings.event_bus is BusDriver.NATS:
        bus_url = settings.event_bus_url or settings.direct_url
        signals, bus = NatsSignals(bus_url, subgraph.name), NatsBus(bus_url)
    else:
        signals, bus = PostgresSignals(settings.direct_url, subgraph.name), _postgres_bus(settings)
    sign_outs = SignOuts(database, signals, subgraph.sign_out_row)
    verifier = subgraph.verifier(settings, database)
    verifier.is_signed_out = sign_outs.is_out
    return Runtime(
        name=subgraph.name,
        settings=settings,
        database=database,
        signals=signals,
        bus=bus,
        outbox=Outbox(subgraph.outbox_row, subgraph.name),
        verifier=verifier,
        sign_outs=sign_outs,
    )


async def _measure_lag(runtime: Runtime) -> None:
    """Tell operators every few seconds how far events lag behind what they tell of."""
    while True:
        await asyncio.sleep(LAG_INTERVAL)
        OUTBOX_WAITING.labels(runtime.name).set(await runtime.outbox.waiting_seconds(runtime.database))
        EVENTS_BEHIND.labels(runtime.name).set(await runtime.bus.behind(runtime.name))


async def _keep_running(start: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await start()
            return
        except Exception:
            logger.exception("background.failed")
        await asyncio.sleep(1.0)


def _postgres_bus(settings: SubgraphSettings) -> PostgresBus:
    own, bus = database_url(settings.direct_url), database_url(settings.event_bus_url or settings.direct_url)
    is_same = (own.host, own.port, own.database, own.query) == (bus.host, bus.port, bus.database, bus.query)
    return PostgresBus(settings.event_bus_url or settings.direct_url, is_beside_outbox=is_same)
