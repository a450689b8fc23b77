"""What happens to invitations, blocks and the line while somebody else acts on the same people: the second of two waits, and sees."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.database import Database
from subgraphs.matching.match_repository import MatchRepository
from subgraphs.matching.models import BarredUser, Match, MatchStatus, TicketStatus
from subgraphs.matching.repository import TicketRepository, lock_people, time_of

from .clients import Person
from .conftest import QUICK_STAGES, MakeSystem, System
from .test_private_matches import CLOSE, CREATE, REMATCH, accept, invite
from .test_races import somebody_waits_for_a_lock

BLOCK = "mutation ($id: ID!) { blockUser(userId: $id) { __typename ... on BlockedUsers { users { id } } } }"
LEAVE = "mutation ($id: ID!) { leaveMatch(matchId: $id) { __typename } }"


async def matched(system: System) -> tuple[Person, Person, str]:
    ada, bob = system.person(), system.person()
    async with ada.following():
        await ada.request()
        await bob.request()
        match_id: str = (await ada.event("MatchMade"))["match"]["id"]
    return ada, bob, match_id


async def test_an_invitation_withdrawn_while_somebody_accepts_it_opens_nothing(
    system: System, database: Database
) -> None:
    ada, bob = system.person(), system.person()
    invitation = await invite(ada)
    async with database.transaction() as session:
        await lock_people(session, [ada.id])
        accepting = asyncio.create_task(accept(bob, token=invitation["token"]))
        await somebody_waits_for_a_lock(database)
        assert (await ada.ask(CLOSE, id=invitation["id"]))["closeMatchInvitation"]["status"] == "WITHDRAWN"
    assert (await accepting)["code"] == "INVITATION_NOT_OPEN"


async def test_a_rematch_asked_for_while_one_is_suspended_holds_nothing_that_the_suspension_needs(
    system: System, database: Database
) -> None:
    ada, bob, match_id = await matched(system)
    async with database.transaction() as session:
        await lock_people(session, [ada.id])
        asking = asyncio.create_task(ada.ask(REMATCH, id=match_id))
        await somebody_waits_for_a_lock(database)
        await session.execute(text("SELECT id FROM matching.matches FOR UPDATE NOWAIT"))
    assert (await asking)["requestRematch"]["invitee"] == {"id": str(bob.id)}


async def test_nobody_makes_an_invitation_while_being_erased(system: System, database: Database) -> None:
    ada = system.person()
    async with database.transaction() as session:
        await lock_people(session, [ada.id])
        wish = {"language": "PYTHON", "difficulty": "EASY"}
        asking = asyncio.create_task(ada.ask(CREATE, input=wish))
        await somebody_waits_for_a_lock(database)
        session.add(BarredUser(user_id=ada.id, reason="deleted"))
    assert (await asking)["createMatchInvitation"]["code"] == "BARRED"
    assert await system.tables_that_name(ada.id) == {"barred_users"}


async def test_a_block_of_somebody_who_is_being_erased_names_nobody(system: System, database: Database) -> None:
    ada, bob = system.person(), system.person()
    async with database.transaction() as session:
        await lock_people(session, [ada.id])
        blocking = [
            asyncio.create_task(bob.ask(BLOCK, id=str(ada.id))),
            asyncio.create_task(ada.ask(BLOCK, id=str(bob.id))),
        ]
        await somebody_waits_for_a_lock(database)
        session.add(BarredUser(user_id=ada.id, reason="deleted"))
    for answer in await asyncio.gather(*blocking):
        assert answer["blockUser"] == {"__typename": "BlockedUsers", "users": []}
    assert await system.tables_that_name(ada.id) == {"barred_users"}


async def test_a_private_match_begins_after_the_match_that_held_it_up(system: System, database: Database) -> None:
    ada, _, match_id = await matched(system)
    eve = system.person()
    invitation = await invite(eve)
    async with database.transaction() as session:
        await lock_people(session, [eve.id])
        accepting = asyncio.create_task(accept(ada, token=invitation["token"]))
        await somebody_waits_for_a_lock(database)
        await ada.ask(LEAVE, id=match_id)
    private_id = (await accepting)["id"]
    async with database.session() as session:
        statement = text("SELECT created_at, ended_at FROM matching.matches WHERE id = :id")
        earlier = (await session.execute(statement, {"id": UUID(match_id)})).one()
        later = (await session.execute(statement, {"id": UUID(private_id)})).one()
    assert later.created_at >= earlier.ended_at


async def test_an_invitation_that_expires_while_somebody_waits_to_accept_it_makes_no_match(
    system: System, database: Database
) -> None:
    ada, eve = system.person(), system.person()
    invitation = await invite(eve)
    async with database.transaction() as session:
        await lock_people(session, [eve.id])
        accepting = asyncio.create_task(accept(ada, token=invitation["token"]))
        await somebody_waits_for_a_lock(database)
        await session.execute(text("UPDATE matching.invitations SET expires_at = clock_timestamp()"))
    assert (await accepting)["code"] == "INVITATION_NOT_OPEN"
    async with database.session() as session:
        assert (await session.execute(text("SELECT count(*) FROM matching.matches"))).scalar_one() == 0


async def test_who_accepts_in_vain_is_not_passed_over_meanwhile(make_system: MakeSystem, database: Database) -> None:
    """The guest's ticket is held while the inviter, who is just being matched, is waited for."""
    # With one stage nobody looks a second time.
    system: System = await make_system(matching_stages=QUICK_STAGES[:1])
    # Tickets are held in the order of the ids: the guest's first.
    guest, inviter, newcomer = sorted((system.person() for _ in range(3)), key=lambda person: person.id)
    invitation = await invite(inviter)
    await guest.request(language="JAVA")
    await inviter.request()
    async with newcomer.following():
        async with database.transaction() as session:
            await become_matched(session, inviter.id)
            accepting = asyncio.create_task(accept(guest, token=invitation["token"]))
            await somebody_waits_for_a_lock(database)
            await newcomer.request(language="JAVA")
            await asyncio.sleep(0.5)  # time enough to be passed over
        assert (await accepting)["code"] == "PARTNER_BUSY"
        assert (await newcomer.event("MatchMade"))["match"]["partner"]["id"] == str(guest.id)


async def become_matched(session: AsyncSession, user_id: UUID) -> None:
    """Take this person's ticket out of the line and into a match with somebody else, as pairing does."""
    ticket = await TicketRepository(session).live_of(user_id, lock=True)
    assert ticket is not None
    match = Match(
        user1_id=user_id,
        user2_id=uuid4(),
        status=MatchStatus.ACTIVE,
        language=ticket.preferred_language,
        difficulty=ticket.preferred_difficulty,
        difficulties=[ticket.preferred_difficulty],
        topics=[],
        created_at=await time_of(session),
    )
    await MatchRepository(session).create(match)
    await TicketRepository(session).close([ticket.id], TicketStatus.MATCHED, only=[TicketStatus.PENDING])
