"""The numbered events of each person: appended with what they tell of, read from a cursor on any replica, or answered with a resync."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.coalescing import Coalescing
from ..kit.database import Database
from ..kit.driver_session import DriverSession, driver_connection, driver_statement
from ..kit.event_stream import REPLAY_BATCH
from ..kit.events import JsonObject
from ..kit.outage import through_outage
from ..kit.signals import SignalQueue, Signals

SETTLED = (
    0.1  # seconds without an event after which a stream is quiet: who finds a partner at once needs no place in line
)
LOOK_INTERVAL = 10.0  # seconds without a signal after which a stream is looked at, for the signal that got lost
TRIM_BATCH = 1000  # events forgotten in one transaction
LOOK_SLOT = 0.5  # seconds; all streams that are looked at within as much share a statement

_BEGIN = text("SELECT 1")
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
# Who never had an event gets a stream, so that what is appended later follows a position that is known.
_OPEN = text("""
    INSERT INTO matching.streams (user_id, last_seq)
    SELECT DISTINCT user_id, 0 FROM unnest(CAST(:user_ids AS uuid[])) AS people (user_id) ORDER BY user_id
    ON CONFLICT DO NOTHING
""")
# Where each person's stream ends, and where that begins in it which is asked for: the events of this ticket; or, without one, of what the
# person waits for or is in right now; or nothing. Everything is looked up by the person.
_POSITIONS = text("""
    SELECT asked.number, streams.epoch, streams.last_seq, streams.trimmed_seq, first.seq AS first_seq
    FROM unnest(CAST(:user_ids AS uuid[]), CAST(:ticket_ids AS uuid[]), CAST(:are_live AS boolean[]))
        WITH ORDINALITY AS asked (user_id, ticket_id, is_live, number)
    JOIN matching.streams USING (user_id)
    LEFT JOIN LATERAL (
        SELECT min(event.seq) AS seq FROM (
            SELECT asked.ticket_id::text AS ticket_id, NULL AS match_id WHERE asked.ticket_id IS NOT NULL
            UNION ALL
            SELECT id::text, NULL FROM matching.match_requests
            WHERE asked.is_live AND user_id = asked.user_id AND status IN ('pending', 'proposed')
            UNION ALL
            SELECT (CASE WHEN user1_id = asked.user_id THEN ticket1_id ELSE ticket2_id END)::text, id::text
            FROM matching.participants AS side JOIN matching.matches ON matches.id = side.match_id
            WHERE asked.is_live AND side.user_id = asked.user_id AND side.is_live
        ) AS wanted
        JOIN matching.match_events AS event ON event.user_id = asked.user_id
            AND (event.data->>'ticket_id' = wanted.ticket_id OR event.data->>'match_id' = wanted.match_id)
    ) AS first ON true
""")
# The epoch comes with every read: when the numbering was begun anew, positions of the old one must not be compared with it.
_READ = text("""
    SELECT asked.number, streams.epoch, events.seq, events.type, events.data, events.created_at
    FROM unnest(CAST(:user_ids AS uuid[]), CAST(:after AS bigint[])) WITH ORDINALITY AS asked (user_id, after, number)
    JOIN matching.streams USING (user_id)
    LEFT JOIN LATERAL (
        SELECT * FROM matching.match_events WHERE user_id = asked.user_id AND seq > asked.after ORDER BY seq LIMIT :limit
    ) AS events ON true
    ORDER BY asked.number, events.seq
""")
# A stream that grows at this moment is left to the next round: waiting for it with others locked could be waited for in turn.
_TRIM = text("""
    WITH old AS (
        SELECT user_id, seq FROM matching.match_events WHERE created_at < now() - make_interval(secs => :seconds)
        ORDER BY created_at LIMIT :limit FOR UPDATE SKIP LOCKED
    ), held AS (
        SELECT user_id FROM matching.streams WHERE user_id IN (SELECT user_id FROM old) ORDER BY user_id FOR UPDATE SKIP LOCKED
    ), trimmed AS (
        DELETE FROM matching.match_events USING old JOIN held USING (user_id)
        WHERE match_events.user_id = old.user_id AND match_events.seq = old.seq
        RETURNING match_events.user_id, match_events.seq
    ), noted AS (
        UPDATE matching.streams SET trimmed_seq = greatest(trimmed_seq, newest.seq)
        FROM (SELECT user_id, max(seq) AS seq FROM trimmed GROUP BY user_id ORDER BY user_id) AS newest
        WHERE streams.user_id = newest.user_id
    )
    SELECT count(*) FROM trimmed
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
    """All that waited was told, and nothing came for a moment; then whoever follows was woken. Time for what is not an event."""

    cursor: Cursor


