"""What happens while a pair is made, a match ends or somebody leaves: the second of two waits, and sees what the first did."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.database import Database
from subgraphs.matching.repository import lock_people
from subgraphs.matching.rules import Difficulty, Language, PairingRules, SkillLevel, Ticket

from .clients import Person
from .conftest import MakeSystem, System
from .tickets import database_time, insert_tickets, pair_within

NEVER = 3600.0  # seconds between the rounds of upkeep, so that nothing happens but what a test does


@pytest.fixture
async def still_system(make_system: MakeSystem) -> System:
    """One replica in which nothing happens by itself."""
    made: System = await make_system(upkeep_interval=NEVER)
    return made


@pytest.fixture
async def other_process(still_system: System) -> AsyncIterator[Database]:
    """The same database, as another process sees it."""
    database = Database(still_system.database_url)
    yield database
    await database.dispose()


async def test_who_asks_again_while_a_pair_is_made_does_not_wait_beside_the_match(
    still_system: System, other_process: Database
) -> None:
    ada, bob = still_system.person(), still_system.person()
    await let_wait(other_process, ada, bob)
    async with other_process.transaction() as session:
        await pair_python(session)
        asking = asyncio.create_task(ada.request())
        await somebody_waits_for_a_lock(other_process)
    assert (await asking)["__typename"] == "AlreadyInMatch"
    assert await live_tickets(other_process, ada.id) == 0


async def test_who_is_suspended_while_a_pair_is_made_is_not_left_in_the_match(
    still_system: System, other_process: Database
) -> None:
    ada, bob = still_system.person(), still_system.person()
    await let_wait(other_process, ada, bob)
    async with other_process.transaction() as session:
        match_id = await pair_python(session)
        await still_system.publish("user.suspended", "users", user_id=str(ada.id))
        await somebody_waits_for_a_lock(other_process)
    await match_is(other_process, match_id, "cancelled")
    assert await live_tickets(other_process, ada.id) == 0
    assert await live_tickets(other_process, bob.id) == 1


async def test_a_match_that_gets_its_session_while_somebody_is_suspended_ends_with_it(
    still_system: System, other_process: Database
) -> None:
    ada, bob = still_system.person(), still_system.person()
    await let_wait(other_process, ada, bob)
    async with other_process.transaction() as session:
        match_id = await pair_python(session)
    async with other_process.transaction() as session:
        await session.execute(text("UPDATE matching.matches SET status = 'active' WHERE id = :id"), {"id": match_id})
        await still_system.publish("user.suspended", "users", user_id=str(ada.id))
        await somebody_waits_for_a_lock(other_process)
    await match_is(other_process, match_id, "completed")
    assert await live_tickets(other_process, bob.id) == 0
    await still_system.collaboration.heard("match.ended")


async def test_who_is_blocked_while_a_pair_is_made_is_not_met(still_system: System, other_process: Database) -> None:
    ada, bob = still_system.person(), still_system.person()
    await let_wait(other_process, ada, bob)
    async with other_process.transaction() as session:
        match_id = await pair_python(session)
        block = "mutation ($id: ID!) { blockUser(userId: $id) { __typename } }"
        blocking = asyncio.create_task(ada.ask(block, id=str(bob.id)))
        await somebody_waits_for_a_lock(other_process)
    await blocking
    await match_is(other_process, match_id, "cancelled")
    assert [await live_tickets(other_process, person.id) for person in (ada, bob)] == [1, 1]


async def test_who_accepts_an_invitation_while_its_maker_is_erased_holds_nothing_that_the_erasure_needs(
    still_system: System, other_process: Database
) -> None:
    ada, bob = still_system.person(), still_system.person()
    create = "mutation ($input: CreateMatchInvitationInput!) { createMatchInvitation(input: $input) { ... on MatchInvitation { token } } }"
    wish = {"language": "PYTHON", "difficulty": "EASY"}
    token = (await ada.ask(create, input=wish))["createMatchInvitation"]["token"]
    accept = (
        "mutation ($t: String!) { acceptMatchInvitation(input: { token: $t }) { __typename ... on Error { code } } }"
    )
    async with other_process.transaction() as session:
        await lock_people(session, [ada.id])
        accepting = asyncio.create_task(bob.ask(accept, t=token))
        await somebody_waits_for_a_lock(other_process)
        await session.execute(text("SELECT id FROM matching.invitations FOR UPDATE NOWAIT"))
        await session.execute(text("DELETE FROM matching.invitations"))
    assert (await accepting)["acceptMatchInvitation"]["code"] == "INVITATION_NOT_FOUND"


async def match_is(database: Database, match_id: UUID, status: str) -> None:
    """Return when the match has this status."""
    async with asyncio.timeout(30), database.session() as session:
        statement = text("SELECT status FROM matching.matches WHERE id = :id")
        while (await session.execute(statement, {"id": match_id})).scalar_one() != status:
            await asyncio.sleep(0.05)


async def pair_python(session: AsyncSession, *, ready_check: float = 0) -> UUID:
    """Make the one pair there is in this transaction; the id of its match."""
    outcome = await pair_within(session, Language.PYTHON, PairingRules(), ready_check)
    (made,) = outcome.pairs
    return made.match_id


async def let_wait(database: Database, *people: Person) -> None:
    """Give these people tickets that fit each other, without anybody looking for their partners yet."""
    async with database.transaction() as session:
        now = await database_time(session)
        await insert_tickets(session, [_ticket(person.id, now - timedelta(seconds=1)) for person in people])


def _ticket(user_id: UUID, created_at: datetime) -> Ticket:
    return Ticket(
        uuid4(), user_id, Language.PYTHON, Difficulty.EASY, SkillLevel.INTERMEDIATE, frozenset({"Arrays"}), created_at
    )


async def live_tickets(database: Database, user_id: UUID) -> int:
    statement = text(
        "SELECT count(*) FROM matching.match_requests WHERE user_id = :id AND status IN ('pending', 'proposed')"
    )
    async with database.session() as session:
        count: int = (await session.execute(statement, {"id": user_id})).scalar_one()
    return count


async def somebody_waits_for_a_lock(database: Database) -> None:
    """Return when some other connection to this database is held up by a lock."""
    statement = text("""
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
    """)
    async with asyncio.timeout(30):
        while True:
            async with database.session() as session:
                if (await session.execute(statement)).scalar_one():
                    return
            await asyncio.sleep(0.02)
