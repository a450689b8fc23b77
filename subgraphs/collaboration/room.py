"""Fan the events of live sessions out to the subscribers of this process, in log order, and to the other replicas.

A subscriber is a position in the log and a wake-up, not a queue: however slow a client is, it holds no memory here; what is no
longer among the room's recent events is read from the log. Only live events (cursors, presence) wait in a short queue of their own.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID, uuid4

import structlog

from ..kit.database import Database
from ..kit.errors import Unavailable
from ..kit.event_stream import POLL_INTERVAL
from ..kit.outage import through_outage
from ..kit.signals import MISSED, Signals
from .awareness import AwarenessStates, read_awareness, write_awareness
from .log_events import LiveEvent, LiveKind, LogEvent, StreamEvent, decode_events, encode_events, is_from
from .log_repository import LogRepository
from .repository import SessionRepository

logger = structlog.get_logger(__name__)

RECENT_EVENTS = 256  # kept per room for subscribers that are nearly up to date
READ_BATCH = 200  # events read from the log at once
LIVE_QUEUE = 128  # live events a subscriber may be behind before the oldest are dropped
LOAD_TIMEOUT = (
    30.0  # seconds to catch up with the log; a connection that never answers must not hold a room up for ever
)
LISTEN_PAUSE = 1.0  # seconds before a listener that failed listens again


@dataclass(eq=False, slots=True)
class Member:
    """One subscription of one person to one room."""

    id: UUID
    user_id: UUID
    position: int
    """The number of the last log event that was handed over."""
    live: deque[LiveEvent] = field(default_factory=lambda: deque(maxlen=LIVE_QUEUE))
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    has_to_show_seat: bool = False
    """Who may follow has changed: nothing more is handed over before it is looked up again."""


class Room:
    """One live session in this process."""

    def __init__(self, session_id: UUID, database: Database) -> None:
        self.session_id = session_id
        self.head = 0
        self.members: set[Member] = set()
        self.awareness = AwarenessStates()
        self.online: list[str] | None = None
        """Who is there, as the members were told last; None before the first time."""
        self._database = database
        self._recent: deque[LogEvent] = deque(maxlen=RECENT_EVENTS)
        self._loading = asyncio.Lock()
        self._load_task: asyncio.Task[None] | None = None
        self._is_broken_off = False

    async def load(self) -> None:
        """Catch up with the log. Raises TimeoutError when the database does not answer."""
        async with self._loading, asyncio.timeout(LOAD_TIMEOUT):
            if self.head == 0:
                # The room has just opened: only the head is needed, replays are read by those who want them.
                async with self._database.session() as session:
                    heads = await LogRepository(session).heads([self.session_id])
                self.head = max(self.head, heads.get(self.session_id, 0))
                for member in self.members:
                    member.wake.set()
                return
            while True:
                async with self._database.session() as session:
                    events = await LogRepository(session).read_after(self.session_id, self.head, READ_BATCH)
                for event in events:
                    self._append(event)
                if len(events) < READ_BATCH:
                    return

    def deliver(self, event: StreamEvent) -> None:
        """Hand one event to the members, or catch up first when events before it are missing here."""
        if isinstance(event, LiveEvent):
            self._deliver_live(event)
        elif event.seq == self.head + 1:
            self._append(event)
        elif event.seq > self.head + 1:
            self.catch_up()

    def catch_up(self) -> None:
        """Load in the background what is missing."""
        if self._load_task is None or self._load_task.done():
            self._load_task = asyncio.create_task(self._load_safely())

    async def next_events(self, member: Member) -> list[StreamEvent]:
        """The next events for this member; waits until there are any, or until he has to show his seat.

        Raises Unavailable when the room was broken off.
        """
        while True:
            if self._is_broken_off:
                raise Unavailable("The stream cannot go on from here; subscribe again with your last position.")
            events: list[StreamEvent] = []
            if member.position < self.head:
                log_events = await through_outage(partial(self._log_events_after, member.position))
                if log_events:
                    member.position = log_events[-1].seq
                events += log_events
            while member.live:
                events.append(member.live.popleft())
            if events or member.has_to_show_seat:
                return events
            member.wake.clear()
            await member.wake.wait()

    def break_off(self) -> None:
        """End the subscriptions, so that everybody comes back and is told where the log stands."""
        self._is_broken_off = True
        for member in self.members:
            member.wake.set()

    def close(self) -> None:
        if self._load_task is not None:
            self._load_task.cancel()

    def _append(self, event: LogEvent) -> None:
        # What is read is committed and in order: a number that is missing in the log does not come any more.
        if event.seq <= self.head:
            return
        self.head = event.seq
        self._recent.append(event)
        for member in self.members:
            member.wake.set()

    def ask_for_seats(self) -> None:
        """Let every member show that he may still follow."""
        for member in self.members:
            member.has_to_show_seat = True
            member.wake.set()

    def _deliver_live(self, event: LiveEvent) -> None:
        if event.kind is LiveKind.ACCESS_CHANGED:
            self.ask_for_seats()
            return
        if event.kind is LiveKind.AWARENESS and event.update is not None:
            self.awareness.apply(read_awareness(event.update), event.user_id, time.monotonic())
        elif event.kind is LiveKind.PRESENCE:
            self.online = event.data["online"]
        for member in self.members:
            if event.to is None or event.to == member.user_id:
                member.live.append(event)
                member.wake.set()

    async def _log_events_after(self, position: int) -> Sequence[LogEvent]:
        if self._recent and self._recent[0].seq <= position + 1:
            return [event for event in self._recent if event.seq > position]
        async with self._database.session() as session:
            return await LogRepository(session).read_after(self.session_id, position, READ_BATCH, self.head)

    async def _load_safely(self) -> None:
        try:
            await self.load()
        except Exception:
            # The poll looks again; nothing is lost, since members read by number.
            logger.exception("room.load_failed", session_id=str(self.session_id))


class Rooms:
    """The live sessions of this process, each open while somebody here follows it."""

    def __init__(self, database: Database, signals: Signals) -> None:
        self.replica = uuid4().hex
        self._database = database
        self._signals = signals
        self._rooms: dict[UUID, Room] = {}
        self._listeners: dict[UUID, asyncio.Task[None]] = {}

    @property
    def members(self) -> list[tuple[UUID, Member]]:
        """Everybody who follows a session through this process."""
        return [(session_id, member) for session_id, room in self._rooms.items() for member in room.members]

    def get(self, session_id: UUID) -> Room | None:
        return self._rooms.get(session_id)

    @asynccontextmanager
    async def join(self, session_id: UUID, user_id: UUID) -> AsyncIterator[tuple[Room, Member]]:
        """A place in the room, at the end of its log, while the block runs."""
        room = self._rooms.get(session_id)
        if room is None:
            room = self._rooms[session_id] = Room(session_id, self._database)
            self._listeners[session_id] = asyncio.create_task(self._listen(room))
        member = Member(id=uuid4(), user_id=user_id, position=0)
        room.members.add(member)
        try:
            await room.load()
            member.position = room.head
            yield room, member
        finally:
            room.members.discard(member)
            if not room.members:
                self._close(room)

    async def publish(self, events: Sequence[StreamEvent]) -> None:
        """Hand events to the members here at once, and to the other replicas."""
        by_session: dict[UUID, list[StreamEvent]] = {}
        for event in events:
            by_session.setdefault(event.session_id, []).append(event)
            room = self._rooms.get(event.session_id)
            if room is not None:
                room.deliver(event)
        for session_id, items in by_session.items():
            await self._signals.publish(_channel(session_id), encode_events(self.replica, items))

    async def poll(self) -> None:
        """For ever: look whether a signal got lost, and forget awareness of clients that went silent."""
        while True:
            await asyncio.sleep(POLL_INTERVAL)
            rooms = list(self._rooms.values())
            if not rooms:
                continue
            for room in rooms:
                gone = room.awareness.remove_outdated(time.monotonic())
                if gone:
                    room.deliver(awareness_event(room.session_id, None, write_awareness(gone)))
            await self._look(rooms)

    async def forget_awareness(self, session_id: UUID, user_id: UUID) -> None:
        """Tell everybody that a person's clients are gone."""
        room = self._rooms.get(session_id)
        gone = room.awareness.remove_user(user_id) if room else []
        if gone:
            await self.publish([awareness_event(session_id, user_id, write_awareness(gone))])

    async def _look(self, rooms: Sequence[Room]) -> None:
        """Compare the rooms with the log, and their members with those who take part."""
        before = [room.head for room in rooms]
        async with asyncio.timeout(LOAD_TIMEOUT), self._database.session() as session:
            heads = await LogRepository(session).heads(room.session_id for room in rooms)
            seats = await SessionRepository(session).seats(room.session_id for room in rooms)
        for room, known in zip(rooms, before, strict=True):
            if any((room.session_id, member.user_id) not in seats for member in room.members):
                room.ask_for_seats()
            stored = heads.get(room.session_id, 0)
            if stored > room.head:
                room.catch_up()
            elif stored < known:
                # What was told is not stored any more: the database was restored, or went over to a replica that lagged.
                logger.warning("room.log_went_back", session_id=str(room.session_id), told=known, stored=stored)
                self._close(room)
                room.break_off()

    def _close(self, room: Room) -> None:
        if self._rooms.get(room.session_id) is room:
            del self._rooms[room.session_id]
            self._listeners.pop(room.session_id).cancel()
            room.close()

    async def _listen(self, room: Room) -> None:
        """Hear the other replicas, for ever."""
        while True:
            try:
                await self._listen_once(room)
            except Exception:
                logger.exception("room.listen_failed", session_id=str(room.session_id))
            await asyncio.sleep(LISTEN_PAUSE)
            # What was signalled meanwhile is in the log.
            room.catch_up()

    async def _listen_once(self, room: Room) -> None:
        async with self._signals.subscribe(_channel(room.session_id)) as queue:
            # What was told before this replica listened is in the log.
            room.catch_up()
            # Who joins through another replica gets the cursors of those who are here.
            await self.publish([LiveEvent(room.session_id, LiveKind.AWARENESS_WANTED, None)])
            while True:
                payload = await queue.get()
                if payload == MISSED:
                    room.catch_up()
                    room.ask_for_seats()
                    continue
                if is_from(self.replica, payload):
                    continue
                for event in decode_events(payload):
                    await self._receive(room, event)

    async def _receive(self, room: Room, event: StreamEvent) -> None:
        if isinstance(event, LiveEvent) and event.kind is LiveKind.AWARENESS_WANTED:
            states = room.awareness.current()
            if states:
                mine = [
                    awareness_event(room.session_id, room.awareness.owner(state.client), write_awareness([state]))
                    for state in states
                ]
                with suppress(asyncio.QueueFull):
                    await self._signals.publish(_channel(room.session_id), encode_events(self.replica, list(mine)))
            return
        room.deliver(event)


def awareness_event(session_id: UUID, user_id: UUID | None, update: bytes) -> LiveEvent:
    return LiveEvent(session_id, LiveKind.AWARENESS, user_id, update=update)


def _channel(session_id: UUID) -> str:
    return f"session:{session_id}"
