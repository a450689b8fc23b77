"""Clients over graphql-transport-ws: queries, mutations and subscriptions on one socket, with bounds on all of it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from starlette.types import Receive, Scope, Send

from ..graphql_ws import (
    SUBPROTOCOL,
    CloseCode,
    CompleteReceived,
    ConnectionClosed,
    InitReceived,
    PingReceived,
    ServerConnection,
    SubscribeReceived,
)
from .auth import Authenticator
from .callers import CallerReader, address_of
from .disconnects import to_the_end
from .error_answers import ErrorAnswers
from .live import LiveSubscriptions
from .pipeline import Pipeline
from .refusals import JsonObject, RequestRefused
from .request import Caller, GraphqlRequest
from .settings import Settings
from .telemetry import Telemetry
from .websocket_protocol import EXTENSION, DirectSocket

# Of a connection_init payload these are never taken as headers: they tell of the connection, not of the person.
_NOT_FROM_PAYLOAD = frozenset({b"x-forwarded-for", b"host", b"origin", b"cookie", b"x-gateway-secret"})

# 1 000 clients a second come back elsewhere: what one process can take (R30).
CLOSED_AT_ONCE = 50
CLOSING_PAUSE = 0.05
# Seconds that a client has to read why its socket is closed.
REFUSAL_TOLD = 1.0


class GraphqlWebSockets:
    """The ASGI endpoint for sockets on the GraphQL path."""

    def __init__(
        self,
        settings: Settings,
        pipeline: Pipeline,
        error_answers: ErrorAnswers,
        callers: CallerReader,
        authenticator: Authenticator | None,
        live: LiveSubscriptions,
        telemetry: Telemetry,
    ) -> None:
        self.settings = settings
        self.pipeline = pipeline
        self.error_answers = error_answers
        self.callers = callers
        self.authenticator = authenticator
        self.live = live
        self.telemetry = telemetry
        self._origins = settings.cors.origins if settings.websocket.origins is None else settings.websocket.origins
        self._sessions: set[ClientSession] = set()
        self._is_stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it is closed."""
        await receive()  # websocket.connect
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if not self._is_origin_allowed(headers):
            return await _refuse(scope, send, 403, "This origin may not open a socket here.")
        if self._is_stopping:
            return await _refuse(scope, send, 503, "The gateway is about to stop.")
        if len(self._sessions) >= self.settings.websocket.max_connections:
            return await _refuse(scope, send, 503, "The gateway has as many open sockets as it may have.")
        if SUBPROTOCOL not in scope["subprotocols"]:
            # Accepted first: a browser is told the reason only of a socket that was open.
            await send({"type": "websocket.accept"})
            code = CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE
            return await send({"type": "websocket.close", "code": code, "reason": "Subprotocol not acceptable"})
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        session = ClientSession(self, scope, headers, send)
        self._sessions.add(session)
        self.telemetry.metrics.sockets.set(len(self._sessions))
        try:
            await session.run(receive)
        finally:
            self._sessions.discard(session)
            self.telemetry.metrics.sockets.set(len(self._sessions))

    async def close_gradually(self, code: CloseCode, reason: str) -> None:
        """Close every socket, a few at a time: their clients come back at once, and not all to the same moment."""
        self._is_stopping = True
        for number, session in enumerate(list(self._sessions), start=1):
            session.close(code, reason)
            if number % CLOSED_AT_ONCE == 0:
                await asyncio.sleep(CLOSING_PAUSE)

    def _is_origin_allowed(self, headers: dict[bytes, bytes]) -> bool:
        origin = headers.get(b"origin")
        # Only browsers send it, and only they can be tricked into opening a socket with somebody else's cookies.
        if origin is None or "*" in self._origins:
            return True
        text = origin.decode("latin-1")
        return text in self._origins or urlsplit(text).netloc == headers.get(b"host", b"").decode("latin-1")


