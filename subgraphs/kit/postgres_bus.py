"""The event bus on PostgreSQL: one table of events in commit order, one position per consumer, NOTIFY to wake the consumers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import orjson
import structlog
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from .database import Database
from .driver_session import driver_statement, driver_transaction
from .events import Event
from .retention import Purge
from .signals import MISSED, PostgresSignals, SignalQueue, notification

logger = structlog.get_logger(__name__)

CONSUME_BATCH = 100
CHANNEL = "events"  # of the signals that wake consumers; what is told are the types
POLL_INTERVAL = 2.0  # seconds between looks without a wake-up
STAND_BY = 0.05  # seconds that a replica waits after a wake-up while another one works for the consumer
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
# A whole turn of the relay, the wake-up included: there and back once instead of six times. Who looked before another replica's turn
# was committed finds the same events again: the bus has their ids, and marking them twice changes nothing. It need not wait for the disk:
# the events are on it in the outbox, and what a crash of the server takes is taken from outbox and bus alike.
_RELAY = """
    WITH ours AS MATERIALIZED (
        SELECT pg_try_advisory_xact_lock(:relay_lock, hashtext(:source)) AS is_ours, set_config('synchronous_commit', 'off', true)
    ),
    waiting AS MATERIALIZED (
        SELECT seq, event_id, type, subject, data, traceparent, occurred_at FROM {outbox}
        WHERE published_at IS NULL AND (SELECT is_ours FROM ours) ORDER BY seq LIMIT :limit
    ), published AS (
        INSERT INTO bus.events (event_id, type, source, subject, data, traceparent, occurred_at)
        SELECT event_id, type, :source, subject, data, traceparent, occurred_at FROM waiting
        WHERE (SELECT pg_advisory_xact_lock({publish_lock})) IS NOT NULL
        ORDER BY seq
        ON CONFLICT (event_id) DO NOTHING
    ), marked AS (
        UPDATE {outbox} AS outbox SET published_at = now() FROM waiting WHERE outbox.seq = waiting.seq
    ), told AS MATERIALIZED (
        SELECT count(*) AS count, CASE WHEN count(*) > 0 THEN pg_notify('{channel}', {message}) END AS notified FROM waiting
    )
    SELECT is_ours, count, notified IS NULL AS is_quiet FROM ours, told
"""
# One row without an event when there is none; no row at all when another replica has the consumer. The position need not wait for the
# disk: an event that comes again is in the inbox.
_CLAIM = text("""
    WITH claimed AS (SELECT position FROM bus.consumers WHERE name = :name FOR UPDATE SKIP LOCKED)
    SELECT claimed.position, set_config('synchronous_commit', 'off', true), events.*
    FROM claimed LEFT JOIN LATERAL (
        SELECT seq, event_id, type, source, subject, data, traceparent, occurred_at
        FROM bus.events WHERE seq > claimed.position ORDER BY seq LIMIT :limit
    ) AS events ON true
    ORDER BY events.seq
""")
_MOVE = text("UPDATE bus.consumers SET position = :position, moved_at = now() WHERE name = :name")

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

    def __init__(self, url: str, *, is_beside_outbox: bool = False) -> None:
        """`is_beside_outbox`: the outboxes that are relayed to it lie in the same database."""
        self._database = Database(url, pool_size=4)
        self._signals = PostgresSignals(url, "bus")
        self._is_beside_outbox = is_beside_outbox

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
        async with driver_statement(self._database) as session:
            await session.execute(_INSERT, values)
        await self._signals.publish(CHANNEL, ",".join({event.type for event in events}).encode())

    def relay_statement(self, outbox_table: str) -> TextClause | None:
        return _relay_statement(outbox_table) if self._is_beside_outbox else None

    async def consume(
        self,
        consumer: str,
        handle: Callable[[Event], Awaitable[None]],
        types: frozenset[str] | None = None,
    ) -> None:
        async with self._database.transaction() as session:
            await session.execute(
                text("INSERT INTO bus.consumers (name, position) VALUES (:name, 0) ON CONFLICT DO NOTHING"),
                {"name": consumer},
            )
        turns = Turns(self._database, consumer, handle)
        async with self._signals.subscribe(CHANNEL) as queue:
            while True:
                if not await turns.take():
                    is_woken = await _next_of(types, queue)
                    if is_woken and turns.is_standing_by:
                        await asyncio.sleep(STAND_BY)

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


class Turns:
    """The work of one replica for a consumer."""

    def __init__(self, database: Database, consumer: str, handle: Callable[[Event], Awaitable[None]]) -> None:
        self._database = database
        self._consumer = consumer
        self._handle = handle
        self._position: int | None = None
        self.is_standing_by = False
        """Whether another replica did the work of late: every one wakes when there is an event, and that one goes first."""

    async def take(self) -> bool:
        """Handle the next events while holding the consumer's row; True when there may be more."""
        failure: BaseException | None = None
        async with driver_transaction(self._database) as session:
            rows = [
                dict(row) for row in await session.execute(_CLAIM, {"name": self._consumer, "limit": CONSUME_BATCH})
            ]
            if not rows:
                self.is_standing_by = True
                return False
            position = done = rows[0]["position"]
            events = [_numbered_event(row) for row in rows if row["seq"] is not None]
            self.is_standing_by = not events and (self.is_standing_by or self._position not in (None, position))
            try:
                for seq, event in events:
                    await self._handle(event)
                    done = seq
            except BaseException as error:
                # What was handled before it must not come again.
                failure = error
            if done != position:
                await session.execute(_MOVE, {"position": done, "name": self._consumer})
        self._position = done
        if failure is not None:
            raise failure
        return len(events) == CONSUME_BATCH


@cache
def _relay_statement(outbox_table: str) -> TextClause:
    types = "string_agg(DISTINCT type, ',')"
    channel, message = notification("bus", CHANNEL, types)
    return text(_RELAY.format(outbox=outbox_table, publish_lock=PUBLISH_LOCK, channel=channel, message=message))


def _numbered_event(row: dict[str, Any]) -> tuple[int, Event]:
    values = {name: row[name] for name in ("type", "source", "subject", "data", "traceparent", "occurred_at")}
    return row["seq"], Event(id=row["event_id"], **values)


async def _next_of(types: frozenset[str] | None, queue: SignalQueue) -> bool:
    """Wait for a wake-up by an event of one of these types, or until it is time to look without one; True when there was one.

    Events that nobody here cares for are passed over at that time: to look at each would cost a transaction of every subgraph.
    """
    is_woken = False
    # Not wait_for: up to Python 3.11 it swallows a cancellation that comes together with the signal.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(POLL_INTERVAL):
            while (payload := await queue.get()) != MISSED:
                if types is None or not types.isdisjoint(payload.decode().split(",")):
                    is_woken = True
                    break
    while not queue.empty():
        queue.get_nowait()
    return is_woken
