"""One keep-alive HTTP/1.1 connection to a subgraph: bytes in, whole answers out. It knows no pool, only "idle again" and "lost"."""

from __future__ import annotations

import asyncio
import zlib
from typing import Protocol, cast

import httptools

from ..errors import SubgraphProtocolError, SubgraphTimeout, SubgraphUnreachable, TransportError
from .dispatch import AnswerCallback, Outcome
from .interface import SubgraphRequest, SubgraphResponse

AUTO_DETECT_ZLIB_OR_GZIP = 47  # zlib's window bits: 32 + 15
BODILESS_STATUSES = frozenset({204, 304})


class ExchangeOwner(Protocol):
    """The pool, as connections and exchanges see it."""

    def connection_idle(self, connection: HttpConnection) -> None: ...
    def connection_lost(self, connection: HttpConnection) -> None: ...
    def exchange_answered(self, exchange: Exchange, response: SubgraphResponse) -> None: ...
    def exchange_given_up(self, exchange: Exchange) -> None: ...
    def send_again(self, exchange: Exchange) -> None: ...


class Exchange:
    """One request on its way: what to send, whom to tell, and until when (`deadline`, in the loop's seconds)."""

    __slots__ = ("_on_outcome", "connection", "deadline", "is_sent_again", "is_settled", "payload", "pool", "request")

    def __init__(
        self, pool: ExchangeOwner, request: SubgraphRequest, payload: bytes, on_outcome: AnswerCallback, deadline: float
    ) -> None:
        self.pool = pool
        self.request = request
        self.payload = payload
        self._on_outcome: AnswerCallback | None = on_outcome
        self.deadline = deadline
        self.connection: HttpConnection | None = None
        self.is_sent_again = False
        self.is_settled = False

    def cancel(self) -> None:
        """Give up: nobody is told, and the connection is closed, as its answer may still come."""
        if not self.is_settled:
            self.is_settled = True
            self._on_outcome = None
            self.pool.exchange_given_up(self)

    def fail(self, error: TransportError) -> None:
        """Tell the caller what went wrong; a connection in use is closed."""
        if not self.is_settled:
            self.pool.exchange_given_up(self)
            self.settle(error)

    def settle(self, outcome: Outcome) -> None:
        """Tell the caller the outcome, once."""
        if self.is_settled:
            return
        self.is_settled = True
        # The caller often holds this exchange, to cancel it: forgetting the caller leaves no cycle for the garbage collector.
        on_outcome, self._on_outcome = self._on_outcome, None
        if on_outcome is not None:
            on_outcome(outcome)

    def time_out(self) -> None:
        """Tell the caller that the time is over."""
        name = self.request.subgraph_name
        why = "no connection could be had" if self.connection is None else "its answer was not whole"
        self.fail(SubgraphTimeout(name, f'Subgraph "{name}" did not answer within {self.request.timeout:g} s: {why}.'))


