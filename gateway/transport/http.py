"""HttpTransport: GraphQL over HTTP/1.1 to one subgraph, with a pool of keep-alive connections.

Written for the gateway's hot path: no task, no timer and no copy per request. One sweep, every `SWEEP_SECONDS` while something is in
flight, ends what is past its deadline.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import SubgraphOverloaded, SubgraphProtocolError, SubgraphTimeout, SubgraphUnreachable
from .addresses import Resolver, connect_to_any, is_address, resolve_by_dns
from .dispatch import NOTHING_TO_CANCEL, AnswerCallback, Cancellable, DispatchingTransport
from .http_connection import Exchange, HttpConnection
from .interface import SubgraphRequest, SubgraphResponse

SWEEP_SECONDS = 0.025  # how late a timeout may be told
FORBIDDEN_IN_HEADERS = (b"\r", b"\n", b"\0")
ACCEPT = b"application/graphql-response+json, application/json;q=0.9"


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Bounds of the connections to one subgraph; times in seconds."""

    max_connections: int = 100
    max_waiting: int = 1000
    """Requests that may wait for a connection; more are refused at once with `SubgraphOverloaded`."""
    connect_timeout: float = 2.0
    max_answer_bytes: int = 10 * 1024 * 1024
    keep_idle: float = 4.0
    """How long an unused connection is kept: less than the 5 s after which uvicorn and Node close theirs."""
    accept_compressed: bool = True
    keep_at_most: float = 60.0
    """How long a connection to a host that is a name is kept, busy or not: then its addresses are asked for again."""


