"""The HTTP protocol under the app: what most requests are (POST, JSON, a known operation) is answered straight from
the parser's callbacks; everything else goes uvicorn's way, through ASGI.

Measured: scope, messages, task and timers of the ASGI way are more than half of what a small answer costs.
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from ..transport import NOTHING_TO_CANCEL, Cancellable
from .joined_writes import HeadHoldingTransport

# The header that ends a connection after the answer.
CLOSE = (b"connection", b"close")
# Bytes of a head that comes in pieces (llhttp has no bound of its own); what comes in one piece is bounded by the read buffer.
MAX_HEAD = 64 * 1024


class DirectEndpoint(Protocol):
    """What can answer without ASGI."""

    path: bytes
    """The target of the requests that it is offered."""
    head_timeout: float
    """Seconds in which the head of any request must be whole; who dribbles it in holds a connection and nothing else."""

    def take(self, exchange: DirectExchange) -> bool:
        """Begin to answer; or return False, with nothing done and nothing counted, to let the ASGI app do it."""
        ...


class DirectExchange:
    """One request that is offered to the endpoint, and the way back to its client.

    To uvicorn it looks like the request/response cycle that a connection is busy with.
    """

    __slots__ = (
        "_protocol", "body", "disconnected", "handle", "headers", "keep_alive", "message_event", "response_complete",
    )  # fmt: skip

    def __init__(self, protocol: GatewayHttpProtocol, headers: dict[bytes, bytes], body: bytes) -> None:
        self._protocol = protocol
        self.headers = headers
        self.body = body
        self.handle: Cancellable = NOTHING_TO_CANCEL
        """What is given up when the client goes away."""
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False
        self.message_event = NOBODY_WAITS

    @property
    def client_address(self) -> str:
        """Address of whoever is at the other end of the connection."""
        client = self._protocol.client
        return client[0] if client else ""

    def answer(self, status: int, headers: bytes, body: bytes) -> None:
        """Send the whole answer; `headers` are whole lines, without content-length."""
        if not self.response_complete:
            self.response_complete = True
            # The exchange stays with its connection until the next one: what only answering needed goes now.
            self.handle = NOTHING_TO_CANCEL
            self.headers = {}
            self.body = b""
            self._protocol.write_answer(self, status, headers, body)


class _NobodyWaits:
    def set(self) -> None:
        """Stand in for the event that tells an ASGI app of a disconnect."""


NOBODY_WAITS = _NobodyWaits()


class GatewayHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a short way for one endpoint, and with one timer a connection instead of one a request."""

    def __init__(
        self,
        endpoint: DirectEndpoint,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._endpoint = endpoint
        self._socket: asyncio.Transport = None  # type: ignore[assignment]  # set when the connection is made
        self._reads_head = False
        self._head_bytes = 0
        self._is_direct = False
        """Whether the request whose body is being read is to be offered to the endpoint."""
        self._body = b""
        self._exchange: DirectExchange | None = None
        self._idle_since = 0.0
        self._idle_timer: asyncio.TimerHandle | None = None
        self._head_timer: asyncio.TimerHandle | None = None
        self._default_headers: list[tuple[bytes, bytes]] = []
        self._default_lines = b""
        self._is_last = False
        """Whether each answer is the last one of its connection: the process is about to stop."""

    # -- what asyncio tells --

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        self._socket = transport
        super().connection_made(cast(asyncio.Transport, HeadHoldingTransport(transport, self.loop)))
        self._idle_since = self.loop.time()
        self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._close_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timers()
        super().connection_lost(exc)
        exchange, self._exchange = self._exchange, None
        if exchange is not None and not exchange.response_complete:
            exchange.response_complete = True
            exchange.handle.cancel()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_direct:
            # The body did not come together with the head. The ASGI way knows how long to wait for the rest.
            self._go_on_by_asgi()
        if self._reads_head:
            if self._head_timer is None:
                self._head_timer = self.loop.call_later(self._endpoint.head_timeout, self._refuse_head, 408)
                self._head_bytes = 0
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD:
                self._refuse_head(431)
        elif self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def handle_websocket_upgrade(self) -> None:
        # The connection is another protocol's from now on, which has timers of its own.
        self._stop_timers()
        self.transport = self._socket
        super().handle_websocket_upgrade()

    # -- what the parser tells --

    def on_message_begin(self) -> None:
        # What ASGI needs of a request is made when it is known to go that way.
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._reads_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        # Those behind a chunked body are no headers (RFC 9110, 6.5.1): whoever vouches for the head has not seen them.
        if self._reads_head:
            name = name.lower()
            if name == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._reads_head = False
        if self.url == self._endpoint.path and self._can_be_direct():
            self._is_direct = True
            self._body = b""
        else:
            self._begin_asgi()

    def on_body(self, body: bytes) -> None:
        if self._is_direct:
            self._body = self._body + body if self._body else body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._is_direct:
            super().on_message_complete()
            return
        before = self.cycle
        exchange = self._exchange = DirectExchange(self, dict(self.headers), self._body)
        self.cycle = cast(Any, exchange)
        if self._endpoint.take(exchange):
            self._is_direct = False
            return
        self.cycle = before
        self._go_on_by_asgi()
        super().on_message_complete()

    # -- the direct way --

    def write_answer(self, exchange: DirectExchange, status: int, headers: bytes, body: bytes) -> None:
        """Write a whole answer at once; then the connection is free for the next request."""
        self.server_state.total_requests += 1
        socket = self._socket
        if socket.is_closing():
            return
        if self._default_headers is not self.server_state.default_headers:
            # uvicorn makes the list anew each second, for the date in it.
            self._read_default_headers()
        is_last = self._is_last or not exchange.keep_alive
        end = b"connection: close\r\n\r\n" if is_last else b"\r\n"
        socket.write(
            b"%b%b%bcontent-length: %d\r\n%b%b"
            % (STATUS_LINE[status], self._default_lines, headers, len(body), end, body)
        )
        if is_last:
            socket.close()
        elif self.pipeline:
            self._start_next()
        else:
            self._idle_since = self.loop.time()

    def _read_default_headers(self) -> None:
        headers = self._default_headers = self.server_state.default_headers
        self._is_last = CLOSE in headers
        self._default_lines = b"".join([b"%b: %b\r\n" % pair for pair in headers if pair != CLOSE])

    def _can_be_direct(self) -> bool:
        parser = self.parser
        return (
            (self.cycle is None or self.cycle.response_complete)
            and parser.get_method() == b"POST"
            and not self.expect_100_continue
            and not self.flow.write_paused  # the ASGI way waits until the client has read
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and parser.get_http_version() == "1.1"
        )

    # -- the ASGI way --

    def _begin_asgi(self) -> None:
        url, headers, expects_continue = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url = url
        self.headers.extend(headers)
        self.expect_100_continue = expects_continue
        super().on_headers_complete()

    def _go_on_by_asgi(self) -> None:
        self._is_direct = False
        self._begin_asgi()
        if self._body:
            super().on_body(self._body)

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if self.pipeline:
            self._start_next()
        else:
            self.flow.resume_reading()
            self._idle_since = self.loop.time()

    def _start_next(self) -> None:
        self.flow.resume_reading()
        cycle, app = self.pipeline.pop()
        self._start_asgi_task(cycle, app)

    # -- timers --

    def _unset_keepalive_if_required(self) -> None:
        """Do nothing: the one timer of the connection looks for itself."""

    def _close_if_idle(self) -> None:
        is_busy = self._reads_head or (self.cycle is not None and not self.cycle.response_complete)
        idle = 0.0 if is_busy else self.loop.time() - self._idle_since
        if idle >= self.timeout_keep_alive:
            self._idle_timer = None
            self.timeout_keep_alive_handler()
        else:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive - idle, self._close_if_idle)

    def _refuse_head(self, status: int) -> None:
        if not self._socket.is_closing():
            self._socket.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
            self._socket.close()

    def _stop_timers(self) -> None:
        for timer in (self._idle_timer, self._head_timer):
            if timer is not None:
                timer.cancel()
        self._idle_timer = self._head_timer = None
