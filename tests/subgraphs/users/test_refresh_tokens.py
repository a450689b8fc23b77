"""Refresh tokens: the judgement as a table, and races against a real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from subgraphs.users.errors import RefreshTokenInvalid, RefreshTokenReused
from subgraphs.users.refresh_tokens import (
    RefreshVerdict,
    judge_refresh,
    new_refresh_token,
    new_salt,
    refresh_token_hash,
    successor_of,
)

from .conftest import UsersClient

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GOOD: dict[str, Any] = {
    "expires_at": NOW + 30 * SECOND,
    "used_at": None,
    "is_successor_used": False,
    "session_expires_at": NOW + 60 * SECOND,
    "session_revoked_at": None,
    "now": NOW,
}


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, RefreshVerdict.ROTATE),
        ({"expires_at": NOW}, RefreshVerdict.INVALID),
        ({"session_expires_at": NOW}, RefreshVerdict.INVALID),
        ({"session_revoked_at": NOW - SECOND}, RefreshVerdict.INVALID),
        ({"used_at": NOW - 10 * SECOND}, RefreshVerdict.REPEAT),
        ({"used_at": NOW + SECOND}, RefreshVerdict.REPEAT),
        ({"used_at": NOW - 11 * SECOND}, RefreshVerdict.REUSED),
        ({"used_at": NOW - SECOND, "is_successor_used": True}, RefreshVerdict.REUSED),
        ({"used_at": NOW - 11 * SECOND, "expires_at": NOW - SECOND}, RefreshVerdict.REUSED),
        ({"used_at": NOW - SECOND, "session_revoked_at": NOW}, RefreshVerdict.INVALID),
    ],
)
def test_a_refresh_token_is_judged(change: dict[str, Any], verdict: RefreshVerdict) -> None:
    assert judge_refresh(**{**GOOD, **change}) is verdict


def test_a_successor_comes_from_its_parent_and_salt_and_from_nothing_stored() -> None:
    token, salt = new_refresh_token(), new_salt()
    successor = successor_of(token, salt)
    assert successor == successor_of(token, salt)
    assert successor != successor_of(token, new_salt())
    assert successor != successor_of(new_refresh_token(), salt)
    assert token.startswith("tdr_")
    assert len(refresh_token_hash(token)) == 32


async def race(users: UsersClient, token: str, width: int) -> list[str]:
    """Refresh so many times at once; the successors."""
    refresh = users.services.sessions.refresh
    return [tokens.refresh_token for tokens in await asyncio.gather(*(refresh(token) for _ in range(width)))]


async def run_races(users: UsersClient, rounds: int) -> None:
    """Each round: two refreshes of the same token at once get the same successor, and it is the only one that was made."""
    ada = await users.signed_up("Ada")
    token = ada.person["refreshToken"]
    for _ in range(rounds):
        successors = await race(users, token, 2)
        assert len(set(successors)) == 1
        token = successors[0]
    async with users.runtime.database.session() as session:
        connection = await session.connection()
        statement = """
            SELECT count(*), count(used_at), count(successor_salt) FROM users.refresh_tokens AS t
            JOIN users.auth_sessions AS s ON s.id = t.session_id WHERE s.user_id = $1
        """
        row = (await connection.exec_driver_sql(statement, (ada.user_id,))).one()
    # One row per round and the first one; all but the last are used; only the last used one could still be repeated.
    assert tuple(row) == (rounds + 1, rounds, 1)


async def test_of_two_refreshes_at_once_one_wins_and_the_other_gets_its_token(users: UsersClient) -> None:
    await run_races(users, rounds=50)


@pytest.mark.slow
async def test_a_thousand_races_have_a_thousand_winners(users: UsersClient) -> None:
    await run_races(users, rounds=1000)


async def test_a_thief_and_the_owner_cannot_both_go_on(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    refresh = users.services.sessions.refresh
    stolen = ada.person["refreshToken"]
    owner = await refresh(stolen)
    owner = await refresh(owner.refresh_token)
    with pytest.raises(RefreshTokenReused):
        await refresh(stolen)
    with pytest.raises(RefreshTokenInvalid):
        await refresh(owner.refresh_token)


async def test_a_token_that_nobody_made_is_refused(users: UsersClient) -> None:
    for token in ("", "nonsense", new_refresh_token(), "x" * 10_000, "tdr_\0"):
        with pytest.raises(RefreshTokenInvalid):
            await users.services.sessions.refresh(token)
