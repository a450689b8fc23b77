"""How matches get their questions when the questions service is slow, silent or late."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from subgraphs.kit.database import Database
from subgraphs.kit.errors import Unavailable
from subgraphs.kit.events import Outbox
from subgraphs.kit.signals import LocalSignals
from subgraphs.matching.formation import Formation
from subgraphs.matching.match_repository import MatchRepository
from subgraphs.matching.models import Match, MatchStatus
from subgraphs.matching.models import Outbox as OutboxTable
from subgraphs.matching.ready_check import ReadyCheck
from subgraphs.matching.rules import Difficulty, Language, PairingRules, SkillLevel, Ticket
from subgraphs.matching.streams import Streams
from subgraphs.matching.work import UnitsOfWork

from .doubles import running
from .tickets import database_time, insert_tickets, pair_within


class SilentQuestions:
    """Answers nothing until it is let go, and then says that it is away."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_asked = asyncio.Event()
        self.let_go = asyncio.Event()

    async def query(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        self.asked += 1
        self.is_asked.set()
        await self.let_go.wait()
        raise Unavailable("away")


async def test_a_match_that_waits_for_a_silent_service_is_not_asked_for_again_and_again(database: Database) -> None:
    questions = SilentQuestions()
    formation = Formation(database, _units(database), questions, timedelta(minutes=1))
    match_id = await _forming(database)
    async with running(formation.run()):
        formation.submit(match_id)
        await questions.is_asked.wait()
        for _ in range(50):
            formation.submit(match_id)
        questions.let_go.set()
        await asyncio.sleep(0.5)
        assert questions.asked == 1
        formation.submit(match_id)
        async with asyncio.timeout(30):
            while questions.asked < 2:
                await asyncio.sleep(0.01)


async def test_patience_begins_when_both_have_accepted(database: Database) -> None:
    units, questions = _units(database), SilentQuestions()
    questions.let_go.set()
    match_id, people = await _proposed(database)
    async with database.transaction() as session:
        await session.execute(text("UPDATE matching.matches SET created_at = created_at - interval '40 seconds'"))
    for user_id in people:
        await ReadyCheck(database, units).accept(user_id, match_id)
    formation = Formation(database, units, questions, timedelta(seconds=30))
    await formation.form(match_id)
    assert await _status_of(database, match_id) == "forming"
    async with database.transaction() as session:
        await session.execute(text("UPDATE matching.match_requests SET closed_at = closed_at - interval '40 seconds'"))
    await formation.form(match_id)
    assert await _status_of(database, match_id) == "cancelled"


def _units(database: Database) -> UnitsOfWork:
    return UnitsOfWork(database, Outbox(OutboxTable, "matching"), Streams(database, LocalSignals()))


async def _forming(database: Database) -> UUID:
    async with database.transaction() as session:
        match = await MatchRepository(session).create(
            Match(
                id=uuid4(),
                user1_id=uuid4(),
                user2_id=uuid4(),
                status=MatchStatus.FORMING,
                language="PYTHON",
                difficulty="EASY",
                difficulties=["EASY"],
                topics=[],
                created_at=await database_time(session),
            )
        )
    return match.id


async def _proposed(database: Database) -> tuple[UUID, list[UUID]]:
    people = [uuid4(), uuid4()]
    async with database.transaction() as session:
        now = await database_time(session)
        await insert_tickets(session, [_ticket(user_id, now - timedelta(seconds=1)) for user_id in people])
        outcome = await pair_within(session, Language.PYTHON, PairingRules(), ready_check=60)
    return outcome.pairs[0].match_id, people


def _ticket(user_id: UUID, created_at: datetime) -> Ticket:
    return Ticket(
        uuid4(), user_id, Language.PYTHON, Difficulty.EASY, SkillLevel.INTERMEDIATE, frozenset({"Arrays"}), created_at
    )


async def _status_of(database: Database, match_id: UUID) -> str:
    async with database.session() as session:
        match = await MatchRepository(session).get(match_id)
    assert match is not None
    return match.status
