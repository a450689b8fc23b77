"""Logging in, refreshing and logging out, as clients see it over HTTP."""

from __future__ import annotations

import asyncio
from uuid import UUID

from subgraphs.users.sessions import Device

from .conftest import SERVICE_SECRET, UsersClient


async def test_the_right_password_starts_a_session(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    tokens = await users.logged_in(ada.person["email"].upper())
    assert tokens["user"] == {"id": ada.user_id}
    assert (await users.with_token(tokens["accessToken"]).data("{ me { id } }"))["me"] == {"id": ada.user_id}


async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    wrong = await users.logged_in(ada.person["email"], "not the password")
    unknown = await users.logged_in("nobody@example.com", "not the password")
    assert (
        wrong
        == unknown
        == {
            "__typename": "InvalidCredentials",
            "code": "INVALID_CREDENTIALS",
            "message": "This e-mail address and password do not belong together.",
        }
    )


async def test_refreshing_swaps_the_token_and_keeps_the_session(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    second = await users.refreshed(ada.person["refreshToken"])
    third = await users.refreshed(second["refreshToken"])
    assert len({ada.person["refreshToken"], second["refreshToken"], third["refreshToken"]}) == 3
    assert (await users.with_token(third["accessToken"]).data("{ me { id } }"))["me"] == {"id": ada.user_id}


async def test_a_lost_answer_is_given_again_with_the_same_successor(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    first = await users.refreshed(ada.person["refreshToken"])
    again = await users.refreshed(ada.person["refreshToken"])
    assert again["refreshToken"] == first["refreshToken"]


async def test_a_used_token_ends_the_whole_session_once_its_successor_is_used(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    second = await users.refreshed(ada.person["refreshToken"])
    third = await users.refreshed(second["refreshToken"])
    assert await users.refreshed(ada.person["refreshToken"]) == {"code": "REFRESH_TOKEN_REUSED"}
    assert await users.refreshed(third["refreshToken"]) == {"code": "REFRESH_TOKEN_INVALID"}
    answer = await users.with_token(third["accessToken"]).execute("{ me { id } }")
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_parallel_refreshes_of_one_token_have_one_winner(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    answers = await asyncio.gather(*(users.refreshed(ada.person["refreshToken"]) for _ in range(8)))
    assert len({answer["refreshToken"] for answer in answers}) == 1


async def test_logging_out_ends_this_session_and_leaves_the_others(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    other = await users.logged_in(ada.person["email"])
    ended = (await ada.data("mutation { logOut { ... on LoggedOut { endedSessions } } }"))["logOut"]
    assert ended == {"endedSessions": 1}
    assert await users.refreshed(ada.person["refreshToken"]) == {"code": "REFRESH_TOKEN_INVALID"}
    assert (await ada.execute("{ me { id } }"))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert "accessToken" in await users.refreshed(other["refreshToken"])


async def test_logging_out_everywhere_ends_all_sessions(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    other = await users.logged_in(ada.person["email"])
    ended = (await ada.data("mutation { logOut(everywhere: true) { ... on LoggedOut { endedSessions } } }"))["logOut"]
    assert ended == {"endedSessions": 2}
    assert await users.refreshed(other["refreshToken"]) == {"code": "REFRESH_TOKEN_INVALID"}


SESSIONS = "{ myAuthSessions { id userAgent address isCurrent } }"
REVOKE = """
    mutation ($id: ID!) { revokeSession(sessionId: $id) { ... on LoggedOut { endedSessions } ... on Error { code } } }
"""


async def test_people_see_where_they_are_logged_in_and_end_one_session_from_another(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    phone = users.with_headers(user_agent="Phone", x_forwarded_for="198.51.100.4", x_gateway_secret=SERVICE_SECRET)
    tokens = await phone.logged_in(ada.person["email"])
    sessions = (await ada.data(SESSIONS))["myAuthSessions"]
    assert [(one["userAgent"], one["address"], one["isCurrent"]) for one in sessions] == [
        ("Phone", "198.51.100.4", False),
        (sessions[1]["userAgent"], "203.0.113.7", True),
    ]
    assert (await ada.data(REVOKE, {"id": sessions[0]["id"]}))["revokeSession"] == {"endedSessions": 1}
    assert (await ada.data(REVOKE, {"id": sessions[0]["id"]}))["revokeSession"] == {"code": "NOT_FOUND"}
    assert await users.refreshed(tokens["refreshToken"]) == {"code": "REFRESH_TOKEN_INVALID"}
    assert len((await ada.data(SESSIONS))["myAuthSessions"]) == 1


async def test_nobody_ends_the_session_of_somebody_else(users: UsersClient) -> None:
    ada, eve = await users.signed_up("Ada"), await users.signed_up("Eve")
    (session,) = (await ada.data(SESSIONS))["myAuthSessions"]
    assert (await eve.data(REVOKE, {"id": session["id"]}))["revokeSession"] == {"code": "NOT_FOUND"}
    assert (await ada.data("{ me { name } }"))["me"] == {"name": "Ada"}


async def test_the_log_in_beyond_a_hundred_ends_the_one_used_longest_ago(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    sessions, user = users.services.sessions.sessions, await users.services.users.get(UUID(ada.user_id))
    for number in range(100):
        if number == 98:  # the hundred is full after this one; then the first is used once more
            kept = await users.refreshed(ada.person["refreshToken"])
        async with users.runtime.database.transaction() as session:
            grant = await sessions.start(session, user, Device(f"device {number}"))
    live = (await ada.data(SESSIONS))["myAuthSessions"]
    assert len(live) == 100
    assert grant.has_ended_others
    assert "device 0" not in {one["userAgent"] for one in live}
    assert {"device 1", "device 99"} <= {one["userAgent"] for one in live}
    assert "accessToken" in await users.refreshed(kept["refreshToken"])
    async with users.runtime.database.session() as session:
        told = "SELECT count(*) FROM users.outbox WHERE subject = $1 AND type = 'auth_session.revoked'"
        found = await (await session.connection()).exec_driver_sql(told, (ada.user_id,))
        assert found.scalar_one() == 1