class HttpConnection(asyncio.Protocol):
    """Sends one exchange at a time and tells its pool of the answer."""

    def __init__(self, pool: ExchangeOwner, max_answer_bytes: int) -> None:
        self._pool = pool
        self._max_answer_bytes = max_answer_bytes
        self._transport: asyncio.Transport | None = None
        self._exchange: Exchange | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._has_answered = False
        self.idle_since = 0.0
        self.opened_at = 0.0
        self.is_closed = False
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._decoder: zlib._Decompress | None = None
        self._body_bytes = 0
        self._status = 0  # 0: the final headers are not here yet
        self._has_begun = False
        self._is_complete = False
        self._is_unsized = False
        self._is_reusable = False

    def send(self, exchange: Exchange) -> None:
        """Write a request. The connection must be idle."""
        assert self._transport is not None
        self._exchange = exchange
        exchange.connection = self
        self._transport.write(exchange.payload)

    def close(self) -> None:
        """Close at once. An exchange under way is not told: its owner knows already."""
        self._exchange = None
        if self._transport is not None and not self.is_closed:
            self._transport.abort()
        self.is_closed = True

    # -- asyncio.Protocol --

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._exchange is None:
            # Bytes that nobody asked for: they must never be taken for the answer to a later request.
            self.close()
            return
        self._has_begun = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(_what_is_wrong(error, self._max_answer_bytes))
            return
        if self._is_complete:
            self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_closed = True
        self._pool.connection_lost(self)
        exchange = self._exchange
        if exchange is None:
            return
        if self._is_unsized and exc is None:
            # Without a length the end of the connection is the end of the answer (RFC 9112, section 6.3).
            self._finish()
            return
        self._exchange = None
        # The peer may close an idle connection just as we use it again; a query may simply be sent once more.
        is_stale = self._has_answered and not self._has_begun
        if is_stale and exchange.request.operation_kind == "query" and not exchange.is_sent_again:
            exchange.is_sent_again = True
            exchange.connection = None
            self._pool.send_again(exchange)
            return
        name = exchange.request.subgraph_name
        exchange.fail(
            SubgraphUnreachable(name, f'Subgraph "{name}" closed the connection before its answer was whole.')
        )

    # -- httptools callbacks --

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            return
        is_sized = status in BODILESS_STATUSES
        for name, value in self._headers:
            match name.lower():
                case b"content-length":
                    is_sized = True
                    if value.isdigit() and int(value) > self._max_answer_bytes:
                        raise _AnswerTooLarge
                case b"transfer-encoding":
                    is_sized = True
                case b"content-encoding":
                    self._decoder = _decoder_for(value)
        self._status = status
        self._is_unsized = not is_sized
        self._is_reusable = is_sized and self._parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:
        if self._decoder is not None:
            if self._decoder.eof:
                raise _TrailingBytes
            body = self._decoder.decompress(body, self._max_answer_bytes - self._body_bytes + 1)
        self._body_bytes += len(body)
        if self._body_bytes > self._max_answer_bytes:
            raise _AnswerTooLarge
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._status == 0:  # 100 Continue, 103 Early Hints: the answer is still to come
            self._headers = []
            return
        # A second answer to one request: nothing on this connection can be trusted any more.
        self._is_reusable = self._is_reusable and not self._is_complete
        self._is_complete = True

    # -- helpers --

    def _begin_answer(self) -> None:
        self._headers = []
        self._body = []
        self._decoder = None
        self._body_bytes = 0
        self._status = 0
        self._has_begun = False
        self._is_complete = False
        self._is_unsized = False
        self._is_reusable = False

    def _finish(self) -> None:
        exchange = self._exchange
        assert exchange is not None
        if self._decoder is not None and not self._decoder.eof:
            self._fail("sent a compressed answer that ends too early")
            return
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        response = SubgraphResponse(self._status, tuple(self._headers), body)
        is_reusable = self._is_reusable and not self.is_closed
        self._begin_answer()
        self._has_answered = True
        self._exchange = exchange.connection = None
        # The connection is free before the caller is told: what the caller fetches next may use it.
        if is_reusable:
            self._pool.connection_idle(self)
        else:
            self.close()
        self._pool.exchange_answered(exchange, response)

    def _fail(self, what: str) -> None:
        exchange, self._exchange = self._exchange, None
        self.close()
        if exchange is not None:
            name = exchange.request.subgraph_name
            exchange.fail(SubgraphProtocolError(name, f'Subgraph "{name}" {what}.'))


class _AnswerTooLarge(Exception):
    """Raised inside a parser callback: the answer is larger than allowed."""


class _UnknownEncoding(Exception):
    """Raised inside a parser callback: the answer is encoded in a way that was not asked for."""


class _TrailingBytes(Exception):
    """Raised inside a parser callback: a compressed answer goes on after its end, and what does not end must not be kept."""


def _decoder_for(encoding: bytes) -> zlib._Decompress | None:
    match encoding.strip().lower():
        case b"gzip" | b"x-gzip" | b"deflate":
            return zlib.decompressobj(AUTO_DETECT_ZLIB_OR_GZIP)
        case b"identity":
            return None
        case _:
            raise _UnknownEncoding


def _what_is_wrong(error: httptools.HttpParserError, max_answer_bytes: int) -> str:
    # httptools wraps what a callback raises and keeps it as the context.
    match error.__context__:
        case _AnswerTooLarge():
            return f"sent an answer of more than {max_answer_bytes} bytes"
        case _TrailingBytes():
            return "sent a compressed answer that goes on after its end"
        case _UnknownEncoding():
            return "sent an answer in a content encoding that was not asked for"
        case zlib.error():
            return "sent a compressed answer that cannot be decompressed"
        case _:
            return f"sent something that is not HTTP/1.1 ({error})"