class ClientSession:
    """One socket: its protocol state, its operations, and the bounded queue of what it could not be sent yet."""

    def __init__(self, server: GraphqlWebSockets, scope: Scope, headers: dict[bytes, bytes], send: Send) -> None:
        self._server = server
        self._scope = scope
        self._headers = headers
        self._send = send
        self._direct: DirectSocket | None = scope.get("extensions", {}).get(EXTENSION)
        self._connection = ServerConnection()
        self._caller: Caller | None = None
        self._operation_count = 0
        # How to end what runs under an id: leave a live subscription, or cancel a task.
        self._operations: dict[str, Callable[[], object]] = {}
        self._outbox: deque[str] = deque()
        self._outbox_bytes = 0
        self._flusher: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._closing: tuple[CloseCode, str] | None = None

    async def run(self, receive: Receive) -> None:
        """Read until the socket is closed; free everything in the end, whatever happened."""
        self._start_timer("init", self._server.settings.websocket.init_timeout, self._init_timed_out)
        try:
            while True:
                message = await receive()
                if message["type"] == "websocket.disconnect":
                    return
                text = message.get("text")
                if text is None:
                    text = (message.get("bytes") or b"").decode(errors="replace")
                await self._handle(text)
        finally:
            for timer in self._timers.values():
                timer.cancel()
            for end in list(self._operations.values()):
                end()
            self._operations.clear()
            for task in (*self._tasks, *([self._flusher] if self._flusher else [])):
                task.cancel()

    def close(self, code: CloseCode, reason: str) -> None:
        """Close the socket; what waits to be sent is dropped."""
        if self._closing is not None:
            return
        self._closing = (code, reason)
        self._server.telemetry.metrics.sockets_closed.labels(str(int(code))).inc()
        self._outbox.clear()
        self._connection.close(code, reason)
        if self._direct is not None:
            self._direct.close_now(code, reason)
        else:
            self._run_task(self._send_close(code, reason))

    def send_soon(self, text: str) -> None:
        """Send a message without waiting: at once if the socket takes it, else from the queue, within its bounds."""
        if self._closing is not None:
            return
        # While the flusher runs it may hold a message that is not written yet: nothing goes past it.
        if self._flusher is None and self._direct is not None and self._direct.write_text(text):
            return
        limits = self._server.settings.websocket
        if len(self._outbox) >= limits.queue_messages or self._outbox_bytes + len(text) > limits.queue_bytes:
            self.close(CloseCode.SLOW_CONSUMER, "Slow consumer: messages are read too slowly")
            return
        self._outbox.append(text)
        self._outbox_bytes += len(text)
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())

    async def _send_close(self, code: CloseCode, reason: str) -> None:
        await self._send({"type": "websocket.close", "code": code, "reason": reason})

    async def _flush(self) -> None:
        try:
            while self._outbox:
                text = self._outbox.popleft()
                await self._send({"type": "websocket.send", "text": text})
                self._outbox_bytes -= len(text)
        except OSError:
            self._outbox.clear()  # the client has gone; the reader hears of it too
        finally:
            self._flusher = None
            self._outbox_bytes = 0

    async def _handle(self, text: str) -> None:
        match self._connection.receive(text):
            case SubscribeReceived() as subscribe:
                self._start_operation(subscribe)
            case CompleteReceived(id=operation_id):
                if end := self._operations.pop(operation_id, None):
                    end()
            case InitReceived(payload=payload):
                await self._initialise(payload or {})
            case PingReceived(payload=payload):
                await self._answer_ping(payload)
            case ConnectionClosed(code=code, reason=reason):
                self.close(code, reason)

    async def _initialise(self, payload: JsonObject) -> None:
        headers = {**self._headers, **_headers_of(payload)}
        try:
            self._caller = await self._authenticated_caller(headers)
        except RequestRefused as refusal:
            self.close(CloseCode.FORBIDDEN, refusal.message)
            return
        self._headers = headers
        self._stop_timer("init")
        self.send_soon(self._connection.acknowledge())

    async def _answer_ping(self, payload: JsonObject | None) -> None:
        """Answer a ping; one that carries a token renews the socket's, so that it need not be opened again."""
        headers = _headers_of(payload or {})
        if self._caller is None or b"authorization" not in headers or self._server.authenticator is None:
            self.send_soon(self._connection.pong(payload))
            return
        old_subject = (self._caller.claims or {}).get("sub")
        headers = {**self._headers, b"authorization": headers[b"authorization"]}
        try:
            caller = await self._authenticated_caller(headers)
        except RequestRefused as refusal:
            self.close(CloseCode.FORBIDDEN, refusal.message)
            return
        if old_subject is not None and (caller.claims or {}).get("sub") != old_subject:
            self.close(CloseCode.FORBIDDEN, "The new token is somebody else's")
            return
        self._caller, self._headers = caller, headers
        self.send_soon(self._connection.pong({"renewedUntil": caller.expires_at}))

    async def _authenticated_caller(self, headers: dict[bytes, bytes]) -> Caller:
        caller = self._server.callers.read(headers, address_of(self._scope))
        caller.protocol = "websocket"
        if self._server.authenticator is not None:
            await self._server.authenticator.authenticate(caller, headers)
        left = caller.seconds_left(self._server.settings.jwt.leeway)
        if left is not None:
            self._start_timer("token", left, partial(self.close, CloseCode.FORBIDDEN, "Token expired"))
        else:
            self._stop_timer("token")
        return caller

    def _init_timed_out(self) -> None:
        closed = self._connection.initialisation_timed_out()
        if closed is not None:
            self.close(closed.code, closed.reason)

    def _start_operation(self, event: SubscribeReceived) -> None:
        assert self._caller is not None  # the connection is acknowledged
        self._operation_count += 1
        caller = _caller_of_operation(self._caller, self._operation_count)
        request = GraphqlRequest(event.query, event.operation_name, event.variables, event.extensions)
        if len(self._operations) >= self._server.settings.websocket.max_operations:
            message = f"At most {self._server.settings.websocket.max_operations} operations may run on one socket."
            error = {"message": message, "extensions": {"code": "TOO_MANY_OPERATIONS"}}
            self.send_soon(self._connection.error(event.id, [error]))
            return
        task = self._run_task(self._run_operation(event.id, request, caller))
        self._operations[event.id] = task.cancel

    async def _run_operation(self, operation_id: str, request: GraphqlRequest, caller: Caller) -> None:
        pipeline = self._server.pipeline
        started = time.perf_counter()
        try:
            graph, known = await pipeline.prepare(request, caller)
            if known.prepared.operation_kind == "subscription":
                follower = _Follower(self, operation_id)
                self._operations[operation_id] = self._server.live.join(graph, known, request, caller, follower)
                return
            answering = pipeline.answer(graph, known, request, caller)
            is_mutation = known.prepared.operation_kind == "mutation"
            answer = await (to_the_end(answering) if is_mutation else answering)
        except asyncio.CancelledError:
            self._server.telemetry.disconnected()
            raise
        except Exception as error:
            self.end_operation(operation_id, self._server.error_answers.errors_of(error, caller))
            return
        seconds = time.perf_counter() - started
        self._server.telemetry.operation(caller, known, seconds, answer.errors, answer_bytes=len(answer.body))
        self.deliver(operation_id, answer.body.decode())
        self.end_operation(operation_id, None)

    def deliver(self, operation_id: str, answer: str) -> None:
        """Send one answer of an operation that still runs."""
        if operation_id in self._connection.operation_ids:
            self.send_soon(self._connection.next(operation_id, answer))

    def end_operation(self, operation_id: str, errors: list[JsonObject] | None) -> None:
        """Tell the client that an operation is over."""
        self._operations.pop(operation_id, None)
        if operation_id not in self._connection.operation_ids:
            return
        if errors:
            self.send_soon(self._connection.error(operation_id, errors))
        else:
            self.send_soon(self._connection.complete(operation_id))

    def token_refused(self) -> None:
        """A subgraph has ended a subscription because its token is good no more, and so is nothing else on this socket.

        What is without a token may go on: it only asked for what is not for everybody.
        """
        if b"authorization" in self._headers:
            self._run_task(self._close_after_outbox(CloseCode.FORBIDDEN, "The token is not good any more"))

    async def _close_after_outbox(self, code: CloseCode, reason: str) -> None:
        if self._flusher is not None:
            await asyncio.wait([self._flusher], timeout=REFUSAL_TOLD)
        self.close(code, reason)

    def _run_task(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _start_timer(self, name: str, seconds: float, callback: Callable[[], object]) -> None:
        self._stop_timer(name)
        self._timers[name] = asyncio.get_running_loop().call_later(max(0.0, seconds), callback)

    def _stop_timer(self, name: str) -> None:
        if timer := self._timers.pop(name, None):
            timer.cancel()


class _Follower:
    """A Subscriber that hands the answers of one subscription to its session."""

    __slots__ = ("_operation_id", "_session")

    def __init__(self, session: ClientSession, operation_id: str) -> None:
        self._session = session
        self._operation_id = operation_id

    def deliver(self, answer: str) -> None:
        self._session.deliver(self._operation_id, answer)

    def finish(self, errors: list[JsonObject] | None) -> None:
        self._session.end_operation(self._operation_id, errors)

    def forbid(self) -> None:
        self._session.token_refused()


def _headers_of(payload: JsonObject) -> dict[bytes, bytes]:
    """Return the members of a payload that can be headers: clients put their token here, with or without `headers`
    around.
    """
    nested = payload.get("headers")
    members = {**payload, **(nested if isinstance(nested, dict) else {})}
    headers = {}
    for name, value in members.items():
        key = name.lower().encode("latin-1", errors="ignore")
        if isinstance(value, str) and key not in _NOT_FROM_PAYLOAD and not {"\r", "\n", "\0"} & set(value):
            headers[key] = value.encode("latin-1", errors="ignore")
    return headers


def _caller_of_operation(caller: Caller, number: int) -> Caller:
    """Return the caller under a request id of its own for the n-th operation of its socket."""
    request_id = f"{caller.request_id}.{number}"
    pair = (b"x-request-id", request_id.encode("latin-1"))
    headers = tuple(pair if header[0] == b"x-request-id" else header for header in caller.headers)
    return replace(caller, request_id=request_id, headers=headers)


async def _refuse(scope: Scope, send: Send, status: int, reason: str) -> None:
    """Refuse the handshake with an HTTP status, where the server can; a plain close means 403."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        return await send({"type": "websocket.close", "code": 1008, "reason": reason})
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"1")]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers[: 1 + (status == 503)]})
    return await send({"type": "websocket.http.response.body", "body": reason.encode()})
