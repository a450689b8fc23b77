"""The keys that sign access tokens: made once, rotated without anybody noticing, unreadable without the secret."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from subgraphs.kit.database import Database
from subgraphs.kit.errors import SettingsError
from subgraphs.kit.settings import SubgraphSettings
from subgraphs.kit.token_issuers import token_verifier
from subgraphs.users.access_tokens import AccessTokens
from subgraphs.users.models import SigningKey
from subgraphs.users.repository import SigningKeyRepository
from subgraphs.users.signing_keys import AFTERLIFE, LEAD, SigningKeys

from .conftest import UsersClient

MONTH = timedelta(days=30)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    database = Database(fresh_database_url)
    yield database
    await database.dispose()


async def rows(database: Database) -> list[SigningKey]:
    async with database.session() as session:
        return await SigningKeyRepository(session).list_newest_first()


async def test_replicas_that_start_together_make_one_key(database: Database) -> None:
    replicas = [SigningKeys(database, secret=None, lifetime=MONTH) for _ in range(5)]
    keys = await asyncio.gather(*(replica.current() for replica in replicas))
    assert len({key.kid for key in keys}) == 1
    assert len(await rows(database)) == 1


async def test_a_new_key_is_published_before_it_signs_and_the_old_one_stays_until_its_tokens_are_dead(
    database: Database,
) -> None:
    clock = Clock()

    def replica() -> SigningKeys:
        return SigningKeys(database, secret=None, lifetime=MONTH, clock=clock)

    first = (await replica().current()).kid
    assert await replica().rotate() is False
    clock.now += MONTH - LEAD + timedelta(seconds=1)
    assert await replica().rotate() is True
    published = {key["kid"] for key in (await replica().public_key_set())["keys"]}
    assert len(published) == 2
    assert (await replica().current()).kid == first
    clock.now += LEAD
    second = (await replica().current()).kid
    assert {first, second} == published
    clock.now += AFTERLIFE - timedelta(minutes=1)
    await replica().rotate()
    assert len(await rows(database)) == 2
    clock.now += timedelta(minutes=2)
    await replica().rotate()
    assert [row.kid for row in await rows(database)] == [second]


async def test_the_key_set_shows_public_halves_only(users: UsersClient) -> None:
    answer = await users.http.get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    (key,) = answer.json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert (key["kty"], key["alg"], key["use"]) == ("EC", "ES256", "sig")


async def test_with_a_secret_the_database_alone_cannot_sign(database: Database) -> None:
    keys = SigningKeys(database, secret="a secret of the operators", lifetime=MONTH)
    kid = (await keys.current()).kid
    (row,) = await rows(database)
    assert row.is_encrypted
    assert b'"d"' not in row.private_key
    again = SigningKeys(database, secret="a secret of the operators", lifetime=MONTH)
    assert (await again.current()).kid == kid
    for secret in ("another secret entirely", None):
        with pytest.raises(SettingsError, match="SIGNING_KEY_SECRET is not the one"):
            await SigningKeys(database, secret=secret, lifetime=MONTH).current()


async def test_a_replica_accepts_the_next_key_as_soon_as_another_one_signs_with_it(database: Database) -> None:
    clock = Clock()
    one, other = (SigningKeys(database, secret=None, lifetime=MONTH, clock=clock) for _ in range(2))
    await one.rotate()
    clock.now += MONTH
    await one.rotate()
    settings = SubgraphSettings(database_url="postgresql://nowhere/x", port=0, _env_file=None)
    verifier = token_verifier(settings, own_keys=other)
    kids = {key.kid for key in (await other.get(None)).keys}
    clock.now += LEAD
    signing = await one.current()
    assert signing.kid in kids
    user_id = uuid4()
    tokens = AccessTokens(one, "tandem", "tandem", timedelta(minutes=15))
    issued = await tokens.issue(user_id=user_id, session_id=uuid4(), roles={"user"}, now=datetime.now(UTC))
    assert (await verifier.verify(issued.text)).user_id == user_id
