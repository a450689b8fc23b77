"""People who come with a Supabase token: checked against a stand-in of the project's key set, known from first sight on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from .conftest import UsersClient, running_users

LEGACY_SECRET = "a legacy secret of the project, long enough for HS256"
ME = "{ me { id name email role emailVerified skillLevel } }"


@dataclass(slots=True)
class Supabase:
    """A stand-in of a project's Auth: its key set over HTTP, and tokens as Supabase makes them."""

    url: str = ""
    keys: list[ECKey] = field(default_factory=lambda: [ECKey.generate_key("P-256", auto_kid=True)])
    fetches: int = 0

    def token(self, sub: str, *, key: Any = None, alg: str = "ES256", **claims: Any) -> str:
        values = {
            "iss": f"{self.url}/auth/v1",
            "aud": "authenticated",
            "sub": sub,
            "email": f"{sub}@example.com",
            "role": "authenticated",
            "session_id": str(uuid4()),
            "exp": int(time.time()) + 3600,
            "app_metadata": {"provider": "email"},
            "user_metadata": {},
            **claims,
        }
        signing = key or self.keys[-1]
        header = {"alg": alg, "typ": "JWT", **({"kid": signing.kid} if alg == "ES256" else {})}
        return jwt.encode(header, values, signing, algorithms=[alg])

    def legacy_token(self, sub: str, secret: str = LEGACY_SECRET, **claims: Any) -> str:
        return self.token(sub, key=OctKey.import_key(secret), alg="HS256", **claims)

    async def key_set(self, request: web.Request) -> web.Response:
        self.fetches += 1
        return web.json_response({"keys": [{**key.as_dict(private=False), "alg": "ES256"} for key in self.keys]})


@pytest.fixture
async def supabase() -> AsyncIterator[Supabase]:
    project = Supabase()
    app = web.Application()
    app.router.add_get("/auth/v1/.well-known/jwks.json", project.key_set)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    project.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield project
    await runner.cleanup()


@pytest.fixture
async def users(module_database_url: str, supabase: Supabase) -> AsyncIterator[UsersClient]:
    settings = {"supabase_url": f"{supabase.url}/", "supabase_jwt_secret": LEGACY_SECRET}
    async with running_users(module_database_url, **settings) as client:  # type: ignore[arg-type]
        yield client


@pytest.mark.parametrize("kind", ["key set", "legacy secret"])
async def test_a_person_is_known_from_first_sight_on_and_made_once(
    users: UsersClient, supabase: Supabase, kind: str
) -> None:
    sub = str(uuid4())
    token = supabase.token(sub) if kind == "key set" else supabase.legacy_token(sub)
    ada = users.with_token(token)
    answers = await asyncio.gather(*(ada.data(ME) for _ in range(5)))
    assert (
        answers
        == [
            {
                "me": {
                    "id": sub,
                    "name": sub,
                    "email": f"{sub}@example.com",
                    "role": "USER",
                    "emailVerified": True,
                    "skillLevel": "BEGINNER",
                }
            }
        ]
        * 5
    )
    async with users.runtime.database.session() as session:
        connection = await session.connection()
        found = await connection.exec_driver_sql("SELECT type FROM users.outbox WHERE subject = $1", (sub,))
        assert list(found.scalars()) == ["user.registered"]
    renamed = await ada.data('mutation { updateProfile(input: {name: "Ada"}) { ... on User { name } } }')
    assert renamed["updateProfile"] == {"name": "Ada"}


async def test_what_people_write_about_themselves_gives_no_role(users: UsersClient, supabase: Supabase) -> None:
    metadata = {"roles": ["admin"], "role": "admin", "name": "Root"}
    eve = users.with_token(supabase.token(str(uuid4()), user_metadata=metadata, role="authenticated"))
    answer = await eve.execute("{ users { totalCount } }")
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_what_the_owner_of_the_project_writes_gives_a_role(users: UsersClient, supabase: Supabase) -> None:
    root = users.with_token(supabase.token(str(uuid4()), app_metadata={"roles": ["admin"]}))
    assert (await root.data("{ users { totalCount } }"))["users"]["totalCount"] >= 1


async def test_an_account_of_ours_with_the_same_address_is_never_taken_over(
    users: UsersClient, supabase: Supabase
) -> None:
    ada = await users.signed_up("Ada")
    sub = str(uuid4())
    other = users.with_token(supabase.token(sub, email=ada.person["email"]))
    answer = (await other.data(ME))["me"]
    assert (answer["id"], answer["email"]) == (sub, f"{sub}@supabase.invalid")


async def test_of_many_who_first_come_with_one_address_at_once_one_gets_it_and_all_get_in(
    users: UsersClient, supabase: Supabase
) -> None:
    address = f"{uuid4().hex}@example.com"
    people = {str(uuid4()) for _ in range(8)}
    clients = [users.with_token(supabase.token(sub, email=address)) for sub in people]
    answers = [answer["me"] for answer in await asyncio.gather(*(client.data(ME) for client in clients))]
    assert {answer["id"] for answer in answers} == people
    assert sorted(answer["email"] == address for answer in answers) == [False] * 7 + [True]
    assert all(answer["email"] in (address, f"{answer['id']}@supabase.invalid") for answer in answers)


async def test_suspension_and_deletion_hold_for_tokens_that_are_good_elsewhere(
    users: UsersClient, supabase: Supabase
) -> None:
    admin = await (await users.signed_up("Root")).made_admin()
    sub = str(uuid4())
    ada = users.with_token(supabase.token(sub))
    await ada.data(ME)
    suspend = 'mutation ($id: ID!) { suspendUser(input: {userId: $id, reason: "Spam"}) { __typename } }'
    await admin.data(suspend, {"id": sub})
    assert (await ada.execute(ME))["errors"][0]["extensions"]["code"] == "ACCOUNT_SUSPENDED"
    await admin.data("mutation ($id: ID!) { reinstateUser(userId: $id) { __typename } }", {"id": sub})
    deleted = await ada.data("mutation { deleteMyAccount { ... on AccountErasure { missing } } }")
    assert len(deleted["deleteMyAccount"]["missing"]) == 3
    assert (await ada.execute(ME))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_rotated_key_is_fetched_at_once_and_forged_kids_cause_no_flood(
    users: UsersClient, supabase: Supabase
) -> None:
    await users.with_token(supabase.token(str(uuid4()))).data(ME)
    assert supabase.fetches == 1
    stranger = ECKey.generate_key("P-256", auto_kid=True)
    for _ in range(20):
        assert (await users.with_token(supabase.token(str(uuid4()), key=stranger)).post(ME)).status_code == 401
    assert supabase.fetches <= 2


async def test_forged_supabase_tokens_are_refused(users: UsersClient, supabase: Supabase) -> None:
    sub = str(uuid4())
    forged = {
        "another secret": supabase.legacy_token(sub, "another secret of the same length as it should be"),
        "another audience": supabase.token(sub, aud="anon"),
        "another project": supabase.token(sub, iss="https://evil.example/auth/v1"),
        "our issuer with their key": supabase.token(sub, iss="tandem", aud="tandem"),
        "expired": supabase.token(sub, exp=int(time.time()) - 31),
        "a service key": supabase.legacy_token("", role="service_role"),
    }
    answers = {name: (await users.with_token(token).post(ME)).status_code for name, token in forged.items()}
    assert answers == dict.fromkeys(forged, 401)
