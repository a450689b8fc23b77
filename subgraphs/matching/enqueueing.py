"""Write new tickets: the requests that arrive while one transaction runs go into the next one together.

So a single request waits for nobody, and a thousand a second cost a few transactions instead of a thousand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID, uuid4

import structlog

from ..kit.events import JsonObject
from .errors import AlreadyInMatch, Barred, NotQueued
from .models import MatchRequest
from .rules import Difficulty, Language, Role, SkillLevel, Ticket
from .ticket_statements import enqueue, hindrances_of
from .work import UnitsOfWork

logger = structlog.get_logger(__name__)

MAX_BATCH = 200


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
    id: UUID = field(default_factory=uuid4)

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
        rows = [_row(position, each) for position, each in enumerate(wished)]
        async with self._units.statement() as driver:
            live = await enqueue(driver, rows, self._lifetime)
        outcomes: dict[UUID, Outcome] = {}
        made = {each.id for each in wished}
        for ticket in live:
            outcomes[ticket.user_id] = Enqueued(ticket, is_new=ticket.id in made)
        new = [ticket for ticket in live if ticket.id in made]
        await self._units.after(
            told=[ticket.user_id for ticket in new],
            searching={Language(ticket.preferred_language) for ticket in new},
        )
        hindered = [each.user_id for each in wished if each.user_id not in outcomes]
        if hindered:
            async with self._units.statement() as driver:
                for user_id, match_id in await hindrances_of(driver, hindered):
                    outcomes.setdefault(user_id, Barred() if match_id is None else AlreadyInMatch(match_id))
        # What is still missing was closed between the two statements; asking again is right.
        return {each.user_id: outcomes.get(each.user_id) or NotQueued() for each in wished}


def _row(position: int, wished: NewTicket) -> JsonObject:
    return {
        "position": position,
        "id": wished.id,
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
