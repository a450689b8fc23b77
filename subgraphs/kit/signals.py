"""Signals: small messages between the replicas of one subgraph that are allowed to get lost (wake-ups, cursors, presence).

What must not get lost is a row with a number (event_stream) or in the outbox (events); a signal only tells that it is there.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol
from uuid import uuid4

import asyncpg
import nats
import orjson
import structlog
from nats.aio.client import Client as NatsClient
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import SlowConsumerError

from .database import COMMAND_TIMEOUT, connect_raw
from .nats_connection import NatsConnection

logger = structlog.get_logger(__name__)

QUEUE_SIZE = 1000  # signals a subscriber may be behind before the oldest are dropped
NOTIFY_SIZE = 7900  # bytes of one NOTIFY; PostgreSQL refuses 8000
CHUNK_SIZE = 5000  # bytes of payload in one part, which must fit into a NOTIFY after base64 and JSON
RECONNECT_PAUSE = 0.5  # seconds
MAX_BATCH = 500  # signals sent in one statement
SEND_INTERVAL = 0.01  # seconds from one statement to the next: a lone signal goes at once, many gather
MAX_WAITING = 10_000  # signals on their way to PostgreSQL before the oldest are dropped
PROBE_INTERVAL = 30.0  # seconds between looks whether a connection that only listens is still alive
FLUSH_TIMEOUT = 2  # seconds that a publisher may be held up by a NATS server that does not read
PING_INTERVAL = (
    10  # seconds between signs of life of a NATS server; after two that are missed the connection is made again
)

SignalQueue = asyncio.Queue[bytes]
# What a subscriber gets when its connection was lost for a while: it must look for itself.
MISSED = b""


class Signals(Protocol):
    """Publish to and follow named channels. `MISSED` in a queue means that signals may have been lost: look for yourself."""

    async def start(self) -> None: ...

    async def publish(self, channel: str, payload: bytes = b"1") -> None:
        """Hand the signal over; it is delivered soon, to every replica, this one included."""
        ...

    def subscribe(self, *channels: str) -> contextlib.AbstractAsyncContextManager[SignalQueue]:
        """A queue of what arrives on these channels while the block runs."""
        ...

    async def aclose(self) -> None: ...


class LocalSignals:
    """The dispatch that all drivers share, and a driver of its own for a single process (tests)."""

    def __init__(self) -> None:
        self._queues: dict[str, set[SignalQueue]] = defaultdict(set)

    async def start(self) -> None:
        return None

    async def publish(self, channel: str, payload: bytes = b"1") -> None:
        self._dispatch(channel, payload)

    @asynccontextmanager
    async def subscribe(self, *channels: str) -> AsyncIterator[SignalQueue]:
        queue: SignalQueue = asyncio.Queue(QUEUE_SIZE)
        for channel in channels:
            self._queues[channel].add(queue)
        try:
            yield queue
        finally:
            for channel in channels:
                self._queues[channel].discard(queue)
                if not self._queues[channel]:
                    del self._queues[channel]

    async def aclose(self) -> None:
        self._queues.clear()

    def _dispatch(self, channel: str, payload: bytes) -> None:
        for queue in tuple(self._queues.get(channel, ())):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(payload)

    def _dispatch_missed(self) -> None:
        for channel in tuple(self._queues):
            self._dispatch(channel, MISSED)


class PostgresSignals(LocalSignals):
    """LISTEN / NOTIFY on one connection to listen and one to publish, both made again when they break.

    NOTIFYs are sent outside of the transactions they tell of: those with a NOTIFY are committed one after the other. What comes while the
    last one is on its way, or soon after it, goes together, many signals in one NOTIFY. Subscribers of this process do not wait for the
    way there and back.
    """

    def __init__(self, url: str, subgraph_name: str) -> None:
        super().__init__()
        self._url = url
        self._physical_channel = _physical_channel(subgraph_name)
        self._sender = uuid4().hex
        self._own_start = f'["{self._sender}"'
        self._outgoing: asyncio.Queue[str] = asyncio.Queue(MAX_WAITING)
        self._parts: dict[str, dict[int, bytes]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._listening = asyncio.Event()

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._send())]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self._listening.wait()

    async def publish(self, channel: str, payload: bytes = b"1") -> None:
        self._dispatch(channel, payload)
        chunks = [payload[start : start + CHUNK_SIZE] for start in range(0, len(payload), CHUNK_SIZE)] or [b""]
        part_id = uuid4().hex if len(chunks) > 1 else ""
        for number, chunk in enumerate(chunks):
            message = [channel, base64.b64encode(chunk).decode(), part_id, number, len(chunks)]
            if self._outgoing.full():
                # PostgreSQL is away: whoever publishes does not wait for it.
                self._outgoing.get_nowait()
            self._outgoing.put_nowait(orjson.dumps(message).decode())

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await super().aclose()

    async def _listen(self) -> None:
        while True:
            connection: asyncpg.Connection[Any] | None = None
            try:
                connection = await connect_raw(self._url)
                closed = asyncio.Event()
                connection.add_termination_listener(lambda _, event=closed: event.set())
                await connection.add_listener(self._physical_channel, self._receive)
                if self._listening.is_set():
                    self._dispatch_missed()
                self._listening.set()
                while not closed.is_set():
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(PROBE_INTERVAL):
                            await closed.wait()
                    await connection.execute("SELECT 1", timeout=COMMAND_TIMEOUT)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                logger.warning("signals.listen_failed", error=str(error))
            finally:
                if connection is not None:
                    connection.terminate()
            await asyncio.sleep(RECONNECT_PAUSE)

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        connection: asyncpg.Connection[Any] | None = None
        batch: list[str] = []
        while True:
            batch = batch or [await self._outgoing.get()]
            while len(batch) < MAX_BATCH and not self._outgoing.empty():
                batch.append(self._outgoing.get_nowait())
            started = loop.time()
            try:
                if connection is None or connection.is_closed():
                    connection = await connect_raw(self._url)
                await connection.execute(
                    "SELECT pg_notify($1, message) FROM unnest($2::text[]) WITH ORDINALITY AS m (message, n) ORDER BY n",
                    self._physical_channel,
                    list(_packed(self._sender, batch)),
                    timeout=COMMAND_TIMEOUT,
                )
                batch = []
                await asyncio.sleep(max(0.0, started + SEND_INTERVAL - loop.time()))
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                logger.warning("signals.publish_failed", error=str(error), waiting=len(batch))
                if connection is not None:
                    connection.terminate()
                connection = None
                await asyncio.sleep(RECONNECT_PAUSE)
            except asyncio.CancelledError:
                if connection is not None:
                    connection.terminate()
                raise

    def _receive(self, connection: object, pid: int, physical_channel: str, message: object) -> None:
        text = str(message)
        if text.startswith(self._own_start):
            return
        _, *signals = orjson.loads(text)
        for signal in signals:
            self._receive_part(*signal)

    def _receive_part(self, channel: str, chunk: str, part_id: str, number: int, count: int) -> None:
        if channel not in self._queues:
            return
        payload = base64.b64decode(chunk)
        if not part_id:
            self._dispatch(channel, payload)
            return
        parts = self._parts.setdefault(part_id, {})
        parts[number] = payload
        if len(parts) == count:
            del self._parts[part_id]
            self._dispatch(channel, b"".join(parts[n] for n in range(count)))
        elif len(self._parts) > QUEUE_SIZE:
            # A part was lost with a connection; its rest will never be whole.
            self._parts.pop(next(iter(self._parts)))


def notification(subgraph_name: str, channel: str, payload: str) -> tuple[str, str]:
    """A signal that a statement sends by itself, `pg_notify(the first, the second)`: the channel's name, and the message as SQL.

    `payload` is an SQL expression of type text, of a few hundred characters at most. The signal reaches every process, this one too,
    when the statement is committed.
    """
    encoded = f"translate(encode(convert_to({payload}, 'UTF8'), 'base64'), E'\\n', '')"
    return _physical_channel(subgraph_name), f"""'["",["{channel}","' || {encoded} || '","",0,1]]'"""


def _physical_channel(subgraph_name: str) -> str:
    return f"tandem_{subgraph_name}"


def _packed(sender: str, signals: Sequence[str]) -> Iterator[str]:
    """JSON lists of the sender and as many signals as fit into one NOTIFY each."""
    pack, size = [f'"{sender}"'], 0
    for signal in signals:
        length = len(signal.encode()) + 1
        if len(pack) > 1 and size + length > NOTIFY_SIZE - len(sender) - 4:
            yield f"[{','.join(pack)}]"
            pack, size = pack[:1], 0
        pack.append(signal)
        size += length
    yield f"[{','.join(pack)}]"


class NatsSignals(LocalSignals):
    """Core NATS: at most once, to every replica. A client that does not find back to the server is replaced by a new one."""

    def __init__(self, url: str, subgraph_name: str) -> None:
        super().__init__()
        self._url = url
        self._prefix = f"signals.{subgraph_name}."
        self._connection = NatsConnection(self._connect, self._dispatch_missed)

    async def start(self) -> None:
        await self._connection.start()

    async def publish(self, channel: str, payload: bytes = b"1") -> None:
        client = self._connection.client
        try:
            await client.publish(f"{self._prefix}all", payload, headers={"channel": channel})
        except (NatsError, OSError) as error:
            # What it tells of is done and stored: whoever did it must not be told that it failed.
            logger.warning("signals.publish_failed", channel=channel, error=str(error) or type(error).__name__)
            self._dispatch(channel, MISSED)

    async def aclose(self) -> None:
        await self._connection.aclose()
        await super().aclose()

    async def _connect(self) -> NatsClient:
        async def reconnected() -> None:
            self._dispatch_missed()

        async def failed(error: Exception) -> None:
            if isinstance(error, SlowConsumerError):
                # The library dropped signals that this process was too busy for.
                self._dispatch_missed()
            logger.warning("signals.nats_failed", error=str(error) or type(error).__name__)

        async def receive(message: Msg) -> None:
            self._dispatch(message.headers["channel"] if message.headers else "", message.data)

        client = await nats.connect(
            self._url,
            reconnected_cb=reconnected,
            error_cb=failed,
            max_reconnect_attempts=-1,
            reconnect_time_wait=RECONNECT_PAUSE,
            flush_timeout=FLUSH_TIMEOUT,
            ping_interval=PING_INTERVAL,
        )
        await client.subscribe(f"{self._prefix}>", cb=receive)
        # Only now nothing is missed any more.
        await client.flush()
        return client
