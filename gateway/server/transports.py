"""TransportPool: one transport for each subgraph's name and URL, shared by the graphs that need it and closed after
the last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..supergraph import Subgraph, Supergraph
from ..transport import (
    BreakerSettings,
    HttpSettings,
    RetrySettings,
    SubgraphTransport,
    TransportSettings,
    build_transport,
)
from ..transport.dispatch import DispatchingTransport
from ..transport.upstream_socket import WebSocketOptions
from ..transport.websocket import WebSocketTransport
from .settings import Settings, SubgraphSettings


class TransportPool:
    """Sockets and connection pools outlive a reload: what did not change is handed on to the next graph."""

    def __init__(self, settings: Settings, on_reconnect: Callable[[str], None] | None = None) -> None:
        self._settings = settings
        self._on_reconnect = on_reconnect
        self._transports: dict[tuple[str, str], DispatchingTransport] = {}
        self._users: dict[int, int] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def acquire(self, supergraph: Supergraph) -> dict[str, SubgraphTransport]:
        """Return the transports of a supergraph by subgraph name."""
        transports: dict[str, SubgraphTransport] = {}
        for subgraph in supergraph.subgraphs.values():
            own = self._settings.subgraphs.get(subgraph.name, SubgraphSettings())
            key = (subgraph.name, own.url or subgraph.url)
            if key not in self._transports:
                self._transports[key] = self._open(subgraph, own)
            transport = transports[subgraph.name] = self._transports[key]
            self._users[id(transport)] = self._users.get(id(transport), 0) + 1
        return transports

    def release(self, transports: dict[str, SubgraphTransport]) -> None:
        """Give transports back; those that nobody has any more are closed."""
        for transport in transports.values():
            self._users[id(transport)] -= 1
            if self._users[id(transport)] > 0:
                continue
            del self._users[id(transport)]
            self._transports = {key: kept for key, kept in self._transports.items() if kept is not transport}
            task = asyncio.create_task(transport.aclose())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def start_anew(self) -> None:
        """Let no fetch share one that is in flight now."""
        for transport in self._transports.values():
            transport.start_anew()

    async def aclose(self) -> None:
        """Close all of them."""
        transports = list(self._transports.values())
        self._transports.clear()
        await asyncio.gather(*(transport.aclose() for transport in transports), *self._closing)

    def _open(self, subgraph: Subgraph, own: SubgraphSettings) -> DispatchingTransport:
        traffic = self._settings.traffic
        settings = TransportSettings(
            http=HttpSettings(max_connections=traffic.max_connections, max_answer_bytes=traffic.max_answer_bytes),
            breaker=BreakerSettings() if traffic.circuit_breaker else None,
            retry=RetrySettings(attempts=traffic.retries + 1) if traffic.retries else None,
            dedupe=traffic.collapse_identical_fetches,
        )
        return build_transport(
            subgraph.name,
            own.url or subgraph.url,
            settings,
            subscriptions=self._open_subscriptions(subgraph, own),
        )

    def _open_subscriptions(self, subgraph: Subgraph, own: SubgraphSettings) -> SubgraphTransport:
        url = own.subscription_url or own.url or subgraph.url
        if own.subscription_protocol != "websocket":
            # Their HTTP client takes a quarter of a second to import, and few subgraphs stream by HTTP.
            from ..transport.http_stream import HttpStreamTransport
            from ..transport.multipart import MULTIPART_ACCEPT, MultipartParser
            from ..transport.sse import SSE_ACCEPT, EventStreamParser

            is_sse = own.subscription_protocol == "sse"
            return HttpStreamTransport(
                subgraph.name,
                url,
                SSE_ACCEPT if is_sse else MULTIPART_ACCEPT,
                EventStreamParser if is_sse else MultipartParser,
                max_answer_bytes=self._settings.traffic.max_answer_bytes,
                on_reconnect=self._on_reconnect,
            )
        options = WebSocketOptions(max_message_size=self._settings.traffic.max_answer_bytes)
        return WebSocketTransport(subgraph.name, url, options, self._on_reconnect)