class HttpTransport(DispatchingTransport):
    """Sends queries and mutations to `url` (http or https)."""

    def __init__(
        self,
        subgraph_name: str,
        url: str,
        settings: HttpSettings | None = None,
        tls: ssl.SSLContext | None = None,
        resolve: Resolver = resolve_by_dns,
    ) -> None:
        self._name = subgraph_name
        self._resolve = resolve
        self._settings = settings or HttpSettings()
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f'The URL of subgraph "{subgraph_name}" must be http://... or https://..., not "{url}".')
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._keep_at_most = float("inf") if is_address(self._host) else self._settings.keep_at_most
        self._tls = (tls or ssl.create_default_context()) if parts.scheme == "https" else None
        self._head = _request_head(parts.path or "/", parts.query, parts.netloc.rpartition("@")[2], self._settings)
        self._idle: list[HttpConnection] = []
        self._connections: set[HttpConnection] = set()
        self._connecting: set[asyncio.Task[None] | None] = set()
        self._waiting: deque[Exchange] = deque()
        self._in_flight: set[Exchange] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._last_headers: tuple[tuple[bytes, bytes], ...] = ()
        self._last_head = b"\r\n\r\n"
        self._is_closed = False

    def __repr__(self) -> str:
        busy = len(self._connections) - len(self._idle)
        return f"<HttpTransport {self._name}: {busy} busy, {len(self._idle)} idle, {len(self._waiting)} waiting>"

    def dispatch(self, request: SubgraphRequest, on_outcome: AnswerCallback) -> Cancellable:
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        if self._is_closed:
            on_outcome(SubgraphUnreachable(self._name, f'The connections to subgraph "{self._name}" are closed.'))
            return NOTHING_TO_CANCEL
        if len(self._waiting) >= self._settings.max_waiting:
            on_outcome(SubgraphOverloaded(self._name, f'Too many requests wait for subgraph "{self._name}".'))
            return NOTHING_TO_CANCEL
        body = request.body
        payload = b"%b%d%b%b" % (self._head, len(body), self._header_bytes(request.headers), body)
        exchange = Exchange(self, request, payload, on_outcome, loop.time() + request.timeout)
        self._in_flight.add(exchange)
        if self._sweep is None:
            self._sweep = loop.call_later(SWEEP_SECONDS, self._end_overdue)
        self.send_again(exchange)
        return exchange

    async def aclose(self) -> None:
        self._is_closed = True
        for exchange in tuple(self._in_flight):
            exchange.fail(SubgraphUnreachable(self._name, f'The connections to subgraph "{self._name}" are closed.'))
        for task in tuple(self._connecting):
            if task is not None:
                task.cancel()
        for connection in tuple(self._connections):
            connection.close()
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None

    # -- what connections and exchanges tell --

    def send_again(self, exchange: Exchange) -> None:
        """Send over an idle connection, or queue for one and open one more if the limit allows."""
        assert self._loop is not None
        oldest = self._loop.time() - self._settings.keep_idle
        while self._idle:
            connection = self._idle.pop()  # the last one used: the others may grow old
            if connection.idle_since >= oldest and not connection.is_closed:
                connection.send(exchange)
                return
            connection.close()
        self._waiting.append(exchange)
        self._connect_if_needed()

    def connection_idle(self, connection: HttpConnection) -> None:
        assert self._loop is not None
        now = self._loop.time()
        if now - connection.opened_at > self._keep_at_most:
            connection.close()  # who waits gets the one that is opened in its place
            return
        while self._waiting:
            exchange = self._waiting.popleft()
            if not exchange.is_settled:
                connection.send(exchange)
                return
        connection.idle_since = now
        self._idle.append(connection)
        if self._sweep is None:
            self._sweep = self._loop.call_later(SWEEP_SECONDS, self._end_overdue)

    def connection_lost(self, connection: HttpConnection) -> None:
        self._connections.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._connect_if_needed()

    def exchange_answered(self, exchange: Exchange, response: SubgraphResponse) -> None:
        self._in_flight.discard(exchange)
        if is_json(response):
            exchange.settle(response)
            return
        message = f'Subgraph "{self._name}" answered with HTTP status {response.status} and no JSON.'
        exchange.settle(SubgraphProtocolError(self._name, message))

    def exchange_given_up(self, exchange: Exchange) -> None:
        self._in_flight.discard(exchange)
        connection, exchange.connection = exchange.connection, None
        if connection is not None:
            connection.close()

    # -- helpers --

    def _connect_if_needed(self) -> None:
        if self._is_closed or self._loop is None:
            return
        wanted = len(self._waiting) - len(self._connecting)
        room = self._settings.max_connections - len(self._connections) - len(self._connecting)
        for _ in range(min(wanted, room)):
            task = self._loop.create_task(self._connect())
            self._connecting.add(task)

    async def _connect(self) -> None:
        assert self._loop is not None
        task = asyncio.current_task()
        try:
            async with asyncio.timeout(self._settings.connect_timeout):
                connection = await connect_to_any(
                    lambda: HttpConnection(self, self._settings.max_answer_bytes),
                    self._host,
                    self._port,
                    self._tls,
                    self._resolve,
                )
        except TimeoutError:
            message = f'No connection to subgraph "{self._name}" within {self._settings.connect_timeout:g} s.'
            self._fail_first_waiting(SubgraphTimeout(self._name, message))
        except (OSError, ssl.SSLError) as error:
            reason = error.strerror or type(error).__name__
            self._fail_first_waiting(
                SubgraphUnreachable(self._name, f'No connection to subgraph "{self._name}": {reason}.')
            )
        else:
            self._connecting.discard(task)
            if self._is_closed:
                connection.close()
                return
            connection.opened_at = self._loop.time()
            self._connections.add(connection)
            self.connection_idle(connection)
        finally:
            self._connecting.discard(task)

    def _fail_first_waiting(self, error: SubgraphTimeout | SubgraphUnreachable) -> None:
        while self._waiting:
            exchange = self._waiting.popleft()
            if not exchange.is_settled:
                exchange.fail(error)
                return

    def _end_overdue(self) -> None:
        assert self._loop is not None
        now = self._loop.time()
        for exchange in [exchange for exchange in self._in_flight if exchange.deadline <= now]:
            exchange.time_out()
        oldest = now - self._settings.keep_idle
        while self._idle and self._idle[0].idle_since < oldest:
            self._idle.pop(0).close()
        is_needed = self._in_flight or self._idle
        self._sweep = self._loop.call_later(SWEEP_SECONDS, self._end_overdue) if is_needed else None

    def _header_bytes(self, headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
        # One client request sends the same tuple to several subgraphs and several times: its bytes are made once.
        if headers is not self._last_headers:
            lines = b"".join([b"\r\n%b: %b" % pair for pair in headers])
            if lines.count(b"\r") != len(headers) or lines.count(b"\n") != len(headers) or b"\0" in lines:
                lines = b"".join([b"\r\n%b: %b" % pair for pair in headers if _is_safe(pair)])
            self._last_head = lines + b"\r\n\r\n"
            self._last_headers = headers
        return self._last_head


def is_json(response: SubgraphResponse) -> bool:
    """Whether the answer says that it is JSON; one that says nothing is believed when it looks like it."""
    for name, value in response.headers:
        if len(name) == 12 and name.lower() == b"content-type":
            media_type = value.partition(b";")[0].strip().lower()
            return media_type == b"application/json" or media_type.endswith(b"+json")
    return response.body[:1] == b"{"


def _is_safe(pair: tuple[bytes, bytes]) -> bool:
    # A line break in a propagated header would let a client write headers of its own.
    return not any(forbidden in part for part in pair for forbidden in FORBIDDEN_IN_HEADERS)


def _request_head(path: str, query: str, host: str, settings: HttpSettings) -> bytes:
    target = f"{path}?{query}" if query else path
    lines = [
        f"POST {target} HTTP/1.1".encode("ascii"),
        b"host: " + host.encode("idna" if not host.isascii() else "ascii"),
        b"accept: " + ACCEPT,
        b"content-type: application/json",
    ]
    if settings.accept_compressed:
        lines.append(b"accept-encoding: gzip, deflate")
    return b"\r\n".join(lines) + b"\r\ncontent-length: "
