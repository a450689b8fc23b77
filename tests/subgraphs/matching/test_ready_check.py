"""With a ready check both must say that they are there; nobody pays for the other's silence."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from .clients import Person
from .conftest import MakeSystem, System

RESPOND = """mutation ($id: ID!) {{ {field}(matchId: $id) {{ __typename ... on Match {{ id status }} ... on Error {{ code }} }} }}"""


@pytest.fixture
async def checked(make_system: MakeSystem) -> System:
    system: System = await make_system(ready_check_seconds=120.0)
    return system


async def respond(person: Person, field: str, match_id: str) -> dict[str, Any]:
    result: dict[str, Any] = (await person.ask(RESPOND.format(field=field), id=match_id))[field]
    return result


async def test_a_match_is_made_once_both_have_accepted(checked: System) -> None:
    ada, bob = checked.person(), checked.person()
    async with ada.following(), bob.following():
        await ada.request()
        await bob.request()
        match_id = (await ada.event("MatchProposed"))["match"]["id"]
        cancelling = "mutation { cancelMatch { ... on MatchNotOpen { code status message } } }"
        assert (await ada.ask(cancelling))["cancelMatch"] == {
            "code": "MATCH_NOT_OPEN",
            "status": "proposed",
            "message": "A partner was found for you meanwhile; accept or decline the match.",
        }
        assert (await respond(ada, "acceptMatch", match_id))["status"] == "PROPOSED"
        assert (await respond(ada, "acceptMatch", match_id))["status"] == "PROPOSED"
        assert not (await bob.event("MatchAccepted"))["isYou"]
        assert (await respond(bob, "acceptMatch", match_id))["status"] == "FORMING"
        assert (await ada.event("MatchMade"))["match"]["id"] == match_id
        await bob.event("MatchMade")
    assert len(ada.of_type("MatchAccepted")) == 2


async def test_an_answer_after_the_time_is_refused_even_before_the_proposal_was_ended(make_system: MakeSystem) -> None:
    system: System = await make_system(ready_check_seconds=120.0, upkeep_interval=3600)
    ada, bob = system.person(), system.person()
    async with ada.following(), bob.following():
        await ada.request()
        await bob.request()
        match_id = (await ada.event("MatchProposed"))["match"]["id"]
        assert (await respond(ada, "acceptMatch", match_id))["status"] == "PROPOSED"
        async with system.apps[0].state.runtime.database.transaction() as session:
            await session.execute(text("UPDATE matching.matches SET respond_by = clock_timestamp()"))
        for field in ("acceptMatch", "declineMatch"):
            assert (await respond(bob, field, match_id))["code"] == "MATCH_NOT_OPEN"
        # Whoever answered in time has answered.
        assert (await respond(ada, "acceptMatch", match_id))["status"] == "PROPOSED"


async def test_who_declines_leaves_and_the_other_keeps_the_place(checked: System) -> None:
    ada, bob, eve = (checked.person() for _ in range(3))
    async with ada.following(), bob.following():
        ticket = await ada.request()
        await bob.request()
        match_id = (await bob.event("MatchProposed"))["match"]["id"]
        await respond(ada, "acceptMatch", match_id)
        assert (await respond(bob, "declineMatch", match_id))["__typename"] == "Match"
        requeued = await ada.event("MatchRequeued")
        assert requeued["reason"] == "DECLINED"
        assert requeued["ticket"] == {"id": ticket["id"], "createdAt": ticket["createdAt"]}
        await bob.event("MatchEnded")
        assert (await respond(ada, "acceptMatch", match_id))["code"] == "MATCH_NOT_OPEN"
        await eve.request()
        proposed = await ada.event("MatchProposed", count=2)
    assert proposed["match"]["id"] != match_id
    assert (await bob.ask("{ queueStatus { ticket { id } } }"))["queueStatus"]["ticket"] is None


async def test_who_sleeps_leaves_and_it_counts_as_a_no_show(make_system: MakeSystem) -> None:
    checked: System = await make_system(ready_check_seconds=8.0)
    ada, bob = checked.person(), checked.person()
    async with ada.following():
        await ada.request()
        await bob.request()
        match_id = (await ada.event("MatchProposed"))["match"]["id"]
        await respond(ada, "acceptMatch", match_id)
        assert (await ada.event("MatchRequeued", timeout=60))["reason"] == "NO_RESPONSE"
    assert (await bob.ask("{ queueStatus { noShows ticket { id } } }"))["queueStatus"] == {"noShows": 1, "ticket": None}
    assert (await ada.ask("{ queueStatus { noShows } }"))["queueStatus"] == {"noShows": 0}
    async with checked.apps[0].state.runtime.database.session() as session:
        statuses = (
            await session.execute(text("SELECT status FROM matching.match_requests ORDER BY created_at"))
        ).scalars()
        assert list(statuses) == ["pending", "expired"]


async def test_who_is_let_down_and_has_gone_meanwhile_is_not_put_back_in_line(make_system: MakeSystem) -> None:
    checked: System = await make_system(ready_check_seconds=120.0, disconnect_grace=timedelta(seconds=0.5))
    ada, bob = checked.person(), checked.person()
    async with bob.following():
        async with ada.following():
            await ada.request()
            await bob.request()
            match_id = (await ada.event("MatchProposed"))["match"]["id"]
            await respond(ada, "acceptMatch", match_id)
            accepted = await ada.event("MatchAccepted")
        await asyncio.sleep(2.5)  # longer than the grace
        await respond(bob, "declineMatch", match_id)
        await bob.event("MatchEnded")
    assert (await ada.ask("{ queueStatus { ticket { id } } }"))["queueStatus"]["ticket"] is None
    async with ada.following({"epoch": accepted["epoch"], "seq": accepted["seq"]}):
        assert (await ada.event("MatchCancelled"))["reason"] == "DISCONNECTED"


async def test_who_asks_without_following_is_put_back_in_line(make_system: MakeSystem) -> None:
    checked: System = await make_system(ready_check_seconds=120.0, disconnect_grace=timedelta(seconds=0.5))
    ada, bob = checked.person(), checked.person()
    await ada.request()
    async with bob.following():
        await bob.request()
        match_id = (await bob.event("MatchProposed"))["match"]["id"]
        await asyncio.sleep(2.0)
        await respond(bob, "declineMatch", match_id)
    assert (await ada.ask("{ queueStatus { ticket { status } } }"))["queueStatus"]["ticket"] == {"status": "PENDING"}


async def test_blocking_somebody_ends_the_proposal_and_both_keep_their_places(checked: System) -> None:
    ada, bob = checked.person(), checked.person()
    async with ada.following(), bob.following():
        await ada.request()
        await bob.request()
        match_id = (await bob.event("MatchProposed"))["match"]["id"]
        await ada.ask("mutation ($id: ID!) { blockUser(userId: $id) { __typename } }", id=str(bob.id))
        for person in (ada, bob):
            # It is not told who blocked whom.
            assert (await person.event("MatchRequeued"))["reason"] == "DECLINED"
        assert (await respond(bob, "acceptMatch", match_id))["code"] == "MATCH_NOT_OPEN"
        assert len(ada.of_type("MatchProposed")) == 1
        await ada.ask("mutation ($id: ID!) { unblockUser(userId: $id) { __typename } }", id=str(bob.id))
        await ada.event("MatchProposed", count=2)


async def test_whom_one_never_met_cannot_be_asked_for_a_rematch(checked: System) -> None:
    ada, bob = checked.person(), checked.person()
    async with ada.following():
        await ada.request()
        await bob.request()
        match_id = (await ada.event("MatchProposed"))["match"]["id"]
        await respond(bob, "declineMatch", match_id)
    rematch = "mutation ($id: ID!) { requestRematch(matchId: $id) { __typename ... on Error { code } } }"
    assert (await ada.ask(rematch, id=match_id))["requestRematch"]["code"] == "MATCH_NOT_FOUND"


async def test_nothing_of_an_erased_person_stays_in_what_the_partner_was_told(checked: System) -> None:
    ada, bob = checked.person(), checked.person()
    ada.headers["idempotency-key"] = "once"
    wish = {"language": "PYTHON", "difficulty": "EASY"}
    create = "mutation ($input: CreateMatchInvitationInput!) { createMatchInvitation(input: $input) { __typename } }"
    await ada.ask(create, input=wish)
    async with bob.following():
        await ada.request()
        await bob.request()
        match_id = (await bob.event("MatchProposed"))["match"]["id"]
        await respond(ada, "acceptMatch", match_id)
        assert not (await bob.event("MatchAccepted"))["isYou"]
        await checked.publish("user.deleted", "users", user_id=str(ada.id))
        await checked.collaboration.heard("user.erased")
    assert await checked.tables_that_name(ada.id) == {"barred_users", "outbox", "sign_outs"}


async def test_others_cannot_answer_a_proposal(checked: System) -> None:
    ada, bob, eve = (checked.person() for _ in range(3))
    async with ada.following():
        await ada.request()
        await bob.request()
        match_id = (await ada.event("MatchProposed"))["match"]["id"]
    assert (await respond(eve, "acceptMatch", match_id))["code"] == "MATCH_NOT_FOUND"
    assert (await respond(eve, "declineMatch", match_id))["code"] == "MATCH_NOT_FOUND"
