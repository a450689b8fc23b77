"""The event bus on NATS JetStream: one stream, one durable consumer per subgraph, duplicates dropped by event id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import nats
import orjson
import structlog
from nats.aio.client import Client as NatsClient
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, RetentionPolicy, StorageType, StreamConfig
from sqlalchemy import TextClause

from .events import Event
from .nats_connection import NatsConnection

logger = structlog.get_logger(__name__)

STREAM = "tandem_events"
SUBJECT_PREFIX = "events."
MAX_AGE = 7 * 24 * 3600  # seconds; the outbox is the truth, the stream a buffer that survives a week of absence
DUPLICATE_WINDOW = 600  # seconds in which the same event id is dropped
API_TIMEOUT = 1.0  # seconds; the library's 5 s stall the first call after a reconnect
FETCH_WAIT = 5.0  # seconds one pull waits for events


class NatsBus:
    """Events of one subgraph to all others through JetStream."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = NatsConnection(self._connect)

    async def start(self) -> None:
        await self._connection.start()
        await self._stream.add_stream(
            StreamConfig(
                name=STREAM,
                subjects=[f"{SUBJECT_PREFIX}>"],
                retention=RetentionPolicy.LIMITS,
                storage=StorageType.FILE,
                max_age=MAX_AGE,
                duplicate_window=DUPLICATE_WINDOW,
            )
        )

    async def publish(self, events: Sequence[Event]) -> None:
        stream = self._stream
        for event in events:
            await stream.publish(
                f"{SUBJECT_PREFIX}{event.type}",
                _encode(event),
                headers={"Nats-Msg-Id": str(event.id)},
                timeout=API_TIMEOUT,
            )

    def relay_statement(self, outbox_table: str) -> TextClause | None:
        return None

    async def consume(
        self,
        consumer: str,
        handle: Callable[[Event], Awaitable[None]],
        types: frozenset[str] | None = None,
    ) -> None:
        config = ConsumerConfig(durable_name=consumer, ack_policy=AckPolicy.EXPLICIT, ack_wait=30, max_ack_pending=1)
        client = self._connection.client
        subscription = await self._stream.pull_subscribe(
            f"{SUBJECT_PREFIX}>", durable=consumer, stream=STREAM, config=config
        )
        # A subscription belongs to its client; whoever consumes comes again, and then gets one of the new client.
        while client is self._connection.client:
            try:
                messages = await subscription.fetch(1, timeout=FETCH_WAIT)
            except (TimeoutError, NatsTimeoutError):
                continue
            for message in messages:
                try:
                    await handle(_decode(message.data))
                except Exception:
                    await message.nak(delay=1)
                    raise
                await message.ack()

    async def behind(self, consumer: str) -> int:
        info = await self._stream.consumer_info(STREAM, consumer)
        return int(info.num_pending or 0) + int(info.num_ack_pending or 0)

    async def aclose(self) -> None:
        await self._connection.aclose()

    @property
    def _stream(self) -> JetStreamContext:
        return self._connection.client.jetstream(timeout=API_TIMEOUT)

    async def _connect(self) -> NatsClient:
        return await nats.connect(self._url, max_reconnect_attempts=-1, reconnect_time_wait=0.5)


def _encode(event: Event) -> bytes:
    return orjson.dumps(
        {
            "id": event.id,
            "type": event.type,
            "source": event.source,
            "subject": event.subject,
            "data": event.data,
            "occurred_at": event.occurred_at,
            "traceparent": event.traceparent,
        },
        default=str,  # asyncpg's own UUID
    )


def _decode(data: bytes) -> Event:
    values = orjson.loads(data)
    values["id"] = UUID(values["id"])
    values["occurred_at"] = datetime.fromisoformat(values["occurred_at"])
    return Event(**values)
