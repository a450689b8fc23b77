"""Follow one session: greet, replay what was missed, go live, end with the session or with the right to follow it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TypeAlias
from uuid import UUID

from ..kit.database import Database
from ..kit.outage import through_outage
from .awareness import write_awareness
from .errors import SessionNotFound
from .log_events import EventKind, LogEvent, StreamEvent
from .log_repository import LogRepository
from .models import LogRow, ParticipantRow, SessionRow
from .presence import Presence
from .repository import SessionRepository
from .room import Member, Room, Rooms
from .rules import Role

MAX_REPLAY = 5000  # events; who missed more loads the document again, which is cheaper
# Subscriptions that may look up their session at the same time. When a replica goes, all its subscribers come to another one at once:
# they wait for each other, and not the requests of everybody for a connection to the database.
ENTERING = 3


class ResyncReason(StrEnum):
    EPOCH_CHANGED = "epoch_changed"
    TOO_FAR_BEHIND = "too_far_behind"
    UNKNOWN_POSITION = "unknown_position"


@dataclass(frozen=True, slots=True)
class Hello:
    """The first thing a subscriber gets: where the log stands, and what he is here."""

    session: SessionRow
    me: ParticipantRow
    epoch: UUID
    head_seq: int
    resumed_from: int | None
    """The number after which events are replayed; None when none are."""
    online: frozenset[UUID]
    awareness: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Resync:
    """What was missed cannot be replayed: load the document and the chat again; events go on after `head_seq`."""

    session_id: UUID
    reason: ResyncReason
    epoch: UUID
    head_seq: int


StreamItem: TypeAlias = Hello | Resync | StreamEvent


class SessionStream:
    """One per process."""

    def __init__(self, database: Database, rooms: Rooms, presence: Presence) -> None:
        self._database = database
        self._rooms = rooms
        self._presence = presence
        self._entering = asyncio.Semaphore(ENTERING)

    async def follow(
        self, user_id: UUID, session_id: UUID, after: int | None, epoch: UUID | None
    ) -> AsyncIterator[list[StreamItem]]:
        """What happens, in batches. Raises SessionNotFound for who takes no part, or not any more."""
        row, me, log = await self._entry(session_id, user_id)
        if row.status == "active":
            async with self._rooms.join(session_id, user_id) as (room, member):
                # Read again, now that nothing can be missed any more.
                row, me, log = await self._entry(session_id, user_id)
                if row.status == "active":
                    async for batch in self._follow_live(row, me, log, room, member, after, epoch):
                        yield batch
                    return
        async for batch in self._replay_ended(row, me, log, after, epoch):
            yield batch

    async def _follow_live(
        self,
        row: SessionRow,
        me: ParticipantRow,
        log: LogRow,
        room: Room,
        member: Member,
        after: int | None,
        epoch: UUID | None,
    ) -> AsyncIterator[list[StreamItem]]:
        reason = _resync_reason(log, room.head, after, epoch)
        resumed_from = after if reason is None else None
        if resumed_from is not None:
            member.position = resumed_from
        async with self._presence.present(row.id, member, is_viewer=me.role == Role.VIEWER) as online:
            states = room.awareness.current()
            hello = Hello(
                session=row,
                me=me,
                epoch=log.epoch,
                head_seq=room.head,
                resumed_from=resumed_from,
                online=online,
                awareness=(write_awareness(states),) if states else (),
            )
            yield [hello] if reason is None else [hello, Resync(row.id, reason, log.epoch, room.head)]
            async for events in self._live(room, member):
                yield list(events)

    async def _live(self, room: Room, member: Member) -> AsyncIterator[list[StreamEvent]]:
        while True:
            events = await room.next_events(member)
            if member.has_to_show_seat:
                member.has_to_show_seat = False
                # The event is told once: who may hear it is found out though the database is away for a moment.
                await through_outage(partial(self._entry, room.session_id, member.user_id))
            if events:
                yield events
            if any(isinstance(event, LogEvent) and event.kind is EventKind.ENDED for event in events):
                return

    async def _entry(self, session_id: UUID, user_id: UUID) -> tuple[SessionRow, ParticipantRow, LogRow]:
        async with self._entering, self._database.session() as session:
            entry = await SessionRepository(session).entry(session_id, user_id)
        if entry is None:
            raise SessionNotFound(session_id)
        return entry

    async def _replay_ended(
        self, row: SessionRow, me: ParticipantRow, log: LogRow, after: int | None, epoch: UUID | None
    ) -> AsyncIterator[list[StreamItem]]:
        reason = _resync_reason(log, log.head_seq, after, epoch)
        # Who does not say where he stood is told at least how it ended.
        position = after if after is not None and reason is None else log.head_seq - 1
        hello = Hello(row, me, log.epoch, log.head_seq, after if reason is None else None, frozenset(), ())
        yield [hello] if reason is None else [hello, Resync(row.id, reason, log.epoch, log.head_seq)]
        while position < log.head_seq:
            async with self._database.session() as session:
                events = await LogRepository(session).read_after(row.id, position, 200, log.head_seq)
            if not events:
                return
            position = events[-1].seq
            yield list(events)


def _resync_reason(log: LogRow, head: int, after: int | None, epoch: UUID | None) -> ResyncReason | None:
    if after is None:
        return None
    if epoch is not None and epoch != log.epoch:
        return ResyncReason.EPOCH_CHANGED
    if after > head or after < 0:
        return ResyncReason.UNKNOWN_POSITION
    if head - after > MAX_REPLAY:
        return ResyncReason.TOO_FAR_BEHIND
    return None
