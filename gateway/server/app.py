"""create_app: the one place where the parts of the server are put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp

from .auth import Authenticator
from .callers import CallerReader
from .direct import DirectGraphql
from .error_answers import ErrorAnswers
from .explorer import Explorer
from .gateway_app import GatewayApp, RunningParts, Service
from .graph import Graph, GraphHolder
from .headers import HeaderPropagation
from .health import Health
from .http import GraphqlHttp
from .invalidation import InvalidationEndpoint, SharedInvalidations
from .limits import OperationLimits
from .live import LiveSubscriptions
from .metrics import Metrics
from .multipart import MultipartResponses
from .operations import KnownOperations
from .overload import OverloadWatch
from .persisted import PersistedOperations
from .pipeline import Pipeline
from .rate_limit import RateLimiter
from .rate_sharing import SharedRates
from .reload import Reloader
from .response_cache import ResponseCache
from .sdl_poll import SdlPoll
from .settings import Settings, TelemetrySettings
from .siblings import Siblings
from .sse import EventStreamResponses
from .summed_metrics import described
from .supergraph_source import source_from_settings
from .telemetry import Telemetry
from .transports import TransportPool
from .websocket import GraphqlWebSockets

if TYPE_CHECKING:
    from ..transport.broadcast import Broadcast
    from .tracing import Tracing


def create_app(settings: Settings, supergraph_sdl: str | None = None, worker_folder: Path | None = None) -> GatewayApp:
    """Return the ASGI application; the supergraph is taken up, and connections are opened, when its lifespan starts.

    `supergraph_sdl` is what the source has given already, where somebody has read it; `worker_folder` is where the workers
    behind one port find each other, where there are several.
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
    response_cache = ResponseCache(settings.response_cache) if settings.response_cache.enabled else None
    tracing = _tracing(settings.telemetry)
    pipeline = Pipeline(
        settings,
        graphs,
        operations,
        PersistedOperations(settings.persisted, settings.limits.characters.max),
        rate_limiter,
        response_cache,
        tracing,
        telemetry,
    )
    if response_cache is not None:
        response_cache.on_invalidation += [pool.start_anew, pipeline.start_anew]
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
        if response_cache is not None:
            response_cache.clear()
        live.on_graph_change(new)

    graphs.on_change.append(on_graph_change)
    metrics.read_when_asked("gateway_known_operations", "Operations kept prepared", lambda: len(operations))
    metrics.read_when_asked("gateway_operations_in_work", "Operations being executed", lambda: pipeline.in_work)
    metrics.read_when_asked("gateway_shared_subscriptions", "Subscriptions upstream", lambda: len(live.feeds))
    services = _Services.from_settings(settings, metrics, rate_limiter, response_cache, worker_folder)
    health = Health(graphs, metrics, overload, services.siblings)
    graphql_http = GraphqlHttp(settings, pipeline, error_answers, callers, authenticator, telemetry, explorer, streams)
    return GatewayApp(
        settings,
        graphql_http,
        DirectGraphql(settings, pipeline, callers, authenticator, telemetry, graphql_http),
        GraphqlWebSockets(settings, pipeline, error_answers, callers, authenticator, live, telemetry),
        health,
        explorer,
        _endpoints(settings, health, response_cache, services),
        RunningParts(graphs, live, operations, pipeline, reloader, telemetry, tracing, services.all),
    )


def _endpoints(
    settings: Settings, health: Health, response_cache: ResponseCache | None, services: _Services
) -> dict[str, ASGIApp]:
    """Return what is answered beside GraphQL, by path."""
    endpoints: dict[str, ASGIApp] = {"/health": health.health, "/ready": health.ready}
    if settings.telemetry.metrics:
        endpoints["/metrics"] = health.metrics
    secret = settings.response_cache.invalidation_secret
    if response_cache is not None and secret is not None:
        endpoints["/invalidate"] = InvalidationEndpoint(
            response_cache, secret.get_secret_value(), services.siblings, services.invalidations
        )
    return endpoints


@dataclass(frozen=True, slots=True)
class _Services:
    """How this process and the others speak with each other, where there are others."""

    siblings: Siblings | None
    rates: SharedRates | None
    invalidations: SharedInvalidations | None

    @property
    def all(self) -> tuple[Service, ...]:
        return tuple(it for it in (self.siblings, self.rates, self.invalidations) if it is not None)

    @classmethod
    def from_settings(
        cls,
        settings: Settings,
        metrics: Metrics,
        rate_limiter: RateLimiter | None,
        response_cache: ResponseCache | None,
        worker_folder: Path | None,
    ) -> _Services:
        siblings = rates = invalidations = None
        if worker_folder is not None:
            answers: dict[str, Callable[[Any], Any]] = {"metrics": lambda _: described(metrics.registry)}
            if response_cache is not None:
                answers["invalidate"] = response_cache.invalidate
            siblings = Siblings(worker_folder, answers)
        limit, cache = settings.rate_limit, settings.response_cache
        if rate_limiter is not None and limit.nats_url is not None:
            rates = SharedRates(rate_limiter, _broadcast(limit.nats_url, limit.nats_subject), limit.sharing_interval)
        if response_cache is not None and cache.nats_url is not None:
            invalidations = SharedInvalidations(response_cache, _broadcast(cache.nats_url, cache.nats_subject))
        return cls(siblings, rates, invalidations)


def _broadcast(url: str, subject: str) -> Callable[..., Broadcast]:
    # Most gateways have no use for the library.
    from ..transport.broadcast import Broadcast

    return partial(Broadcast, url, subject)


def _tracing(settings: TelemetrySettings) -> Tracing | None:
    if settings.otlp_endpoint is None:
        return None
    # OpenTelemetry takes a third of a second to import, and most processes have no use for it.
    from .tracing import Tracing

    return Tracing.from_settings(settings)
