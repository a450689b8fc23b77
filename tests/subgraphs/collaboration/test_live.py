"""Cursors, presence, typing, signals: what matters only now."""

from __future__ import annotations

import asyncio
import base64
from typing import Any
from uuid import UUID, uuid4

from subgraphs.collaboration.awareness import AwarenessStates, ClientState, read_awareness, write_awareness
from subgraphs.collaboration.live_service import IceSettings, turn_server
from tests.subgraphs.collaboration.people import Person

AWARENESS = """
mutation ($input: SetAwarenessInput!) {
  setAwareness(input: $input) { __typename ... on Error { code message } ... on RateLimited { retryAfter } }
}
"""
SIGNAL = "mutation ($input: SendSignalInput!) { sendSignal(input: $input) { __typename ... on Error { code } } }"
TYPING = "mutation ($input: SetTypingInput!) { setTyping(input: $input) { __typename ... on Error { code } } }"


async def set_awareness(person: Person, session_id: str, *states: ClientState) -> Any:
    update = base64.b64encode(write_awareness(states)).decode()
    return await person.do(AWARENESS, input={"sessionId": session_id, "update": update})


def test_awareness_messages_are_read_as_they_are_written() -> None:
    states = [ClientState(4294967295, 3, '{"cursor":{"anchor":1},"name":"Zoë 😀"}'), ClientState(7, 300, "null")]
    assert read_awareness(write_awareness(states)) == states


def test_a_newer_clock_wins_and_silent_clients_are_removed_after_30_seconds() -> None:
    known = AwarenessStates()
    known.apply([ClientState(1, 5, '{"a":1}')], None, now=0)
    known.apply([ClientState(1, 4, '{"a":2}')], None, now=1)
    known.apply([ClientState(2, 1, '{"b":1}')], None, now=20)
    assert known.current() == [ClientState(1, 5, '{"a":1}'), ClientState(2, 1, '{"b":1}')]
    assert known.remove_outdated(now=31) == [ClientState(1, 6, "null")]
    assert known.current() == [ClientState(2, 1, '{"b":1}')]


def test_what_is_known_of_one_persons_clients_has_a_bound() -> None:
    known, hostile, other = AwarenessStates(), uuid4(), uuid4()
    known.apply([ClientState(1, 1, "{}")], other, now=0)
    for client in range(2, 1000):
        known.apply([ClientState(client, 1, "{}")], hostile, now=client)
    assert [state.client for state in known.current()] == [1, *range(984, 1000)]


async def test_signals_end_with_the_session(stage: Any) -> None:
    session_id, first, second = await stage.session()
    given = {"sessionId": session_id, "toUserId": str(second.id), "kind": "OFFER", "payload": "sdp"}
    assert (await first.do(SIGNAL, input=given))["__typename"] == "Delivered"
    await stage.services.sessions.end(first.id, UUID(session_id))
    assert (await first.do(SIGNAL, input=given))["code"] == "SESSION_CLOSED"


async def test_cursors_reach_the_other_and_a_late_joiner_sees_them_in_hello(stage: Any) -> None:
    session_id, first, second = await stage.session()
    state = ClientState(77, 1, '{"cursor":{"index":3}}')
    async with first.follow(session_id) as mine:
        await mine.next()
        assert (await set_awareness(first, session_id, state))["__typename"] == "Delivered"
        event = await mine.until("SessionAwarenessChanged")
        assert event["seq"] is None
        assert read_awareness(base64.b64decode(event["update"])) == [state]
        async with second.follow(session_id) as theirs:
            hello = await theirs.next()
            assert read_awareness(base64.b64decode(hello["awareness"][0])) == [state]


async def test_nobody_speaks_for_the_client_of_another(stage: Any) -> None:
    session_id, first, second = await stage.session()
    await set_awareness(first, session_id, ClientState(77, 1, "{}"))
    refused = await set_awareness(second, session_id, ClientState(77, 2, "null"))
    assert refused["code"] == "INVALID_INPUT"
    assert "client 77" in refused["message"]


