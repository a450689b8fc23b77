"""The event bus on PostgreSQL: one table of events in commit order, one position per consumer, NOTIFY to wake the consumers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from .database import Database
from .event_stream import next_signal
from .events import Event
from .retention import Purge
from .signals import PostgresSignals

logger = structlog.get_logger(__name__)

CONSUME_BATCH = 100
POLL_INTERVAL = 2.0  # seconds between looks without a wake-up
# Publishers take this lock until they commit, so that numbers appear in commit order and no consumer can pass one that is not visible yet.
PUBLISH_LOCK = 0x7A6E_0001

# One statement, one way there and back: the filter takes the lock before the first number is handed out.
_INSERT = text("""
    INSERT INTO bus.events (event_id, type, source, subject, data, traceparent, occurred_at)
    SELECT event_id, type, source, subject, CAST(data AS jsonb), traceparent, occurred_at
    FROM unnest(CAST(:event_ids AS uuid[]), CAST(:types AS text[]), CAST(:sources AS text[]), CAST(:subjects AS text[]),
        CAST(:data AS text[]), CAST(:traceparents AS text[]), CAST(:times AS timestamptz[]))
        WITH ORDINALITY AS published (event_id, type, source, subject, data, traceparent, occurred_at, position)
    WHERE (SELECT pg_advisory_xact_lock(:lock)) IS NOT NULL
    ORDER BY position
    ON CONFLICT (event_id) DO NOTHING
""")
_CLAIM = text("SELECT position FROM bus.consumers WHERE name = :name FOR UPDATE SKIP LOCKED")
_READ = text("""
    SELECT seq, event_id, type, source, subject, data, traceparent, occurred_at
    FROM bus.events WHERE seq > :position ORDER BY seq LIMIT :limit
""")

# What every consumer has handled, oldest first: the key's index is read from its beginning and no further.
_PURGE = text("""
    WITH oldest AS (SELECT seq, published_at FROM bus.events ORDER BY seq LIMIT :limit)
    DELETE FROM bus.events WHERE seq IN (
        SELECT seq FROM oldest
        WHERE published_at < now() - make_interval(secs => :seconds) AND seq <= (SELECT min(position) FROM bus.consumers)
    )
""")


class PostgresBus:
    """Replicas of one consumer share its position: one of them works at a time, another takes over when it goes."""

    def __init__(self, url: str) -> None:
        self._database = Database(url, pool_size=4)
        self._autocommit = self._database.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._signals = PostgresSignals(url, "bus")

    async def start(self) -> None:
        await self._signals.start()

    async def publish(self, events: Sequence[Event]) -> None:
        values = {
            "lock": PUBLISH_LOCK,
            "event_ids": [event.id for event in events],
            "types": [event.type for event in events],
            "sources": [event.source for event in events],
            "subjects": [event.subject for event in events],
            "data": [orjson.dumps(event.data).decode() for event in events],
            "traceparents": [event.traceparent for event in events],
            "times": [event.occurred_at for event in events],
        }
        async with self._autocommit.connect() as connection:
            await connection.execute(_INSERT, values)
        await self._signals.publish("events")

    async def consume(self, consumer: str, handle: Callable[[Event], Awaitable[None]]) -> None:
        async with self._database.transaction() as session:
            await session.execute(
                text("INSERT INTO bus.consumers (name, position) VALUES (:name, 0) ON CONFLICT DO NOTHING"),
                {"name": consumer},
            )
        async with self._signals.subscribe("events") as queue:
            while True:
                if not await self._consume_batch(consumer, handle):
                    await next_signal(queue, POLL_INTERVAL)

    async def _consume_batch(self, consumer: str, handle: Callable[[Event], Awaitable[None]]) -> bool:
        """Handle the next events while holding the consumer's row; True when there may be more."""
        async with self._database.transaction() as session:
            position = (await session.execute(_CLAIM, {"name": consumer})).scalar_one_or_none()
            if position is None:
                await asyncio.sleep(0.2)  # another replica works; it is the one that gets the next wake-up too
                return False
            rows = (await session.execute(_READ, {"position": position, "limit": CONSUME_BATCH})).mappings().all()
            done = position
            try:
                for row in rows:
                    values = dict(row)
                    seq = values.pop("seq")
                    await handle(Event(id=values.pop("event_id"), **values))
                    done = seq
            finally:
                if done != position:
                    await session.execute(
                        text("UPDATE bus.consumers SET position = :position, moved_at = now() WHERE name = :name"),
                        {"position": done, "name": consumer},
                    )
                    await session.commit()
        return len(rows) == CONSUME_BATCH

    async def behind(self, consumer: str) -> int:
        statement = text("""
            SELECT count(*) FROM bus.events
            WHERE seq > (SELECT coalesce(max(position), 0) FROM bus.consumers WHERE name = :name)
        """)
        async with self._database.session() as session:
            return int((await session.execute(statement, {"name": consumer})).scalar_one())

    def purge(self, kept: timedelta) -> Purge:
        """Events that everybody has handled and that are older than `kept`."""

        async def delete(session: AsyncSession, limit: int) -> int:
            values = {"limit": limit, "seconds": kept.total_seconds()}
            result: Any = await session.execute(_PURGE, values)
            return int(result.rowcount)

        return Purge("bus_events", delete, self._database)

    async def aclose(self) -> None:
        await self._signals.aclose()
        await self._database.dispose()
