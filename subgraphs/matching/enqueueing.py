"""Write new tickets: the requests that arrive while one transaction runs go into the next one together.

So a single request waits for nobody, and a thousand a second cost a few transactions instead of a thousand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

import orjson
import structlog
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from .errors import AlreadyInMatch, Barred, NotQueued
from .models import MatchRequest
from .repository import lock_people
from .rules import Difficulty, Language, Role, SkillLevel, Ticket
from .sql_values import uuids
from .streams import EventType
from .work import UnitsOfWork

logger = structlog.get_logger(__name__)

MAX_BATCH = 200

_HINDRANCES = text("""
    SELECT user_id, NULL::uuid AS match_id FROM matching.barred_users WHERE user_id = ANY(CAST(:user_ids AS uuid[]))
    UNION ALL
    SELECT user_id, match_id FROM matching.participants WHERE is_live AND user_id = ANY(CAST(:user_ids AS uuid[]))
""")
# A microsecond between tickets of one batch keeps the order in which they were asked for.
_INSERT = text("""
    INSERT INTO matching.match_requests (user_id, skill_level, is_skill_known, preferred_language, preferred_difficulty,
        preferred_topics, role, partner_min_level, partner_max_level, avoids_recent, bucket, created_at, expires_at, next_look_at)
    SELECT user_id, skill_level, is_skill_known, language, difficulty, topics, role, min_level, max_level, avoids_recent, bucket,
        now() + position * interval '1 microsecond', now() + CAST(:lifetime AS interval), now()
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS wished (position integer, user_id uuid, skill_level text,
        is_skill_known boolean, language text, difficulty text, topics jsonb, role text, min_level text, max_level text,
        avoids_recent boolean, bucket smallint)
    ORDER BY user_id
    ON CONFLICT (user_id) WHERE status IN ('pending', 'proposed') DO NOTHING
    RETURNING match_requests.*
""")
_LIVE = """status IN ('pending', 'proposed')"""


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket to be."""

    user_id: UUID
    skill: SkillLevel
    is_skill_known: bool
    language: Language
    difficulty: Difficulty
    topics: tuple[str, ...]
    role: Role
    min_level: SkillLevel
    max_level: SkillLevel
    avoids_recent: bool

    @property
    def bucket(self) -> int:
        return Ticket.bucket_of(self.difficulty, self.skill, self.role, self.min_level, self.max_level)


@dataclass(frozen=True, slots=True)
class Enqueued:
    """The person's live ticket, and whether this request made it."""

    ticket: MatchRequest
    is_new: bool


Outcome: TypeAlias = Enqueued | Barred | AlreadyInMatch | NotQueued
Asked: TypeAlias = tuple[NewTicket, "asyncio.Future[Outcome]"]


class Enqueueing:
    """The new tickets of this replica."""

    def __init__(self, units: UnitsOfWork, lifetime: timedelta) -> None:
        self._units = units
        self._lifetime = lifetime
        self._waiting: list[Asked] = []
        self._wake = asyncio.Event()

    async def add(self, wished: NewTicket) -> Enqueued:
        """Write this ticket, or find the one that the person has. Raises Barred and AlreadyInMatch."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((wished, future))
        self._wake.set()
        outcome = await future
        if isinstance(outcome, Enqueued):
            return outcome
        raise outcome

    async def run(self) -> None:
        """Write what is asked for, for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._write_next()

    async def _write_next(self) -> None:
        batch: list[Asked] = []
        later: list[Asked] = []
        people: set[UUID] = set()
        # Two requests of one person go one after the other, so that the second finds the ticket of the first.
        for wished, future in self._waiting:
            is_first = wished.user_id not in people and len(batch) < MAX_BATCH
            (batch if is_first else later).append((wished, future))
            people.add(wished.user_id)
        self._waiting = later
        try:
            outcomes = await self._write([wished for wished, _ in batch])
        except Exception as error:
            logger.exception("enqueueing.failed", tickets=len(batch))
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for wished, future in batch:
            if not future.done():
                future.set_result(outcomes[wished.user_id])

    async def _write(self, wished: Sequence[NewTicket]) -> dict[UUID, Outcome]:
        outcomes: dict[UUID, Outcome] = {}
        async with self._units.begin() as unit:
            await lock_people(unit.session, [each.user_id for each in wished])
            for row in await unit.session.execute(_HINDRANCES, {"user_ids": [each.user_id for each in wished]}):
                outcomes.setdefault(row.user_id, Barred() if row.match_id is None else AlreadyInMatch(row.match_id))
            free = [each for each in wished if each.user_id not in outcomes]
            for ticket in await self._insert(unit.session, free):
                outcomes[ticket.user_id] = Enqueued(ticket, is_new=True)
                unit.tell(ticket.user_id, EventType.QUEUED, ticket_id=ticket.id)
                unit.look_for_partner(ticket)
            known = [each.user_id for each in free if each.user_id not in outcomes]
            for ticket in await _live_tickets(unit.session, known):
                outcomes[ticket.user_id] = Enqueued(ticket, is_new=False)
            # What is still missing was closed between the two statements; asking again is right.
            return {each.user_id: outcomes.get(each.user_id) or NotQueued() for each in wished}

    async def _insert(self, session: AsyncSession, wished: Sequence[NewTicket]) -> Sequence[MatchRequest]:
        if not wished:
            return []
        rows = [_row(position, each) for position, each in enumerate(wished)]
        values = {"rows": orjson.dumps(rows, default=str).decode(), "lifetime": self._lifetime}
        return (await session.scalars(select(MatchRequest).from_statement(_INSERT), values)).all()


async def _live_tickets(session: AsyncSession, user_ids: Sequence[UUID]) -> Sequence[MatchRequest]:
    if not user_ids:
        return []
    statement = select(MatchRequest).where(MatchRequest.user_id == uuids(user_ids).any_(), text(_LIVE))
    return (await session.scalars(statement)).all()


def _row(position: int, wished: NewTicket) -> dict[str, object]:
    return {
        "position": position,
        "user_id": wished.user_id,
        "skill_level": wished.skill,
        "is_skill_known": wished.is_skill_known,
        "language": wished.language,
        "difficulty": wished.difficulty,
        "topics": wished.topics,
        "role": wished.role,
        "min_level": wished.min_level,
        "max_level": wished.max_level,
        "avoids_recent": wished.avoids_recent,
        "bucket": wished.bucket,
    }
