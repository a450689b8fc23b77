"""Everything that the database knows after a storm, read once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.matching.models import BarredUser, Block, Follower, Invitation, Match, MatchRequest, Participant
from subgraphs.matching.streams import EventType

EVENT_NAMES = {type.value: f"Match{type.value.capitalize()}" for type in EventType}
# What matching listens for.
HEARD = ("session.created", "session.ended", "user.suspended", "user.reinstated", "user.deleted")
_PUBLISHED = "SELECT type, subject, count(*) AS times FROM bus.events WHERE source = 'matching' GROUP BY 1, 2"
_EVENTS = """
    SELECT user_id, epoch, seq, type FROM matching.match_events JOIN matching.streams USING (user_id) ORDER BY seq
"""
_UNHANDLED = """
    SELECT type, count(*) AS times FROM bus.events
    WHERE type = ANY(:types) AND event_id NOT IN (SELECT event_id FROM matching.inbox) GROUP BY 1
"""
_BEHIND = """
    SELECT name, (SELECT count(*) FROM bus.events WHERE seq > position) AS events FROM bus.consumers
    WHERE name IN ('matching', 'collaboration')
"""


@dataclass(frozen=True, slots=True)
class Record:
    """All that the database knows when everything is quiet."""

    tickets: dict[UUID, MatchRequest]
    matches: dict[UUID, Match]
    participants: Sequence[Participant]
    invitations: dict[UUID, Invitation]
    blocked: frozenset[frozenset[UUID]]
    barred: dict[UUID, BarredUser]
    followers: frozenset[UUID]
    streams: frozenset[UUID]
    published: Counter[tuple[str, str]]
    """How often the bus got an event of this type about this match."""
    events: dict[UUID, list[tuple[str, int, str]]]
    unhandled: dict[str, int]
    """By type, how many events on the bus are not in the inbox."""
    behind: dict[str, int]
    """By consumer of the bus, how many events it has not looked at."""
    unpublished: int
    """How many events are in the outbox and not on the bus."""
    now: datetime


async def read_record(session: AsyncSession) -> Record:
    published: Counter[tuple[str, str]] = Counter()
    for row in await session.execute(text(_PUBLISHED)):
        published[(row.type, row.subject)] = row.times
    events: dict[UUID, list[tuple[str, int, str]]] = defaultdict(list)
    for row in await session.execute(text(_EVENTS)):
        events[row.user_id].append((row.epoch, row.seq, EVENT_NAMES[row.type]))
    unhandled = await session.execute(text(_UNHANDLED), {"types": list(HEARD)})
    behind = await session.execute(text(_BEHIND))
    unpublished = "SELECT count(*) FROM matching.outbox WHERE published_at IS NULL"
    blocks = (await session.scalars(select(Block))).all()
    streams = await session.execute(text("SELECT user_id FROM matching.streams"))
    return Record(
        tickets={ticket.id: ticket for ticket in (await session.scalars(select(MatchRequest))).all()},
        matches={match.id: match for match in (await session.scalars(select(Match))).all()},
        participants=(await session.scalars(select(Participant))).all(),
        invitations={one.id: one for one in (await session.scalars(select(Invitation))).all()},
        blocked=frozenset(frozenset((block.blocker_id, block.blocked_id)) for block in blocks),
        barred={one.user_id: one for one in (await session.scalars(select(BarredUser))).all()},
        followers=frozenset((await session.scalars(select(Follower.user_id))).all()),
        streams=frozenset(streams.scalars().all()),
        published=published,
        events=events,
        unhandled={row.type: row.times for row in unhandled},
        behind={row.name: row.events for row in behind},
        unpublished=(await session.execute(text(unpublished))).scalar_one(),
        now=(await session.execute(text("SELECT now()"))).scalar_one(),
    )
