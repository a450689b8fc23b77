"""One transaction on one live session: lock its log, check who acts, append events, publish them after the commit."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.database import Database
from ..kit.events import Event, JsonObject, Outbox
from .errors import SessionClosed, SessionNotFound
from .log_events import EventKind, StreamEvent
from .log_repository import Head, LogRepository, StoredUpdate
from .models import ParticipantRow, SessionRow
from .repository import SessionRepository
from .room import Rooms
from .rules import PersonalCaps, Role

CHANGES_PER_SECOND, CHANGE_BURST = 5.0, 60.0  # of one person: each is an event that everybody gets and that stays


@dataclass(slots=True)
class Writing:
    """What a use case has in hand while the session is locked."""

    session: AsyncSession
    head: Head
    row: SessionRow
    participants: list[ParticipantRow]
    me: ParticipantRow | None
    outbox: Outbox
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    events: list[StreamEvent] = field(default_factory=list)

    @property
    def log(self) -> LogRepository:
        return LogRepository(self.session)

    @property
    def sessions(self) -> SessionRepository:
        return SessionRepository(self.session)

    @property
    def role(self) -> Role:
        """The role of the person who acts."""
        if self.me is None:
            raise SessionNotFound(self.row.id)
        return Role(self.me.role)

    @property
    def writer_ids(self) -> list[UUID]:
        """The people whose session it is; viewers are not among them."""
        return [row.user_id for row in self.participants if row.role != Role.VIEWER]

    async def append(self, kind: EventKind, data: JsonObject) -> int:
        """Write an event under the next number, to be published after the commit."""
        user_id = self.me.user_id if self.me else None
        event = await self.log.append(self.head, kind, user_id, data, self.now)
        self.events.append(event)
        return event.seq

    async def append_server_update(self, client: int, update: bytes) -> int:
        """Write an update of the server's own."""
        self.head.seq += 1
        self.head.document_bytes += len(update)
        stored = StoredUpdate(self.row.id, self.head.seq, None, update, None, None, self.now)
        await self.log.write_updates([self.head], [stored], {(self.row.id, client): None})
        self.events.append(stored.to_event())
        return self.head.seq

    def tell(self, event: Event) -> None:
        """Put an event for the other subgraphs into the outbox."""
        self.outbox.add(self.session, event)


class SessionWriter:
    """Opens transactions on live sessions."""

    def __init__(self, database: Database, rooms: Rooms, outbox: Outbox) -> None:
        self.database = database
        self.rooms = rooms
        self.outbox = outbox
        self.on_commit: Callable[[Sequence[StreamEvent]], None] = lambda events: None
        """Told of the events of every commit."""
        self._caps = PersonalCaps(CHANGES_PER_SECOND, CHANGE_BURST, "changes")

    @asynccontextmanager
    async def write(
        self, session_id: UUID, user_id: UUID | None, *, may_be_closed: bool = False
    ) -> AsyncIterator[Writing]:
        """Lock the session for the block. `user_id` None is the system itself.

        Raises SessionNotFound for who takes no part, SessionClosed when it has ended and `may_be_closed` is not given, RateLimited.
        """
        if user_id is not None:
            self._caps.take(user_id, time.monotonic())
        async with self.database.transaction() as session:
            head = (await LogRepository(session).lock([session_id])).get(session_id)
            sessions = SessionRepository(session)
            row = await sessions.get(session_id) if head is not None else None
            if head is None or row is None:
                raise SessionNotFound(session_id)
            participants = (await sessions.participants([session_id])).get(session_id, [])
            me = next((item for item in participants if item.user_id == user_id), None)
            if user_id is not None and me is None:
                raise SessionNotFound(session_id)
            if head.is_closed and not may_be_closed:
                raise SessionClosed
            writing = Writing(session, head, row, participants, me, self.outbox)
            yield writing
        if writing.events:
            self.on_commit(writing.events)
            await self.rooms.publish(writing.events)
        self.outbox.wake()
