"""Sessions that end, people who are suspended or deleted, services that are silent: matches end cleanly and nothing is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import text

from .clients import REQUEST, Person
from .conftest import MakeSystem, System


async def matched(system: System) -> tuple[Person, Person, str]:
    ada, bob = system.person(), system.person()
    async with ada.following():
        await ada.request()
        await bob.request()
        match_id: str = (await ada.event("MatchMade"))["match"]["id"]
    return ada, bob, match_id


async def test_a_suspended_person_leaves_the_line_and_cannot_come_back_until_reinstated(system: System) -> None:
    ada = system.person()
    async with ada.following():
        await ada.request()
        await system.publish("user.suspended", "users", user_id=str(ada.id))
        assert (await ada.event("MatchCancelled"))["reason"] == "ACCOUNT_SUSPENDED"
    assert await is_refused(ada)
    await system.publish("user.reinstated", "users", user_id=str(ada.id))
    async with asyncio.timeout(30):
        while await is_refused(ada):
            await asyncio.sleep(0.1)


async def is_refused(person: Person) -> bool:
    """Whether a request is answered with a refusal: by the chassis, which refuses the token, or by matching itself."""
    wish = {"language": "PYTHON", "difficulty": "EASY", "topics": []}
    answer = await person.send(REQUEST, input=wish)
    if "errors" in answer:
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        return True
    result = answer["data"]["requestMatch"]
    assert result["__typename"] in ("AccountBarred", "MatchTicket")
    return bool(result["__typename"] == "AccountBarred")


async def test_a_suspension_ends_the_match_and_tells_partner_and_subgraphs(system: System) -> None:
    ada, bob, match_id = await matched(system)
    async with bob.following():
        await system.publish("user.suspended", "users", user_id=str(ada.id))
        assert (await bob.event("MatchEnded"))["reason"] == "PARTNER_SUSPENDED"
        assert (await bob.request())["__typename"] == "MatchTicket"
    await system.collaboration.heard("match.ended")
    ended = system.collaboration.of_type("match.ended")[0].data
    assert ended == {"match_id": match_id, "reason": "PARTNER_SUSPENDED"}


async def test_a_deleted_person_is_erased_and_the_partner_keeps_the_match(system: System) -> None:
    ada, bob, match_id = await matched(system)
    await system.publish("user.deleted", "users", user_id=str(ada.id))
    await system.collaboration.heard("user.erased")
    assert system.collaboration.of_type("user.erased")[0].data == {"user_id": str(ada.id), "subgraph": "matching"}
    match = (await bob.ask("query ($id: ID!) { match(id: $id) { status partner { id } } }", id=match_id))["match"]
    assert match == {"status": "COMPLETED", "partner": None}
    assert await system.tables_that_name(ada.id) == {"barred_users", "outbox", "sign_outs"}


async def test_a_suspension_heard_of_after_the_deletion_does_not_open_the_way_back(system: System) -> None:
    ada = system.person()
    await ada.request()
    for type in ("user.deleted", "user.suspended", "user.reinstated"):
        await system.publish(type, "users", user_id=str(ada.id))
    handled = text("SELECT count(*) FROM matching.inbox WHERE type LIKE 'user.%'")
    async with asyncio.timeout(30), system.apps[0].state.runtime.database.session() as session:
        while (await session.execute(handled)).scalar_one() < 3:
            await asyncio.sleep(0.1)
    async with asyncio.timeout(30):
        while "errors" in (answer := await ada.send(REQUEST, input={"language": "PYTHON", "difficulty": "EASY"})):
            await asyncio.sleep(0.1)
    assert answer["data"]["requestMatch"]["__typename"] == "AccountBarred"


async def test_a_session_told_of_twice_is_announced_once(system: System) -> None:
    ada, _, match_id = await matched(system)
    await system.publish("session.created", "collaboration", session_id=str(uuid4()), match_id=match_id)
    await asyncio.sleep(0.5)
    async with ada.following():
        await ada.event("MatchMade")
        await asyncio.sleep(0.2)
    # Both subscriptions replay the same numbers; there is no third event.
    assert {seq for seq, type in ada.durable() if type == "MatchMade"} == {2}
    assert ada.of_type("MatchMade")[-1]["match"]["session"]["id"] == system.collaboration.sessions[match_id]


async def test_a_session_of_an_invitation_has_no_match_and_holds_nothing_up(system: System) -> None:
    await system.publish("session.created", "collaboration", session_id=str(uuid4()), match_id=None)
    ada, _, match_id = await matched(system)

    assert match_id in system.collaboration.sessions
    assert len(ada.of_type("MatchMade")) == 1


async def test_a_pair_waits_for_the_questions_service_and_is_formed_when_it_is_back(system: System) -> None:
    system.neighbours.is_questions_down = True
    ada, bob = system.person(), system.person()
    async with ada.following():
        await ada.request()
        await bob.request()
        await asyncio.sleep(0.5)
        assert (await ada.ask("{ currentMatch { status question { id } } }"))["currentMatch"] == {
            "status": "FORMING",
            "question": None,
        }
        system.neighbours.is_questions_down = False
        await ada.event("MatchMade", timeout=60)


async def test_both_go_back_in_line_when_there_is_no_question_for_too_long(make_system: MakeSystem) -> None:
    system: System = await make_system(question_patience=timedelta(seconds=1))
    system.neighbours.is_questions_down = True
    ada, bob = system.person(), system.person()
    async with ada.following(), bob.following():
        ticket = await ada.request()
        await bob.request()
        for person in (ada, bob):
            assert (await person.event("MatchRequeued", timeout=60))["reason"] == "QUESTION_UNAVAILABLE"
        assert ada.of_type("MatchRequeued")[0]["ticket"] == {"id": ticket["id"], "createdAt": ticket["createdAt"]}
        system.neighbours.is_questions_down = False
        await ada.event("MatchMade", timeout=60)
        await bob.event("MatchMade", timeout=60)


async def test_a_proxy_that_answers_for_the_questions_service_is_no_reason_to_wait_for_ever(
    make_system: MakeSystem,
) -> None:
    system: System = await make_system(question_patience=timedelta(seconds=1))
    system.neighbours.is_questions_behind_a_broken_proxy = True
    ada, bob = system.person(), system.person()
    async with ada.following():
        await ada.request()
        await bob.request()
        assert (await ada.event("MatchRequeued", timeout=30))["reason"] == "QUESTION_UNAVAILABLE"


async def test_leaving_a_match_ends_it_for_both(system: System) -> None:
    ada, bob, match_id = await matched(system)
    leave = (
        "mutation ($id: ID!) { leaveMatch(matchId: $id) { __typename ... on Match { status } ... on Error { code } } }"
    )
    async with bob.following():
        assert (await ada.ask(leave, id=match_id))["leaveMatch"]["status"] == "COMPLETED"
        assert (await bob.event("MatchEnded"))["reason"] == "LEFT_BY_PARTICIPANT"
    assert (await bob.ask(leave, id=match_id))["leaveMatch"]["code"] == "MATCH_NOT_OPEN"
    eve = system.person()
    assert (await eve.ask(leave, id=match_id))["leaveMatch"]["code"] == "MATCH_NOT_FOUND"