async def test_cursor_movements_are_capped(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    answers = await asyncio.gather(
        *(set_awareness(first, session_id, ClientState(77, clock, "{}")) for clock in range(80))
    )
    refused = [answer for answer in answers if answer["__typename"] == "RateLimited"]
    assert refused
    assert 0 < refused[0]["retryAfter"] < 1


async def test_who_comes_and_goes_is_seen(stage: Any) -> None:
    session_id, first, second = await stage.session()
    async with first.follow(session_id) as mine:
        assert (await mine.next())["onlineUserIds"] == [str(first.id)]
        async with second.follow(session_id) as theirs:
            await theirs.next()
            await mine.until("SessionPresenceChanged", onlineUserIds=sorted([str(first.id), str(second.id)]))
            await set_awareness(second, session_id, ClientState(9, 1, "{}"))
            await mine.until("SessionAwarenessChanged", userId=str(second.id))
        gone = await mine.until("SessionAwarenessChanged", userId=str(second.id))
        assert read_awareness(base64.b64decode(gone["update"])) == [ClientState(9, 2, "null")]
        await mine.until("SessionPresenceChanged", onlineUserIds=[str(first.id)])
    people = await second.do(
        "query ($id: ID!) { session(id: $id) { participants { isOnline joinedAt } } }", id=session_id
    )
    assert all(person["joinedAt"] for person in people["participants"])


async def test_a_second_device_of_somebody_is_no_news(stage: Any) -> None:
    session_id, first, second = await stage.session()
    async with first.follow(session_id) as mine, second.follow(session_id) as theirs:
        both = sorted([str(first.id), str(second.id)])
        await mine.until("SessionPresenceChanged", onlineUserIds=both)
        await theirs.next()
        async with second.follow(session_id) as another:
            assert (await another.next())["onlineUserIds"] == both
        await set_awareness(second, session_id, ClientState(9, 1, "{}"))
        # Neither its coming nor its going: a replica that is replaced brings all its subscribers to another one.
        assert (await mine.next())["__typename"] == "SessionAwarenessChanged"


async def test_presence_survives_neither_a_killed_replica_nor_a_silent_one(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    async with stage.app.state.runtime.database.transaction() as session:
        from sqlalchemy import text

        await session.execute(
            text(
                "INSERT INTO collaboration.connections (session_id, user_id, replica, seen_at) "
                "VALUES (:session, :user, 'killed', now() - interval '26 seconds')"
            ),
            {"session": session_id, "user": first.id},
        )
    query = "query ($id: ID!) { session(id: $id) { participants { userId isOnline } } }"
    assert (await first.do(query, id=session_id))["participants"][0]["isOnline"] is True
    await stage.services.presence.expire()
    assert (await first.do(query, id=session_id))["participants"][0]["isOnline"] is False


async def test_signals_reach_the_other_participant_and_nobody_else(stage: Any) -> None:
    session_id, first, second = await stage.session()
    async with first.follow(session_id) as mine, second.follow(session_id) as theirs:
        assert (await mine.next())["isPolite"] is False
        assert (await theirs.next())["isPolite"] is True
        offer = {"sessionId": session_id, "toUserId": str(second.id), "kind": "OFFER", "payload": "v=0 ..."}
        assert (await first.do(SIGNAL, input=offer))["__typename"] == "Delivered"
        event = await theirs.until("SessionSignalReceived")
        assert (event["fromUserId"], event["kind"], event["payload"]) == (str(first.id), "OFFER", "v=0 ...")
        await first.do(TYPING, input={"sessionId": session_id, "isTyping": True})
        await mine.until("SessionTypingChanged")
        assert not [event for event in mine.seen if event["__typename"] == "SessionSignalReceived"]

        itself = {**offer, "toUserId": str(first.id)}
        assert (await first.do(SIGNAL, input=itself))["code"] == "INVALID_INPUT"
        large = {**offer, "payload": "x" * 70_000}
        assert (await first.do(SIGNAL, input=large))["code"] == "INVALID_INPUT"
        stranger = stage.person()
        assert (await stranger.do(SIGNAL, input=offer))["code"] == "NOT_FOUND"


def test_turn_credentials_are_those_that_coturn_computes() -> None:
    from uuid import UUID

    ice = IceSettings(turn_urls=("turn:turn.example.org",), turn_secret="north", ttl=600)
    server = turn_server(ice, "north", UUID(int=5), now=1000)
    assert server.username == "1600:00000000-0000-0000-0000-000000000005"
    assert server.expires_at == 1600
    # printf '1600:00000000-0000-0000-0000-000000000005' | openssl dgst -sha1 -hmac north -binary | base64
    assert server.credential == "gavWdr3DEcA6FsKiETcFshbpgPE="
