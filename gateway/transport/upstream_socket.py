"""UpstreamSocket: one graphql-transport-ws socket to a subgraph, opened again when it breaks, with the subscriptions on it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import orjson
from websockets.asyncio.client import ClientConnection as WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed as WebSocketClosed
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from ..errors import (
    SubgraphOverloaded,
    SubgraphUnreachable,
    TransportError,
)
from ..graphql_ws import (
    SUBPROTOCOL,
    AckReceived,
    ClientConnection,
    CloseCode,
    CompleteReceived,
    ConnectionClosed,
    ErrorReceived,
    NextReceived,
    PingReceived,
)
from .interface import SubgraphRequest

# The subgraph will answer the same way however often it is asked.
_FATAL_CLOSE_CODES = frozenset(
    {
        CloseCode.BAD_RESPONSE,
        CloseCode.BAD_REQUEST,
        CloseCode.UNAUTHORIZED,
        CloseCode.FORBIDDEN,
        CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE,
        CloseCode.SUBSCRIBER_ALREADY_EXISTS,
        CloseCode.TOO_MANY_INITIALISATION_REQUESTS,
    }
)


@dataclass(frozen=True, slots=True)
class WebSocketOptions:
    """Figures of a transport; times are in seconds, sizes in bytes."""

    connect_timeout: float = 5.0  # TCP, handshake and connection_ack together
    ping_interval: float = 20.0  # below the 30 to 60 s after which proxies cut idle sockets
    ping_timeout: float = 20.0
    idle_timeout: float = 10.0  # a socket without subscriptions is kept this long for the next one
    reconnect_window: float = 60.0  # an outage longer than this ends the subscriptions with an error
    first_backoff: float = 0.1
    longest_backoff: float = 5.0
    buffered_events: int = 1024  # per subscription; as Hive Router's upstream buffer
    max_message_size: int = 10 * 1024 * 1024


class UpstreamSubscription:
    """One subscription: the request to start it again with, and the events on their way to its reader."""

    __slots__ = ("body", "events", "id", "started")

    def __init__(self, subscription_id: str, body: bytes, buffered_events: int) -> None:
        self.id = subscription_id
        self.body = body
        self.started = asyncio.Event()
        # An answer, the error that ends the subscription, or None for its regular end; one place is kept for the end.
        self.events: asyncio.Queue[bytes | TransportError | None] = asyncio.Queue(buffered_events + 1)

    def finish(self, end: TransportError | None) -> None:
        """Put the end behind what is buffered; where the buffer is full, in place of its oldest event."""
        if self.events.full():
            self.events.get_nowait()
        self.events.put_nowait(end)
        self.started.set()


class UpstreamSocket:
    """One socket to one subgraph for one identity, with the subscriptions on it; a single task connects, reads and
    reconnects.
    """

    def __init__(
        self,
        subgraph_name: str,
        url: str,
        headers: tuple[tuple[bytes, bytes], ...],
        options: WebSocketOptions,
        on_reconnect: Callable[[str], None] | None,
    ) -> None:
        self._subgraph_name = subgraph_name
        self._url = url
        self._headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
        self._options = options
        self._on_reconnect = on_reconnect
        self._subscriptions: dict[str, UpstreamSubscription] = {}
        self._next_id = 0
        self._connection: ClientConnection | None = None
        self._websocket: WebSocket | None = None
        self._task: asyncio.Task[None] | None = None
        self._idle_timer: asyncio.TimerHandle | None = None
        self._last_problem = "no attempt has ended yet"
        self.is_finished = False
        self.on_finished: Callable[[], None] = lambda: None

    def add(self, request: SubgraphRequest) -> UpstreamSubscription:
        """Register a subscription and see to it that the task runs."""
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None
        self._next_id += 1
        subscription = UpstreamSubscription(str(self._next_id), request.body, self._options.buffered_events)
        self._subscriptions[subscription.id] = subscription
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"websocket to {self._subgraph_name}")
        return subscription

    async def start(self, subscription: UpstreamSubscription, timeout: float) -> None:
        """Return when `subscribe` has been sent; a socket that is being connected sends it as soon as it can."""
        if self._connection is not None:
            await self._send_subscribe(subscription)
            return
        try:
            async with asyncio.timeout(timeout):
                await subscription.started.wait()
        except TimeoutError as error:
            raise SubgraphUnreachable(
                self._subgraph_name, f"no WebSocket connection within {timeout} s: {self._last_problem}"
            ) from error

    async def remove(self, subscription: UpstreamSubscription) -> None:
        """Give up a subscription; the subgraph is told if it does not know already."""
        if self._forget(subscription.id) is None:
            return
        text = self._connection.complete(subscription.id) if self._connection is not None else None
        if text is not None:
            await self._send(text)

    def _forget(self, subscription_id: str) -> UpstreamSubscription | None:
        """Take a subscription off; after the last one the socket is kept for a while."""
        subscription = self._subscriptions.pop(subscription_id, None)
        if subscription is not None and not self._subscriptions and not self.is_finished:
            loop = asyncio.get_running_loop()
            self._idle_timer = loop.call_later(self._options.idle_timeout, self._close_idle)
        return subscription

    async def aclose(self) -> None:
        """Close the socket and end what is on it."""
        self._finish(SubgraphUnreachable(self._subgraph_name, "the gateway closes its connections"))
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        """Connect and read until nobody is left to read for; start again after each break, within the reconnect
        window.
        """
        loop = asyncio.get_running_loop()
        outage_start = loop.time()
        backoff = self._options.first_backoff
        while True:
            try:
                await self._connect_and_read()
            except _Refused as refused:
                return self._finish(SubgraphUnreachable(self._subgraph_name, str(refused)))
            except (OSError, WebSocketException, TimeoutError) as error:
                self._last_problem = str(error) or type(error).__name__
            if self._connection is not None:
                # It had been working: this is a new outage.
                self._connection = None
                self._websocket = None
                outage_start, backoff = loop.time(), self._options.first_backoff
            if not self._subscriptions:
                return self._finish(None)
            if loop.time() - outage_start > self._options.reconnect_window:
                problem = f"the WebSocket could not be opened again within {self._options.reconnect_window} s"
                return self._finish(SubgraphUnreachable(self._subgraph_name, f"{problem}: {self._last_problem}"))
            # Full jitter, so that a restarted subgraph is not met by everyone at once.
            await asyncio.sleep(random.uniform(backoff / 2, backoff))
            backoff = min(backoff * 2, self._options.longest_backoff)

    async def _connect_and_read(self) -> None:
        options = self._options
        async with asyncio.timeout(options.connect_timeout):
            websocket = await self._open()
        try:
            connection = ClientConnection()
            async with asyncio.timeout(options.connect_timeout):
                await self._initialise(websocket, connection)
            is_reconnect = self._last_problem != "no attempt has ended yet"
            self._connection, self._websocket = connection, websocket
            if is_reconnect and self._on_reconnect is not None:
                self._on_reconnect(self._subgraph_name)
            for subscription in list(self._subscriptions.values()):
                await self._send_subscribe(subscription)
            async for text in websocket:
                await self._receive(connection, text)
            self._last_problem = f"closed with {websocket.close_code} {websocket.close_reason or ''}".strip()
        except WebSocketClosed as closed:
            if closed.rcvd is not None and closed.rcvd.code in _FATAL_CLOSE_CODES:
                raise _Refused(f"the WebSocket was closed with {closed.rcvd.code} {closed.rcvd.reason}") from closed
            raise
        finally:
            await websocket.close()

    async def _open(self) -> WebSocket:
        options = self._options
        try:
            websocket = await connect(
                self._url,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                additional_headers=self._headers,
                compression=None,  # loopback or the same rack: bytes are cheaper than the CPU to squeeze them
                proxy=None,
                open_timeout=None,
                ping_interval=options.ping_interval,
                ping_timeout=options.ping_timeout,
                close_timeout=1.0,
                max_size=options.max_message_size,
            )
        except InvalidStatus as error:
            status = error.response.status_code
            if status < 500 and status != 429:
                raise _Refused(f"the WebSocket handshake was refused with HTTP {status}") from error
            raise
        if websocket.subprotocol != SUBPROTOCOL:
            await websocket.close(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE)
            raise _Refused(f"the subgraph does not speak {SUBPROTOCOL}")
        return websocket

    async def _initialise(self, websocket: WebSocket, connection: ClientConnection) -> None:
        # Many servers look for the token here and not among the headers of the handshake: it is in both places.
        payload = dict(self._headers) or None
        await websocket.send(connection.initialise(payload))
        while True:
            match connection.receive(await websocket.recv()):
                case AckReceived():
                    return
                case PingReceived(payload=ping_payload):
                    await websocket.send(connection.pong(ping_payload))
                case ConnectionClosed(code=code, reason=reason):
                    await websocket.close(code, reason)
                    raise _Refused(reason)

    async def _receive(self, connection: ClientConnection, text: str | bytes) -> None:
        match connection.receive(text):
            case NextReceived(id=subscription_id, payload=payload):
                await self._deliver(connection, subscription_id, orjson.dumps(payload))
            case ErrorReceived(id=subscription_id, errors=errors):
                await self._deliver(connection, subscription_id, orjson.dumps({"errors": errors}))
                self._end(subscription_id, None)
            case CompleteReceived(id=subscription_id):
                self._end(subscription_id, None)
            case PingReceived(payload=payload):
                await self._send(connection.pong(payload))
            case ConnectionClosed(code=code, reason=reason):
                if self._websocket is not None:
                    await self._websocket.close(code, reason)
                raise _Refused(reason)

    async def _deliver(self, connection: ClientConnection, subscription_id: str, answer: bytes) -> None:
        subscription = self._subscriptions.get(subscription_id)
        if subscription is None:
            return
        if subscription.events.qsize() < self._options.buffered_events:
            subscription.events.put_nowait(answer)
            return
        # Waiting for this one reader would hold up every other subscription on the socket.
        problem = f"more than {self._options.buffered_events} events wait to be resolved"
        self._end(subscription_id, SubgraphOverloaded(self._subgraph_name, problem))
        if text := connection.complete(subscription_id):
            await self._send(text)

    def _end(self, subscription_id: str, end: TransportError | None) -> None:
        subscription = self._forget(subscription_id)
        if subscription is not None:
            subscription.finish(end)

    async def _send_subscribe(self, subscription: UpstreamSubscription) -> None:
        connection = self._connection
        # `start` and the task after a reconnect may both come here.
        if connection is None or subscription.id in connection.operation_ids:
            return
        text = connection.subscribe(subscription.id, subscription.body)
        subscription.started.set()
        await self._send(text)

    async def _send(self, text: str) -> None:
        # A break is noticed, and mended, by the task that reads.
        if self._websocket is not None:
            with suppress(WebSocketClosed):
                await self._websocket.send(text)

    def _close_idle(self) -> None:
        self._idle_timer = None
        if not self._subscriptions and self._task is not None:
            self._task.cancel()
            self._finish(None)

    def _finish(self, error: TransportError | None) -> None:
        self.is_finished = True
        self._connection = None
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None
        for subscription in self._subscriptions.values():
            subscription.finish(error)
        self._subscriptions.clear()
        self.on_finished()


class _Refused(Exception):
    """The subgraph said no for good: trying again would not help."""
