"""The numbered events of each person: appended with what they tell of, read from a cursor on any replica, or answered with a resync."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.database import Database
from ..kit.event_stream import REPLAY_BATCH, next_signal
from ..kit.events import JsonObject
from ..kit.signals import Signals

# One statement: the numbers of a person are handed out under the lock of the person's row, so they rise in commit order; the rows
# are locked in the order of the ids, so that two transactions with the same people wait for each other instead of deadlocking.
_APPEND = text("""
    WITH wanted AS (
        SELECT * FROM unnest(CAST(:user_ids AS uuid[]), CAST(:types AS text[]), CAST(:data AS text[]))
        WITH ORDINALITY AS wanted (user_id, type, data, position)
    ), numbered AS (
        SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY position) AS number,
               count(*) OVER (PARTITION BY user_id) AS total
        FROM wanted
    ), advanced AS (
        INSERT INTO matching.streams (user_id, last_seq)
        SELECT user_id, total FROM numbered WHERE number = 1 ORDER BY user_id
        ON CONFLICT (user_id) DO UPDATE SET last_seq = streams.last_seq + excluded.last_seq
        RETURNING user_id, last_seq
    )
    INSERT INTO matching.match_events (user_id, seq, type, data)
    SELECT user_id, last_seq - total + number, type, CAST(data AS jsonb) FROM numbered JOIN advanced USING (user_id)
""")
_OPEN = text("""
    INSERT INTO matching.streams (user_id, last_seq) VALUES (:user_id, 0)
    ON CONFLICT (user_id) DO UPDATE SET last_seq = streams.last_seq
    RETURNING epoch, last_seq, trimmed_seq
""")
_POSITION = text("SELECT epoch, last_seq, trimmed_seq FROM matching.streams WHERE user_id = :user_id")
# The epoch comes with every read: when the numbering was begun anew, positions of the old one must not be compared with it.
_READ = text("""
    SELECT streams.epoch, events.seq, events.type, events.data, events.created_at
    FROM matching.streams LEFT JOIN LATERAL (
        SELECT * FROM matching.match_events WHERE user_id = streams.user_id AND seq > :after ORDER BY seq LIMIT :limit
    ) AS events ON true
    WHERE streams.user_id = :user_id ORDER BY events.seq
""")
_START_OF = text("""
    SELECT min(seq) FROM matching.match_events
    WHERE user_id = :user_id AND (data->>'ticket_id' = :ticket_id OR data->>'match_id' = :match_id)
""")
_TRIM = text("""
    WITH old AS (
        SELECT user_id, seq FROM matching.match_events WHERE created_at < now() - make_interval(secs => :seconds)
        ORDER BY created_at LIMIT 1000 FOR UPDATE SKIP LOCKED
    ), trimmed AS (
        DELETE FROM matching.match_events USING old WHERE match_events.user_id = old.user_id AND match_events.seq = old.seq
        RETURNING match_events.user_id, match_events.seq
    )
    UPDATE matching.streams SET trimmed_seq = greatest(trimmed_seq, newest.seq)
    FROM (SELECT user_id, max(seq) AS seq FROM trimmed GROUP BY user_id ORDER BY user_id) AS newest
    WHERE streams.user_id = newest.user_id