class Waker:
    """Makes one follower say `Quiet` as soon as it has nothing to tell."""

    WOKEN = b"quiet"  # among the signals of the follower, who looks into the database for all others

    def __init__(self) -> None:
        self.queue: SignalQueue | None = None

    def wake(self) -> None:
        """Never in the way of a signal: a queue that is full has enough to tell."""
        if self.queue is not None and not self.queue.full():
            self.queue.put_nowait(self.WOKEN)


@dataclass(frozen=True, slots=True)
class _Position:
    epoch: str
    last_seq: int
    trimmed_seq: int
    first_seq: int | None
    """The first event of what was looked for."""

    @property
    def end(self) -> Cursor:
        return Cursor(self.epoch, self.last_seq)

    @property
    def start(self) -> Cursor:
        return self.end if self.first_seq is None else Cursor(self.epoch, self.first_seq - 1)


@dataclass(frozen=True, slots=True)
class _Events:
    """What a person's stream has after a cursor; no epoch when there is no stream."""

    epoch: str | None = None
    events: tuple[StreamEvent, ...] = ()


class Streams:
    """All people's streams: `append` in a transaction, `announce` after it, `follow` for a subscription."""

    def __init__(self, database: Database, signals: Signals, look_interval: float = LOOK_INTERVAL) -> None:
        self._database = database
        self._signals = signals
        self._look_interval = look_interval
        self._reads = Coalescing(self._read)
        self._positions = Coalescing(self._read_positions)

    async def append(self, session: AsyncSession, events: Sequence[NewEvent]) -> None:
        """Number the events and write them with the transaction; call it last, as it locks the streams until the commit.

        Raises RuntimeError where there is no transaction, as in a session for reading: the events would stay if it failed.
        """
        if not events:
            return
        driver = await driver_connection(session)
        if not driver.is_in_transaction():
            # SQLAlchemy has it begun by the first statement that goes through it.
            await session.execute(_BEGIN)
        if not driver.is_in_transaction():
            raise RuntimeError(
                "Events are appended in a transaction (Database.transaction), not in a session for reading."
            )
        await self.append_on(DriverSession(driver), events)

    async def append_on(self, driver: DriverSession, events: Sequence[NewEvent]) -> None:
        """As `append`, in the driver's own transaction."""
        if not events:
            return
        columns = {
            "user_ids": [event.user_id for event in events],
            "types": [event.type.value for event in events],
            "data": [orjson.dumps(event.data).decode() for event in events],
        }
        await driver.execute(_APPEND, columns)

    async def announce(self, user_ids: Iterable[UUID]) -> None:
        """Wake the followers of these people on all replicas; only after the commit."""
        for user_id in dict.fromkeys(user_ids):
            await self._signals.publish(_channel(user_id))

    async def start_of(self, user_id: UUID, ticket_id: UUID) -> Cursor:
        """The place just before the first event of this ticket."""
        return (await self._position(user_id, ticket_id=ticket_id)).start

    async def follow(
        self, user_id: UUID, after: Cursor | None, waker: Waker
    ) -> AsyncGenerator[StreamEvent | Resync | Quiet, None]:
        """Every event after the cursor, for ever; without one, those of the person's live ticket and match and what follows.

        The subscription to signals is made before the first read, so that nothing falls between replay and live.
        """
        async with self._signals.subscribe(_channel(user_id)) as queue:
            waker.queue = queue
            if after is None:
                cursor = (await self._position(user_id, is_live=True)).start
            else:
                known = await self._position(user_id)
                reason = _lost(after, known)
                cursor = after if reason is None else known.end
                if reason is not None:
                    yield Resync(cursor, reason)
            is_quiet = False
            while True:
                found = await through_outage(partial(self._reads.get, (user_id, cursor.seq)))
                if found.epoch != cursor.epoch:
                    cursor = (await self._position(user_id)).end
                    yield Resync(cursor, "The log of your events was begun anew.")
                    continue
                for event in found.events:
                    yield event
                    cursor = Cursor(event.epoch, event.seq)
                    is_quiet = False
                if len(found.events) == REPLAY_BATCH or (not is_quiet and await _is_signalled(queue)):
                    continue
                if not is_quiet:
                    yield Quiet(cursor)
                while (signals := await _signals_or_look(queue, self._look_interval)) == {Waker.WOKEN}:
                    yield Quiet(cursor)
                is_quiet = not signals

    async def trim(self, lifetime: float, limit: int = TRIM_BATCH) -> int:
        """Forget some of the events that are older than `lifetime` seconds: so many at most. How many went."""
        async with self._database.transaction() as session:
            trimmed: int = (await session.execute(_TRIM, {"seconds": lifetime, "limit": limit})).scalar_one()
        return trimmed

    async def _position(self, user_id: UUID, *, ticket_id: UUID | None = None, is_live: bool = False) -> _Position:
        while True:
            found = await through_outage(partial(self._positions.get, (user_id, ticket_id, is_live)))
            if found is not None:
                return found
            # It was deleted with its person's account between two statements, and is begun anew.

    async def _read_positions(self, asked: Sequence[tuple[UUID, UUID | None, bool]]) -> Sequence[_Position | None]:
        user_ids, ticket_ids, are_live = (list(column) for column in zip(*asked, strict=True))
        values = {"user_ids": user_ids, "ticket_ids": ticket_ids, "are_live": are_live}
        async with driver_statement(self._database) as driver:
            rows = await driver.execute(_POSITIONS, values)
        if len(rows) < len(asked):
            # What was appended meanwhile is found by looking again: the streams are there from now on.
            async with driver_statement(self._database) as driver:
                await driver.execute(_OPEN, values)
            async with driver_statement(self._database) as driver:
                rows = await driver.execute(_POSITIONS, values)
        found = {row["number"]: _position_from(row) for row in rows}
        return [found.get(number) for number in range(1, len(asked) + 1)]

    async def _read(self, asked: Sequence[tuple[UUID, int]]) -> Sequence[_Events]:
        """The next events of each of these people after each of these numbers."""
        values = {
            "user_ids": [user_id for user_id, _ in asked],
            "after": [after for _, after in asked],
            "limit": REPLAY_BATCH,
        }
        async with driver_statement(self._database) as driver:
            rows = await driver.execute(_READ, values)
        found = [_Events()] * len(asked)
        for number, group in groupby(rows, key=lambda row: row["number"]):
            mine = list(group)
            events = tuple(_event(row) for row in mine if row["seq"] is not None)
            found[number - 1] = _Events(mine[0]["epoch"], events)
        return found


