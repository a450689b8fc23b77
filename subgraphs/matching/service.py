"""What people do: ask for a partner, cancel, wait longer, leave a match, keep away from somebody. Owns the transactions."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from ..kit.coalescing import Coalescing
from ..kit.database import Database
from ..kit.direct_rows import rows_by_id
from ..kit.errors import InvalidInput
from ..kit.outage import through_outage
from ..kit.pagination import Page, PageRequest
from .dissolving import end_match
from .enqueueing import Enqueued, Enqueueing, NewTicket
from .errors import LifetimeUsedUp, MatchNotFound, MatchNotOpen, NotQueued
from .match_repository import MatchRepository
from .models import Match, MatchRequest, MatchStatus, TicketStatus
from .pairing import lock_line
from .people_repository import PeopleRepository
from .ready_check import DECLINED
from .repository import TicketRepository, lock_people, time_of
from .rules import SKILL_LEVELS, Difficulty, Language, Role, SkillLevel
from .settings import MatchingSettings
from .skills import SkillSource
from .streams import Cursor, Quiet, Resync, StreamEvent, Streams, Waker
from .ticket_statements import cancel, waiting_tickets_of
from .topics import checked_topics
from .work import UnitOfWork, UnitsOfWork

MAX_BLOCKS = 500  # people one person can block
WITHOUT_SESSION = (MatchStatus.PROPOSED, MatchStatus.FORMING, MatchStatus.OPENING)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for. The skill is not part of it: that is for the users service to say."""

    language: Language
    difficulty: Difficulty
    topics: tuple[str, ...] = ()
    role: Role = Role.ANY
    min_level: SkillLevel = SkillLevel.BEGINNER
    max_level: SkillLevel = SkillLevel.ADVANCED
    avoids_recent: bool = False