""")


class EventType(StrEnum):
    """What can happen to somebody who looks for a partner."""

    QUEUED = "queued"
    RELAXED = "relaxed"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    MADE = "made"
    REQUEUED = "requeued"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    ENDED = "ended"
    INVITED = "invited"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event that is about to be appended to the stream of `user_id`."""

    user_id: UUID
    type: EventType
    data: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in one person's stream: everything up to `seq` of this `epoch` is known."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event as it was appended."""

    epoch: str
    seq: int
    type: EventType
    data: JsonObject
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Resync:
    """The events after the given cursor cannot be told completely: load the state anew, then go on from `cursor`."""

    cursor: Cursor
    reason: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing happened for a while at this place; a moment to tell what is not an event, like the place in line."""

    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Live:
    """What a person waits for or is in right now."""

    ticket_id: UUID | None = None
    match_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Position:
    epoch: str
    last_seq: int
    trimmed_seq: int


class Streams:
    """All people's streams: `append` in a transaction, `announce` after it, `follow` for a subscription."""

    def __init__(self, database: Database, signals: Signals) -> None:
        self._database = database
        self._signals = signals

    async def append(self, session: AsyncSession, events: Sequence[NewEvent]) -> None:
        """Number the events and write them with the transaction; call it last, as it locks the streams until the commit."""
        if not events:
            return
        columns = {
            "user_ids": [event.user_id for event in events],
            "types": [event.type.value for event in events],
            "data": [orjson.dumps(event.data).decode() for event in events],
        }
        await session.execute(_APPEND, columns)

    async def announce(self, user_ids: Iterable[UUID]) -> None:
        """Wake the followers of these people on all replicas; only after the commit."""
        for user_id in dict.fromkeys(user_ids):
            await self._signals.publish(_channel(user_id))

    async def start_of(self, user_id: UUID, ticket_id: UUID) -> Cursor:
        """The place just before the first event of this ticket."""
        known = await self._open(user_id)
        return await self._start(user_id, Cursor(known.epoch, known.last_seq), Live(ticket_id))

    async def follow(
        self, user_id: UUID, after: Cursor | None, find_live: Callable[[], Awaitable[Live]], *, quiet: float
    ) -> AsyncIterator[StreamEvent | Resync | Quiet]:
        """Every event after the cursor, for ever; without one, those of the person's live ticket and match and what follows.

        `Quiet` is told when all that waited was told, and then every `quiet` seconds. The subscription to signals is made before the
        first read, so that nothing falls between replay and live.
        """
        async with self._signals.subscribe(_channel(user_id)) as queue:
            known = await self._open(user_id)
            cursor = Cursor(known.epoch, known.last_seq)
            if after is None:
                # Looked up after the end of the stream was read: what becomes live from now on comes after that end.
                cursor = await self._start(user_id, cursor, await find_live())
            elif (reason := _lost(after, known)) is not None:
                yield Resync(cursor, reason)
            else:
                cursor = after
            while True:
                epoch, events = await self._read(user_id, cursor.seq)
                if epoch != cursor.epoch:
                    known = await self._open(user_id)
                    cursor = Cursor(known.epoch, known.last_seq)
                    yield Resync(cursor, "The log of your events was begun anew.")
                    continue
                for event in events:
                    yield event
                    cursor = Cursor(epoch, event.seq)
                if len(events) < REPLAY_BATCH:
                    yield Quiet(cursor)
                    await next_signal(queue, quiet)

    async def trim(self, lifetime: float) -> None:
        """Forget some of the events that are older than `lifetime` seconds."""
        async with self._database.transaction() as session:
            await session.execute(_TRIM, {"seconds": lifetime})

    async def _open(self, user_id: UUID) -> _Position:
        async with self._database.session() as session:
            row = (await session.execute(_POSITION, {"user_id": user_id})).one_or_none()
        if row is None:
            async with self._database.transaction() as session:
                row = (await session.execute(_OPEN, {"user_id": user_id})).one()
        return _Position(row.epoch, row.last_seq, row.trimmed_seq)

    async def _start(self, user_id: UUID, end: Cursor, live: Live) -> Cursor:
        if live.ticket_id is None and live.match_id is None:
            return end
        ids = {"user_id": user_id, "ticket_id": str(live.ticket_id), "match_id": str(live.match_id)}
        async with self._database.session() as session:
            first = (await session.execute(_START_OF, ids)).scalar_one()
        return end if first is None else Cursor(end.epoch, first - 1)

    async def _read(self, user_id: UUID, after: int) -> tuple[str | None, list[StreamEvent]]:
        values = {"user_id": user_id, "after": after, "limit": REPLAY_BATCH}
        async with self._database.session() as session:
            rows = (await session.execute(_READ, values)).all()
        events = [
            StreamEvent(row.epoch, row.seq, EventType(row.type), row.data, row.created_at)
            for row in rows
            if row.seq is not None
        ]
        return (rows[0].epoch if rows else None), events


def _channel(user_id: UUID) -> str:
    return f"user:{user_id}"


def _lost(after: Cursor, known: _Position) -> str | None:
    if after.epoch != known.epoch:
        return "The cursor belongs to a log of your events that is gone."
    if after.seq > known.last_seq:
        return "The cursor is ahead of the log of your events."
    if after.seq < known.trimmed_seq:
        return "Events after the cursor are too old to be kept."
    return None
