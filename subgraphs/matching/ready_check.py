"""Both people say that they are there before a match is formed: who did and was let down keeps the place, who declined or slept leaves."""

from __future__ import annotations

from uuid import UUID

from ..kit.database import Database
from .dissolving import close_tickets, end_match
from .errors import MatchNotFound, MatchNotOpen
from .match_repository import MatchRepository
from .models import Match, MatchStatus, TicketStatus
from .people_repository import PeopleRepository
from .repository import TicketRepository, present_of
from .streams import EventType
from .work import UnitOfWork, UnitsOfWork

DECLINED = "DECLINED"
NO_RESPONSE = "NO_RESPONSE"


class ReadyCheck:
    """Answers to proposals, and what happens when there is none in time."""

    def __init__(self, database: Database, units: UnitsOfWork) -> None:
        self._database = database
        self._units = units

    async def accept(self, user_id: UUID, match_id: UUID) -> Match:
        """Say that one is there. Accepting twice is accepting once. Raises MatchNotFound and MatchNotOpen."""
        async with self._units.begin() as unit:
            match = await self._proposal(unit, user_id, match_id)
            if _has_accepted(match, user_id):
                return match
            if match.user1_id == user_id:
                match.accepted1 = True
            else:
                match.accepted2 = True
            for participant in match.user_ids:
                # What is told to one of them does not name the other, so that an erasure leaves no trace there.
                accepted_by = user_id if participant == user_id else None
                unit.tell(participant, EventType.ACCEPTED, match_id=match.id, accepted_by=accepted_by)
            if match.accepted1 and match.accepted2:
                match.status = MatchStatus.FORMING
                await TicketRepository(unit.session).close(
                    [ticket_id for ticket_id in (match.ticket1_id, match.ticket2_id) if ticket_id is not None],
                    TicketStatus.MATCHED,
                    only=(TicketStatus.PROPOSED,),
                )
                unit.forming.append(match.id)
            await unit.session.flush()
        return match

    async def decline(self, user_id: UUID, match_id: UUID) -> Match:
        """Turn a proposal down: the decliner leaves the line, the other one keeps the place. Raises MatchNotFound and MatchNotOpen."""
        async with self._units.begin() as unit:
            match = await self._proposal(unit, user_id, match_id)
            if match.status != MatchStatus.PROPOSED:
                raise MatchNotOpen(match.status)
            await PeopleRepository(unit.session).count_decline(user_id)
            await close_tickets(unit, match, [user_id], TicketStatus.DECLINED)
            await end_match(unit, match_id, DECLINED, leaving=[user_id], only=(MatchStatus.PROPOSED,))
        return match

    async def time_out(self, match_id: UUID) -> None:
        """End a proposal whose time is up; whoever did not answer leaves the line, and it counts as a no-show."""
        async with self._units.begin() as unit:
            match = await MatchRepository(unit.session).locked(match_id)
            if match is None or match.status != MatchStatus.PROPOSED:
                return
            sleepers = sorted(user_id for user_id in match.user_ids if not _has_accepted(match, user_id))
            for user_id in sleepers:
                await PeopleRepository(unit.session).count_no_show(user_id)
                unit.publish("match.no_show", match_id, match_id=match_id, user_id=user_id)
            await close_tickets(unit, match, sleepers, TicketStatus.EXPIRED)
            await end_match(unit, match_id, NO_RESPONSE, leaving=sleepers, only=(MatchStatus.PROPOSED,))

    async def _proposal(self, unit: UnitOfWork, user_id: UUID, match_id: UUID) -> Match:
        match = await MatchRepository(unit.session).locked(match_id)
        if match is None or user_id not in match.user_ids:
            raise MatchNotFound
        has_answered = _has_accepted(match, user_id) and match.is_live
        if match.status != MatchStatus.PROPOSED and not has_answered:
            raise MatchNotOpen(match.status)
        if not has_answered and match.respond_by is not None and match.respond_by <= await present_of(unit.session):
            # Whoever ends it will not ask when the answer came: the database's clock decides, here and there.
            raise MatchNotOpen(match.status, f"The time to answer was over at {match.respond_by.isoformat()}.")
        return match


def _has_accepted(match: Match, user_id: UUID) -> bool:
    return match.accepted1 if match.user1_id == user_id else match.accepted2
