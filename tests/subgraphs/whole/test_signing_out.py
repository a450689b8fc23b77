"""Log-ins that end while sockets are open: through the gateway, in matching and in collaboration."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from .four_subgraphs import Four, Listener, Person, eventually
from .sessions import MATCH_EVENTS, REQUEST_MATCH, SESSION_EVENTS, matched_pair

pytestmark = pytest.mark.timeout(600)

REVOKE = "mutation ($id: ID!) { revokeSession(sessionId: $id) { __typename ... on Error { code message } } }"
SESSIONS = "{ myAuthSessions { id isCurrent } }"
SUSPEND = """
    mutation ($id: ID!) { suspendUser(input: {userId: $id, reason: "Unkind."}) {
        __typename ... on Error { code message } } }
"""
QUEUE = "{ queueStatus { ticket { id } } }"
FORBIDDEN = 4403


async def revoked_after(seconds_from: float, *listeners: Listener) -> float:
    """Wait until all sockets are closed as no longer allowed; the seconds until the last one was."""
    for listener in listeners:
        assert await listener.until_closed() == FORBIDDEN, listener.messages
        codes = [error["extensions"]["code"] for message in listener.messages for error in _errors_of(message)]
        # The gateway adds that the event, which may not be null, is.
        assert codes[0] == "UNAUTHENTICATED"
    return time.monotonic() - seconds_from


def _errors_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    payload = message.get("payload")
    if message["type"] == "error":
        return list(payload or [])
    return list((payload or {}).get("errors") or []) if message["type"] == "next" else []


async def current_session(person: Person) -> str:
    sessions = (await person.data(SESSIONS))["myAuthSessions"]
    return str(next(session["id"] for session in sessions if session["isCurrent"]))


async def test_revoking_a_session_ends_its_open_sockets_in_matching_and_collaboration_and_no_others(
    four: Four, record_property: Any
) -> None:
    async with matched_pair(four) as pair:
        laptop = await four.logged_in(pair.ada)
        variables = {"id": pair.session_id}
        async with (
            pair.ada.subscribed(SESSION_EVENTS, variables) as ada_session,
            laptop.subscribed(SESSION_EVENTS, variables) as laptop_session,
            laptop.subscribed(MATCH_EVENTS) as laptop_matches,
        ):
            for listener in (ada_session, laptop_session):
                await listener.event("SessionHello")
            phone_session = await current_session(pair.ada)
            started = time.monotonic()
            revoked = (await laptop.data(REVOKE, {"id": phone_session}))["revokeSession"]
            assert revoked["__typename"] == "LoggedOut"
            seconds = await revoked_after(started, pair.ada_matches, ada_session)
            note_figure("revoked_session_sockets_closed_seconds", seconds)

            for listener in (laptop_session, laptop_matches, pair.bob_matches):
                assert not listener.closed.is_set()
            # The token has minutes to live, and is refused by everybody.
            for at in ("users", "questions", "matching", "collaboration"):
                answer = await pair.ada.execute("{ __typename }", at=at)
                if at != "users":  # which looks the session up only where somebody is asked for
                    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", at
            assert (await pair.ada.execute("{ me { id } }"))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
            assert (await laptop.data("{ me { id } }"))["me"]["id"] == pair.ada.id


async def test_a_revoked_log_in_cannot_open_its_subscription_again(four: Four) -> None:
    ada = await four.signed_up("Ada")
    laptop = await four.logged_in(ada)
    async with ada.subscribed(MATCH_EVENTS) as matches:
        await ada.data(REQUEST_MATCH)
        await matches.event("MatchQueued")
        await laptop.data(REVOKE, {"id": await current_session(ada)})
        await revoked_after(0, matches)
    async with ada.subscribed(MATCH_EVENTS) as again:
        refused = await again.until(lambda message: bool(_errors_of(message)))
        assert _errors_of(refused)
    # Nobody of a later test shall be matched with whom this one leaves in the queue.
    assert "Error" not in (await laptop.data("mutation { cancelMatch { __typename } }"))["cancelMatch"]["__typename"]


async def test_a_suspension_ends_sockets_leaves_the_queue_and_keeps_out(four: Four) -> None:
    admin = await four.with_role("Root", "admin")
    ada = await four.signed_up("Ada")
    async with ada.subscribed(MATCH_EVENTS) as matches:
        await ada.data(REQUEST_MATCH)
        await matches.event("MatchQueued")
        started = time.monotonic()
        assert (await admin.data(SUSPEND, {"id": ada.id}))["suspendUser"]["__typename"] == "User"
        seconds = await revoked_after(started, matches)
        note_figure("suspended_sockets_closed_seconds", seconds)
    tickets = "SELECT status FROM matching.match_requests WHERE user_id = CAST(:id AS uuid)"
    assert [row.status for row in await four.rows(tickets, id=ada.id)] == ["cancelled"]
    told = "SELECT data ->> 'reason' AS reason FROM matching.match_events WHERE user_id = CAST(:id AS uuid) AND type = 'cancelled'"
    assert [row.reason for row in await four.rows(told, id=ada.id)] == ["ACCOUNT_SUSPENDED"]
    refused = await ada.execute(REQUEST_MATCH)
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_suspension_ends_the_session_for_the_partner_too(four: Four) -> None:
    admin = await four.with_role("Root", "admin")
    async with (
        matched_pair(four) as pair,
        pair.ada.subscribed(SESSION_EVENTS, {"id": pair.session_id}) as ada_session,
        pair.bob.subscribed(SESSION_EVENTS, {"id": pair.session_id}) as bob_session,
    ):
        await ada_session.event("SessionHello")
        await bob_session.event("SessionHello")
        await admin.data(SUSPEND, {"id": pair.ada.id})
        # It ends either way: with the match, or because the log-in is over.
        assert await eventually(lambda: _is_over(pair.ada_matches))
        await bob_session.event("SessionEnded")
        assert await eventually(lambda: _is_over(ada_session))


async def _is_over(listener: Listener) -> bool:
    return listener.closed.is_set() or any(message["type"] in ("complete", "error") for message in listener.messages)


def note_figure(name: str, seconds: float) -> None:
    """Keep a measured figure beside the test run, for who asks how long it took; nothing is asserted of it."""
    folder = Path(".data") / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "signing_out.jsonl").open("ab") as file:
        file.write(orjson.dumps({"name": name, "seconds": round(seconds, 3)}) + b"\n")