class MatchingService:
    """The use cases of the queue and of one's own matches."""

    def __init__(
        self,
        database: Database,
        units: UnitsOfWork,
        streams: Streams,
        enqueueing: Enqueueing,
        skills: SkillSource,
        settings: MatchingSettings,
    ) -> None:
        self._database = database
        self._units = units
        self._streams = streams
        self._enqueueing = enqueueing
        self._skills = skills
        self._settings = settings
        self._matches_of_events = Coalescing(self._load_matches)
        self._tickets_of_events = Coalescing(self._load_tickets)

    async def request_match(self, user_id: UUID, wish: Wish) -> Enqueued:
        """Get in line, once: a person who waits already keeps the place. Raises AlreadyInMatch, Barred and InvalidInput."""
        topics = checked_topics(wish.topics)
        if SKILL_LEVELS.index(wish.min_level) > SKILL_LEVELS.index(wish.max_level):
            raise InvalidInput(
                f"minLevel {wish.min_level} is above maxLevel {wish.max_level}; the range must not be empty.",
                field="input.preferences.minLevel",
            )
        skill = await self._skills.of(user_id)
        return await self._enqueueing.add(
            NewTicket(
                user_id=user_id,
                skill=skill.level,
                is_skill_known=skill.is_known,
                language=wish.language,
                difficulty=wish.difficulty,
                topics=topics,
                role=wish.role,
                min_level=wish.min_level,
                max_level=wish.max_level,
                avoids_recent=wish.avoids_recent,
            )
        )

    async def cancel(self, user_id: UUID) -> MatchRequest:
        """Leave the line. Raises NotQueued without a live ticket, and MatchNotOpen while a proposal stands."""
        while True:
            async with self._units.statement() as driver:
                cancelled = await cancel(driver, user_id, "CANCELLED_BY_YOU")
            if cancelled:
                await self._units.after(told=[user_id])
                return cancelled[0]
            live = await self.live_ticket(user_id)
            if live is None:
                raise NotQueued
            if live.status == TicketStatus.PROPOSED:
                raise MatchNotOpen("proposed", "A partner was found for you meanwhile; accept or decline the match.")
            # The proposal fell through between the two looks: the ticket can be cancelled now.

    async def extend(self, user_id: UUID) -> MatchRequest:
        """Wait for another ticket lifetime from now. Raises NotQueued, and LifetimeUsedUp when the ticket is as old as one may get."""
        async with self._units.begin() as unit:
            tickets = TicketRepository(unit.session)
            ticket = await tickets.live_of(user_id)
            if ticket is None:
                raise NotQueued
            await lock_line(unit.session, Language(ticket.preferred_language))
            ticket = await tickets.live_of(user_id, lock=True)
            if ticket is None:
                raise NotQueued
            now = await time_of(unit.session)
            latest = ticket.created_at + self._settings.max_ticket_lifetime
            if ticket.expires_at >= latest:
                raise LifetimeUsedUp
            ticket.expires_at = max(ticket.expires_at, min(now + self._settings.ticket_lifetime, latest))
            await unit.session.flush()
        return ticket

    async def leave_match(self, user_id: UUID, match_id: UUID) -> Match:
        """End one's live match. Raises MatchNotFound for others' matches, MatchNotOpen when it has ended."""
        async with self._units.begin() as unit:
            match = await MatchRepository(unit.session).locked(match_id)
            if match is None or user_id not in match.user_ids:
                raise MatchNotFound
            if await end_match(unit, match_id, "LEFT_BY_PARTICIPANT", leaving=[user_id]) is None:
                raise MatchNotOpen(match.status)
        return match

    async def block(self, user_id: UUID, other_id: UUID) -> None:
        """Never be matched with this person again. A match of the two ends unless there is a session; that goes on."""
        if user_id == other_id:
            raise InvalidInput("You cannot block yourself.", field="userId")
        async with self._units.begin() as unit:
            people = PeopleRepository(unit.session)
            blocked = await people.blocked_by(user_id, MAX_BLOCKS)
            if len(blocked) >= MAX_BLOCKS and other_id not in blocked:
                raise InvalidInput(f"You have blocked {MAX_BLOCKS} people; unblock somebody first.", field="userId")
            # A pair of the two that is being made right now is seen after this, and none is made before the commit; and nobody is
            # being erased meanwhile.
            await lock_people(unit.session, [user_id, other_id])
            if await people.is_erased(user_id) or await people.is_erased(other_id):
                return
            await _lock_line_of(unit, user_id)
            await people.block(user_id, other_id)
            match = await MatchRepository(unit.session).live_of(user_id)
            if match is not None and other_id in match.user_ids:
                await end_match(unit, match.id, DECLINED, only=WITHOUT_SESSION)

    async def unblock(self, user_id: UUID, other_id: UUID) -> None:
        async with self._units.begin() as unit:
            if await PeopleRepository(unit.session).unblock(user_id, other_id):
                # Both may have waited so long that nobody looks for them any more.
                ticket = await _lock_line_of(unit, user_id)
                if ticket is not None:
                    await TicketRepository(unit.session).look_again(ticket.id)
                    unit.look_for_partner(ticket)

    async def blocked_by(self, user_id: UUID) -> list[UUID]:
        async with self._database.session() as session:
            return await PeopleRepository(session).blocked_by(user_id, MAX_BLOCKS)

    async def live_ticket(self, user_id: UUID) -> MatchRequest | None:
        async with self._database.session() as session:
            return await TicketRepository(session).live_of(user_id)

    async def waiting_tickets(self, user_ids: Sequence[UUID]) -> dict[UUID, MatchRequest]:
        """The tickets of those of these people who wait, by person."""
        async with self._units.statement() as driver:
            return await waiting_tickets_of(driver, user_ids)

    async def live_match(self, user_id: UUID) -> Match | None:
        async with self._database.session() as session:
            return await MatchRepository(session).live_of(user_id)

    async def matches_by_id(self, ids: Sequence[UUID]) -> dict[UUID, Match]:
        return await rows_by_id(self._database, Match, ids)

    async def tickets_by_id(self, ids: Sequence[UUID]) -> dict[UUID, MatchRequest]:
        return await rows_by_id(self._database, MatchRequest, ids)

    async def match_of_event(self, id: UUID) -> Match | None:
        """The match; whoever asks at the same time shares one statement, as both people of a match do."""
        return await through_outage(partial(self._matches_of_events.get, id))

    async def ticket_of_event(self, id: UUID) -> MatchRequest | None:
        return await through_outage(partial(self._tickets_of_events.get, id))

    async def newest_matches(self, user_ids: Sequence[UUID], limit: int) -> dict[UUID, list[Match]]:
        async with self._database.session() as session:
            return await MatchRepository(session).newest_of(user_ids, limit)

    async def history(self, user_id: UUID, request: PageRequest, criteria: Sequence[Any]) -> Page[Match]:
        async with self._database.session() as session:
            return await MatchRepository(session).page_of(user_id, request, criteria)

    async def history_size(self, user_id: UUID, criteria: Sequence[Any]) -> int:
        async with self._database.session() as session:
            return await MatchRepository(session).count_of(user_id, criteria)

    async def start_of(self, ticket: MatchRequest) -> Cursor:
        """The place in the person's stream just before this ticket's first event."""
        return await self._streams.start_of(ticket.user_id, ticket.id)

    def follow(
        self, user_id: UUID, after: Cursor | None, waker: Waker
    ) -> AsyncGenerator[StreamEvent | Resync | Quiet, None]:
        """The person's events after the cursor, for ever (see `Streams.follow`)."""
        return self._streams.follow(user_id, after, waker)

    async def _load_matches(self, ids: Sequence[UUID]) -> list[Match | None]:
        found = await rows_by_id(self._database, Match, ids)
        return [found.get(id) for id in ids]

    async def _load_tickets(self, ids: Sequence[UUID]) -> list[MatchRequest | None]:
        found = await rows_by_id(self._database, MatchRequest, ids)
        return [found.get(id) for id in ids]


async def _lock_line_of(unit: UnitOfWork, user_id: UUID) -> MatchRequest | None:
    """Wait for the pairing that may take this person's ticket, and keep out the next one until the commit; the ticket, if there is one."""
    ticket = await TicketRepository(unit.session).live_of(user_id)
    if ticket is not None:
        await lock_line(unit.session, Language(ticket.preferred_language))
    return ticket
