"""WebSocketTransport: subscriptions to one subgraph over graphql-transport-ws, one multiplexed socket for each
identity.

A socket that breaks is opened again with backoff, and every subscription on it is started again with its first
request: its client notices nothing but the pause. What the subgraph sent in between is lost unless the operation
itself can ask for it again (an argument such as `after`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit, urlunsplit

from ..errors import (
    SubgraphProtocolError,
    SubgraphTimeout,
    TransportError,
)
from .interface import SubgraphRequest, SubgraphResponse
from .upstream_socket import UpstreamSocket, WebSocketOptions

# They differ from request to request and say nothing about who asks: they must not split sockets.
_PER_REQUEST_HEADERS = frozenset({b"x-request-id", b"traceparent", b"tracestate", b"content-type", b"accept"})


class WebSocketTransport:
    """A `SubgraphTransport` for one subgraph; sockets are opened on first use and shared by requests of one identity."""

    def __init__(
        self,
        subgraph_name: str,
        url: str,
        options: WebSocketOptions | None = None,
        on_reconnect: Callable[[str], None] | None = None,
    ) -> None:
        self._subgraph_name = subgraph_name
        self._url = websocket_url(url)
        self._options = options or WebSocketOptions()
        self._on_reconnect = on_reconnect
        self._sockets: dict[tuple[object, ...], UpstreamSocket] = {}

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Send a query or mutation over the shared socket; its answer is the first one that arrives."""
        answers = self.subscribe(request)
        try:
            async with asyncio.timeout(request.timeout):
                async for body in answers:
                    return SubgraphResponse(200, ((b"content-type", b"application/json"),), body)
        except TimeoutError as error:
            raise SubgraphTimeout(
                self._subgraph_name, f"no answer over WebSocket within {request.timeout} s"
            ) from error
        finally:
            await answers.aclose()  # type: ignore[attr-defined]  # an async generator behind the port's iterator
        raise SubgraphProtocolError(self._subgraph_name, "the operation was completed without an answer")

    async def subscribe(self, request: SubgraphRequest) -> AsyncIterator[bytes]:
        """Yield the answers of one subscription until the subgraph completes it; an `error` message is the last
        answer.
        """
        socket = self._socket_for(request)
        subscription = socket.add(request)
        try:
            await socket.start(subscription, request.timeout)
            while True:
                item = await subscription.events.get()
                if item is None:
                    return
                if isinstance(item, TransportError):
                    raise item
                yield item
        finally:
            await socket.remove(subscription)

    async def aclose(self) -> None:
        """Close all sockets; running subscriptions end with SubgraphUnreachable."""
        sockets = list(self._sockets.values())
        self._sockets.clear()
        await asyncio.gather(*(socket.aclose() for socket in sockets))

    def _socket_for(self, request: SubgraphRequest) -> UpstreamSocket:
        headers = tuple(header for header in request.headers if header[0] not in _PER_REQUEST_HEADERS)
        # The identity holds whatever can change an answer; without one the headers themselves are the only thing to go by.
        key = (request.identity or headers,)
        socket = self._sockets.get(key)
        if socket is None or socket.is_finished:
            socket = UpstreamSocket(self._subgraph_name, self._url, headers, self._options, self._on_reconnect)
            socket.on_finished = lambda: self._forget(key, socket)
            self._sockets[key] = socket
        return socket

    def _forget(self, key: tuple[object, ...], socket: UpstreamSocket) -> None:
        if self._sockets.get(key) is socket:
            del self._sockets[key]


def websocket_url(url: str) -> str:
    """Return the ws:// or wss:// form of a subgraph's URL."""
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    return urlunsplit(parts._replace(scheme=scheme))
