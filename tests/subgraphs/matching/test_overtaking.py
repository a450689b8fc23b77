"""Who comes later does not take the newcomer whom somebody longer in line fits as well."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import text

from subgraphs.kit.database import Database
from subgraphs.matching.rules import Difficulty, Language, PairingRules, Role, SkillLevel, Ticket

from .tickets import database_time, insert_tickets, pair_within


async def test_a_late_search_leaves_the_newcomer_to_the_longest_waiting(database: Database) -> None:
    async with database.transaction() as session:
        now = await database_time(session)
        first, second = _ticket(now, 3, Role.CANDIDATE), _ticket(now, 2, Role.CANDIDATE)
        newcomer = _ticket(now, 1, Role.INTERVIEWER)
        await insert_tickets(session, [first, second, newcomer])
        # The first has looked before the newcomer was there; the second is late and looks only now.
        await session.execute(
            text("UPDATE matching.match_requests SET next_look_at = NULL WHERE id = :id"), {"id": first.id}
        )
        outcome = await pair_within(session, Language.PYTHON, PairingRules(), ready_check=0)
    assert [_people(made.seeker, made.partner) for made in outcome.pairs] == [_people(newcomer, first)]


def _people(*tickets: Ticket) -> frozenset[UUID]:
    return frozenset(ticket.user_id for ticket in tickets)


def _ticket(now: datetime, waited: int, role: Role) -> Ticket:
    return Ticket(
        id=uuid4(),
        user_id=uuid4(),
        language=Language.PYTHON,
        difficulty=Difficulty.EASY,
        skill=SkillLevel.INTERMEDIATE,
        topics=frozenset({"Arrays"}),
        created_at=now - timedelta(seconds=waited),
        role=role,
        min_level=SkillLevel.BEGINNER,
        max_level=SkillLevel.ADVANCED,
        avoids_recent=False,
    )
