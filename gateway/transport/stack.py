"""Put the transport of one subgraph together: connections inside, then limit, breaker, retry and dedupe around them."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from .breaker import BreakerSettings, BreakerTransport
from .dedupe import DedupeTransport
from .dispatch import AnswerCallback, Cancellable, DispatchingTransport, as_dispatching
from .http import HttpSettings, HttpTransport
from .interface import SubgraphRequest, SubgraphTransport
from .limit import LimitTransport
from .retry import RetrySettings, RetryTransport


@dataclass(frozen=True, slots=True)
class TransportSettings:
    """How one subgraph is asked; None leaves a wrapper out."""

    http: HttpSettings = field(default_factory=HttpSettings)
    max_in_flight: int | None = None
    max_waiting: int = 0
    breaker: BreakerSettings | None = field(default_factory=BreakerSettings)
    retry: RetrySettings | None = field(default_factory=RetrySettings)
    dedupe: bool = True


def build_transport(
    subgraph_name: str,
    url: str,
    settings: TransportSettings | None = None,
    *,
    tls: ssl.SSLContext | None = None,
    subscriptions: SubgraphTransport | None = None,
) -> DispatchingTransport:
    """The transport of one subgraph: dedupe(retry(breaker(limit(http)))); subscriptions go to their own transport."""
    settings = settings or TransportSettings()
    transport: DispatchingTransport = HttpTransport(subgraph_name, url, settings.http, tls)
    if settings.max_in_flight is not None:
        transport = LimitTransport(transport, settings.max_in_flight, settings.max_waiting)
    # The breaker is inside the retry: each try counts, and an open breaker is not asked again.
    if settings.breaker is not None:
        transport = BreakerTransport(transport, settings.breaker)
    if settings.retry is not None:
        transport = RetryTransport(transport, settings.retry)
    if settings.dedupe:
        transport = DedupeTransport(transport)
    if subscriptions is not None:
        transport = SplitTransport(transport, subscriptions)
    return transport


class SplitTransport(DispatchingTransport):
    """Queries and mutations over one transport, subscriptions over another."""

    def __init__(self, fetches: SubgraphTransport, subscriptions: SubgraphTransport) -> None:
        self._fetches = as_dispatching(fetches)
        self._subscriptions = subscriptions

    def dispatch(self, request: SubgraphRequest, on_outcome: AnswerCallback) -> Cancellable:
        return self._fetches.dispatch(request, on_outcome)

    def subscribe(self, request: SubgraphRequest) -> AsyncIterator[bytes]:
        return self._subscriptions.subscribe(request)

    def start_anew(self) -> None:
        self._fetches.start_anew()

    async def aclose(self) -> None:
        try:
            await self._fetches.aclose()
        finally:
            await self._subscriptions.aclose()