def _event(row: Any) -> StreamEvent:
    return StreamEvent(row["epoch"], row["seq"], EventType(row["type"]), row["data"], row["created_at"])


def _position_from(row: Any) -> _Position:
    return _Position(row["epoch"], row["last_seq"], row["trimmed_seq"], row["first_seq"])


async def _is_signalled(queue: SignalQueue) -> bool:
    """Whether there is something to look for before the stream is quiet. Having been woken is no reason."""
    try:
        # Not wait_for: up to Python 3.11 it swallows a cancellation that comes together with the signal.
        async with asyncio.timeout(SETTLED):
            while await queue.get() == Waker.WOKEN:
                pass
    except TimeoutError:
        return False
    _drain(queue)
    return True


async def _signals_or_look(queue: SignalQueue, interval: float) -> set[bytes]:
    """Wait for signals, and take all of them; none when it is time to look without."""
    slot = (asyncio.get_running_loop().time() + interval) // LOOK_SLOT + 1
    try:
        async with asyncio.timeout_at(slot * LOOK_SLOT):
            return {await queue.get(), *_drain(queue)}
    except TimeoutError:
        return set()


def _drain(queue: SignalQueue) -> list[bytes]:
    """Take everything that waits."""
    return [queue.get_nowait() for _ in range(queue.qsize())]


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
