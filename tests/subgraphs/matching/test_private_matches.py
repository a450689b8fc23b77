"""Invitations by link and rematches: made by the two people themselves, beside the queue."""

from __future__ import annotations

from typing import Any

from .clients import Person
from .conftest import System

INVITATION = "... on MatchInvitation { id token status invitee { id } } ... on Error { __typename code }"
CREATE = f"mutation ($input: CreateMatchInvitationInput!) {{ createMatchInvitation(input: $input) {{ {INVITATION} }} }}"
REMATCH = f"mutation ($id: ID!) {{ requestRematch(matchId: $id) {{ {INVITATION} }} }}"
CLOSE = f"mutation ($id: ID!) {{ closeMatchInvitation(id: $id) {{ {INVITATION} }} }}"
ACCEPT = """mutation ($input: AcceptMatchInvitationInput!) { acceptMatchInvitation(input: $input) {
    __typename ... on Match { id partner { id } interviewer { id } } ... on Error { code } } }"""


async def invite(person: Person, **wish: Any) -> dict[str, Any]:
    wish = {"language": "PYTHON", "difficulty": "EASY", "topics": ["Trees"]} | wish
    invitation: dict[str, Any] = (await person.ask(CREATE, input=wish))["createMatchInvitation"]
    return invitation


async def accept(person: Person, **reference: str) -> dict[str, Any]:
    result: dict[str, Any] = (await person.ask(ACCEPT, input=reference))["acceptMatchInvitation"]
    return result


async def test_whoever_holds_the_link_gets_a_match_and_both_leave_the_line(system: System) -> None:
    ada, bob, eve = (system.person() for _ in range(3))
    invitation = await invite(ada, role="INTERVIEWER")
    await bob.request(language="JAVA")
    async with ada.following(), bob.following():
        match = await accept(bob, token=invitation["token"])
        assert match["partner"]["id"] == match["interviewer"]["id"] == str(ada.id)
        assert (await ada.event("MatchMade"))["match"]["id"] == match["id"]
        assert (await bob.event("MatchCancelled"))["reason"] == "MATCHED_PRIVATELY"
        await bob.event("MatchMade")
    assert (await accept(eve, token=invitation["token"]))["code"] == "INVITATION_NOT_OPEN"
    assert (await eve.request(language="JAVA"))["__typename"] == "MatchTicket"


async def test_nobody_is_in_two_matches_through_an_invitation(system: System) -> None:
    ada, bob, eve = (system.person() for _ in range(3))
    async with ada.following():
        await ada.request()
        await bob.request()
        await ada.event("MatchMade")
    from_ada, from_eve = await invite(ada), await invite(eve)
    assert (await accept(eve, token=from_ada["token"]))["code"] == "PARTNER_BUSY"
    assert (await accept(bob, token=from_eve["token"]))["code"] == "ALREADY_IN_MATCH"
    assert (await ada.request())["__typename"] == "AlreadyInMatch"


async def test_a_wrong_token_ones_own_and_a_withdrawn_one_open_nothing(system: System) -> None:
    ada, bob = system.person(), system.person()
    invitation = await invite(ada)
    assert (await accept(bob, token="guess"))["code"] == "INVITATION_NOT_FOUND"
    assert (await accept(ada, token=invitation["token"]))["code"] == "INVITATION_NOT_FOUND"
    assert (await accept(bob, id=invitation["id"]))["code"] == "INVITATION_NOT_FOUND"
    assert (await accept(bob))["code"] == "INVALID_INPUT"
    assert (await bob.ask(CLOSE, id=invitation["id"]))["closeMatchInvitation"]["code"] == "INVITATION_NOT_FOUND"
    assert (await ada.ask(CLOSE, id=invitation["id"]))["closeMatchInvitation"]["status"] == "WITHDRAWN"
    assert (await accept(bob, token=invitation["token"]))["code"] == "INVITATION_NOT_OPEN"


async def test_a_past_partner_is_asked_for_a_rematch_and_roles_swap(system: System) -> None:
    ada, bob, eve = (system.person() for _ in range(3))
    async with ada.following(), bob.following():
        await ada.request(role="INTERVIEWER")
        await bob.request()
        match_id = (await ada.event("MatchMade"))["match"]["id"]
        assert (await eve.ask(REMATCH, id=match_id))["requestRematch"]["code"] == "MATCH_NOT_FOUND"
        await system.publish("session.ended", "collaboration", session_id="x", match_id=match_id, reason="COMPLETED")
        await ada.event("MatchEnded")
        assert (await ada.ask(REMATCH, id=match_id))["requestRematch"]["invitee"] == {"id": str(bob.id)}
        invited = (await bob.event("MatchInvited"))["invitation"]
        assert invited["inviter"] == {"id": str(ada.id)}
        rematch = await accept(bob, id=invited["id"])
        assert rematch["interviewer"]["id"] == str(bob.id)
        await bob.event("MatchMade", count=2)


async def test_blocked_people_cannot_invite_each_other(system: System) -> None:
    ada, bob = system.person(), system.person()
    invitation = await invite(ada)
    await ada.ask("mutation ($id: ID!) { blockUser(userId: $id) { __typename } }", id=str(bob.id))
    assert (await accept(bob, token=invitation["token"]))["code"] == "BLOCKED"


async def test_an_invitation_under_a_key_is_made_once_and_its_last_link_counts(system: System) -> None:
    ada, bob = system.person(), system.person()
    ada.headers["idempotency-key"] = "sent twice"
    first, again = await invite(ada), await invite(ada)
    assert again["id"] == first["id"]
    other = await invite(ada, difficulty="HARD")
    assert (other["__typename"], other["code"]) == ("Conflict", "IDEMPOTENCY_KEY_REUSED")
    assert (await accept(bob, token=first["token"]))["code"] == "INVITATION_NOT_FOUND"
    assert (await accept(bob, token=again["token"]))["partner"]["id"] == str(ada.id)
    assert (await invite(ada))["code"] == "INVITATION_NOT_OPEN"


async def test_a_rematch_under_a_key_is_asked_for_once(system: System) -> None:
    ada, bob = system.person(), system.person()
    async with ada.following(), bob.following():
        await ada.request()
        await bob.request()
        match_id = (await ada.event("MatchMade"))["match"]["id"]
        ada.headers["idempotency-key"] = "once"
        asked = [(await ada.ask(REMATCH, id=match_id))["requestRematch"]["id"] for _ in range(2)]
        assert asked[0] == asked[1]
        assert (await bob.event("MatchInvited"))["invitation"]["id"] == asked[0]
        del ada.headers["idempotency-key"]
        later = (await ada.ask(REMATCH, id=match_id))["requestRematch"]["id"]
        assert (await bob.event("MatchInvited", count=2))["invitation"]["id"] == later
