"""DirectGraphql: the short way of a request, past ASGI: what is known already is answered without a task of its own.

It answers exactly as `GraphqlHttp` does, or leaves the request to it: an operation that is new, a token that is new,
a stream, a batch, a request with a fault.
"""

from __future__ import annotations

import asyncio
import time

import orjson

from ..transport import NOTHING_TO_CANCEL, Cancellable
from .auth import Authenticator
from .callers import CallerReader
from .compression import ASIDE_BYTES, accepts_gzip, compressed
from .cors import Cors
from .http import GraphqlHttp
from .http_protocol import DirectExchange
from .media_types import JSON, Accepted, accepted_types, is_json_content
from .operations import KnownOperation
from .pipeline import BUSY, Answer, Pipeline, error_body
from .refusals import HeaderPairs, Overloaded, RequestRefused
from .request import Caller, request_from_json
from .settings import Settings
from .telemetry import Telemetry

_BUSY_BODY = error_body([Overloaded(BUSY).formatted()])


class DirectGraphql:
    """A DirectEndpoint for POST on the GraphQL path."""

    def __init__(
        self,
        settings: Settings,
        pipeline: Pipeline,
        callers: CallerReader,
        authenticator: Authenticator | None,
        telemetry: Telemetry,
        graphql_http: GraphqlHttp,
    ) -> None:
        self.path = settings.path.encode()
        self.head_timeout = settings.connections.header_timeout
        self._pipeline = pipeline
        self._callers = callers
        self._authenticator = authenticator
        self._cors = Cors(settings.cors)
        self._max_body = settings.limits.body
        self.compression = settings.compression
        self.telemetry = telemetry
        self.graphql_http = graphql_http

    def take(self, exchange: DirectExchange) -> bool:
        """Begin to answer, or return False with nothing done and nothing counted."""
        headers = exchange.headers
        accepted = accepted_types(headers.get(b"accept", b""))
        # A content type of JSON also satisfies the guard against forged requests.
        if not accepted.is_plain or not is_json_content(headers.get(b"content-type", b"")):
            return False
        if len(exchange.body) > self._max_body:
            return False
        if self._pipeline.is_full:
            self._shed(exchange, accepted)
            return True
        caller = self._callers.read(headers, exchange.client_address)
        try:
            if self._authenticator is not None and not self._authenticator.authenticate_at_once(caller, headers):
                return False
            request = request_from_json(orjson.loads(exchange.body))
            found = self._pipeline.known(request, caller)
        except (RequestRefused, orjson.JSONDecodeError):
            return False
        if found is None:
            return False
        graph, known = found
        kind = known.prepared.operation_kind
        if kind == "subscription":
            return False
        cors = self._cors.response_headers(headers.get(b"origin"))
        answering = _Answering(self, exchange, caller, known, accepted, cors)
        try:
            self._pipeline.admit(caller)
            handle = self._pipeline.start(graph, known, request, caller, answering)
        except Exception as error:
            answering(error)
            return True
        # What a mutation has begun is done to its end, whoever waits for it.
        if kind == "query" and not exchange.response_complete:
            answering.handle = handle
            exchange.handle = answering
        return True

    def _shed(self, exchange: DirectExchange, accepted: Accepted) -> None:
        """Refuse at the least price, before anything is read: what it costs to refuse is taken from those who are let in."""
        headers = exchange.headers
        caller = self._callers.read_id(headers)
        self.telemetry.shed()
        self.telemetry.refused(caller, Overloaded.code, Overloaded.status)
        lines = b"content-type: %b\r\nx-request-id: %b\r\nretry-after: 1\r\n" % (
            accepted.single or JSON,
            headers[b"x-request-id"],
        )
        cors = self._cors.response_headers(headers.get(b"origin"))
        exchange.answer(Overloaded.status, lines + b"".join([b"%b: %b\r\n" % pair for pair in cors]), _BUSY_BODY)


class _Answering:
    """Called with the answer: counts it and sends it."""

    __slots__ = ("_accepted", "_caller", "_cors", "_endpoint", "_exchange", "_known", "_started", "handle")

    def __init__(
        self,
        endpoint: DirectGraphql,
        exchange: DirectExchange,
        caller: Caller,
        known: KnownOperation,
        accepted: Accepted,
        cors: HeaderPairs,
    ) -> None:
        self._endpoint = endpoint
        self._exchange = exchange
        self._caller = caller
        self._known = known
        self._accepted = accepted
        self._cors = cors
        self._started = time.perf_counter()
        self.handle: Cancellable = NOTHING_TO_CANCEL

    def __call__(self, answer: Answer | Exception) -> None:
        endpoint = self._endpoint
        # The exchange lets go of this when it is answered: nothing is left that refers to itself.
        self.handle = NOTHING_TO_CANCEL
        if isinstance(answer, Exception):
            self._send(*endpoint.graphql_http.failure(answer, self._accepted, self._caller))
            return
        seconds = time.perf_counter() - self._started
        body = answer.body
        endpoint.telemetry.operation(self._caller, self._known, seconds, answer.errors, answer_bytes=len(body))
        self._send(200, body, answer.headers)

    def cancel(self) -> None:
        """Give the operation up: the client has gone."""
        self.handle.cancel()
        self._endpoint.telemetry.disconnected()

    def _send(self, status: int, body: bytes, headers: HeaderPairs) -> None:
        compression = self._endpoint.compression
        encoding = self._exchange.headers.get(b"accept-encoding", b"")
        if len(body) < compression.min_bytes:
            self._write(status, body, headers)
        elif len(body) >= ASIDE_BYTES and compression.enabled and accepts_gzip(encoding):
            loop = asyncio.get_running_loop()
            pressing = loop.run_in_executor(None, compressed, body, encoding, compression)
            pressing.add_done_callback(
                lambda done: self._write(status, done.result()[0], (*headers, *done.result()[1]))
            )
        else:
            body, more = compressed(body, encoding, compression)
            self._write(status, body, (*headers, *more))

    def _write(self, status: int, body: bytes, headers: HeaderPairs) -> None:
        lines = b"content-type: %b\r\nx-request-id: %b\r\n" % (
            self._accepted.single or JSON,
            self._caller.request_id.encode("latin-1"),
        )
        if headers or self._cors:
            lines += b"".join([b"%b: %b\r\n" % pair for pair in (*self._cors, *headers)])
        self._exchange.answer(status, lines, body)
