"""GraphQL over HTTP as a bare ASGI endpoint: no request object, no middleware, as little as possible between socket and
pipeline.

The specification: https://graphql.github.io/graphql-over-http/draft/
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from starlette.types import Receive, Scope, Send

from ..errors import PlanningLimitExceeded
from ..execution import InvalidVariables, OperationRejected
from .auth import Authenticator
from .callers import CallerReader, address_of
from .cors import Cors
from .csrf import CsrfGuard
from .disconnects import unless_gone
from .error_answers import ErrorAnswers
from .exchange import Exchange, respond
from .explorer import Explorer
from .graph import Graph
from .media_types import HTML, JSON, Accepted, accepted_types, is_json_content
from .multipart import MultipartResponses
from .operations import KnownOperation
from .pipeline import Pipeline, error_body
from .refusals import (
    BadRequest,
    BatchingRefused,
    BodyTooLarge,
    HeaderPairs,
    MethodNotAllowed,
    NotAcceptable,
    RequestRefused,
    RequestTimeout,
    UnsupportedMediaType,
)
from .request import Caller, GraphqlRequest, parse_json_body, request_from_json, request_from_query_string
from .settings import Settings
from .sse import EventStreamResponses
from .telemetry import Telemetry

_METHODS = "GET, POST, OPTIONS"


class GraphqlHttp:
    """The ASGI endpoint for POST, GET and OPTIONS on the GraphQL path."""

    def __init__(
        self,
        settings: Settings,
        pipeline: Pipeline,
        error_answers: ErrorAnswers,
        callers: CallerReader,
        authenticator: Authenticator | None,
        telemetry: Telemetry,
        explorer: Explorer,
        streams: tuple[EventStreamResponses, MultipartResponses],
    ) -> None:
        self._pipeline = pipeline
        self._error_answers = error_answers
        self._callers = callers
        self._authenticator = authenticator
        self._telemetry = telemetry
        self._explorer = explorer
        self._event_streams, self._multipart = streams
        self._cors = Cors(settings.cors)
        self._csrf = CsrfGuard(settings.csrf)
        self._compression = settings.compression
        self._max_body = settings.limits.body
        self._body_timeout = settings.connections.body_timeout
        self._batching = settings.batching

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        method = scope["method"]
        if method == "OPTIONS":
            preflight = self._cors.preflight_headers(headers) or ((b"allow", _METHODS.encode()),)
            return await respond(send, 204, b"", JSON, preflight)
        accepted = accepted_types(headers.get(b"accept", b""))
        if method == "GET" and self._explorer.is_wanted(accepted, scope["query_string"]):
            return await respond(send, 200, self._explorer.page(), HTML, ())
        caller = self._callers.read(headers, address_of(scope))
        cors = self._cors.response_headers(headers.get(b"origin"))
        encoding = headers.get(b"accept-encoding", b"")
        exchange = Exchange(method, accepted, cors, receive, send, caller, encoding, self._compression)
        try:
            self._csrf.check(method, headers)
            if self._authenticator is not None:
                await self._authenticator.authenticate(caller, headers)
            request = await self._read(scope, headers, receive)
            if isinstance(request, list):
                return await self._answer_batch(request, exchange)
            return await self._answer(request, exchange)
        except Exception as error:
            return await exchange.respond(*self.failure(error, accepted, caller))

    def failure(self, error: Exception, accepted: Accepted, caller: Caller) -> tuple[int, bytes, HeaderPairs]:
        """Return status, body and headers of the answer to a request that ended with an error, and count it."""
        match error:
            case RequestRefused():
                self._telemetry.refused(caller, error.code, error.status)
                return error.status, error_body([error.formatted()]), error.headers
            case OperationRejected() | InvalidVariables():
                # The older media type answers every well-formed request with 200.
                status = 200 if accepted.single is JSON else 400
                self._telemetry.refused(caller, "OPERATION_REJECTED", status)
            case PlanningLimitExceeded():
                # As with every other limit: it is the operation that is refused.
                status = 400
                self._telemetry.refused(caller, error.code, status)
            case _:
                status = 500
        return status, error_body(self._error_answers.errors_of(error, caller)), ()

    async def _read(
        self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive
    ) -> GraphqlRequest | list[GraphqlRequest]:
        """Return the request, or those that a batch holds. Raises RequestRefused."""
        method = scope["method"]
        if method == "GET":
            request = request_from_query_string(scope["query_string"])
            if request is None:
                raise BadRequest("The parameter 'query' is missing.")
            return request
        if method != "POST":
            raise MethodNotAllowed(f"{method} is not supported; use GET or POST.", _METHODS)
        if not is_json_content(headers.get(b"content-type", b"")):
            raise UnsupportedMediaType("The body must be JSON: set the header content-type: application/json.")
        try:
            async with asyncio.timeout(self._body_timeout):
                body = await self._read_body(headers, receive)
        except TimeoutError as error:
            raise RequestTimeout(f"The body did not arrive within {self._body_timeout:g} s.") from error
        value = parse_json_body(body)
        if not isinstance(value, list):
            return request_from_json(value)
        if not self._batching:
            raise BatchingRefused("Several operations in one request are not supported; send one JSON object.")
        if not 0 < len(value) <= self._batching:
            raise BatchingRefused(f"One request may hold 1 to {self._batching} operations, not {len(value)}.")
        return [request_from_json(item) for item in value]

    async def _read_body(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > self._max_body:
            raise BodyTooLarge(f"The body may have at most {self._max_body} bytes.")
        message = await receive()
        body: bytes = message.get("body", b"")
        chunks, size = [body], len(body)
        while size <= self._max_body:
            if not message.get("more_body"):
                return body if len(chunks) == 1 else b"".join(chunks)
            message = await receive()
            if message["type"] == "http.disconnect":
                raise BadRequest("The body did not arrive whole.")
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
        raise BodyTooLarge(f"The body may have at most {self._max_body} bytes.")

    async def _answer(self, request: GraphqlRequest, exchange: Exchange) -> None:
        graph, known = await self._pipeline.prepare(request, exchange.caller)
        kind = known.prepared.operation_kind
        if kind == "subscription":
            return await self._subscribe(graph, known, request, exchange)
        if kind == "mutation" and exchange.method == "GET":
            raise MethodNotAllowed("A mutation cannot be sent by GET; use POST.", "POST")
        accepted = exchange.accepted
        if accepted.single is None and not accepted.multipart_incremental and not accepted.event_stream:
            raise NotAcceptable("Accept application/graphql-response+json or application/json.")
        started = time.perf_counter()
        caller = exchange.caller
        if accepted.multipart_incremental and known.prepared.compiled.has_deferred:
            executing = self._pipeline.execute_in_parts(graph, known, request, caller)
            result = await (unless_gone(executing, exchange.client_has_gone()) if kind == "query" else executing)
            if result is None:
                return self._telemetry.disconnected()
            if result.patches is not None:
                self._telemetry.operation(caller, known, time.perf_counter() - started, len(result.errors))
                # Whatever the operation is: parts that come later only tell of what is done already.
                if not await unless_gone(self._multipart.incremental(result, exchange), exchange.client_has_gone()):
                    self._telemetry.disconnected()
                return None
            answer = self._pipeline.answer_of(result)
        else:
            answering = self._pipeline.answer(graph, known, request, caller)
            # A mutation goes on without its client: half of it may have happened.
            if kind == "query":
                wanted = await unless_gone(answering, exchange.client_has_gone())
                if wanted is None:
                    return self._telemetry.disconnected()
                answer = wanted
            else:
                answer = await answering
        seconds = time.perf_counter() - started
        self._telemetry.operation(caller, known, seconds, answer.errors, answer_bytes=len(answer.body))
        if accepted.single is None and accepted.event_stream:
            return await self._event_streams.single(answer.body, exchange)
        return await exchange.respond(200, answer.body, answer.headers)

    async def _subscribe(
        self, graph: Graph, known: KnownOperation, request: GraphqlRequest, exchange: Exchange
    ) -> None:
        if exchange.accepted.multipart_subscription:
            return await self._multipart.subscription(graph, known, request, exchange)
        if exchange.accepted.event_stream:
            return await self._event_streams.subscription(graph, known, request, exchange)
        raise NotAcceptable(
            "A subscription needs a WebSocket (graphql-transport-ws), or the header accept: text/event-stream or "
            "multipart/mixed;subscriptionSpec=1.0."
        )

    async def _answer_batch(self, requests: list[GraphqlRequest], exchange: Exchange) -> None:
        """Answer a batch in order, one after the other: a batch must not buy more concurrency than one request."""
        bodies = []
        for request in requests:
            try:
                bodies.append(await self._answer_of_batch(request, exchange.caller))
            except Exception as error:
                bodies.append(error_body(self._error_answers.errors_of(error, exchange.caller)))
        await exchange.respond(200, b"[" + b",".join(bodies) + b"]")

    async def _answer_of_batch(self, request: GraphqlRequest, caller: Caller) -> bytes:
        started = time.perf_counter()
        graph, known = await self._pipeline.prepare(request, caller)
        if known.prepared.operation_kind == "subscription":
            raise BadRequest("A subscription cannot be part of a batch.")
        answer = await self._pipeline.answer(graph, known, request, caller)
        seconds = time.perf_counter() - started
        self._telemetry.operation(caller, known, seconds, answer.errors, answer_bytes=len(answer.body))
        return answer.body
