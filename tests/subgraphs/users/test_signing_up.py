"""Signing up: what a new account looks like, what is refused, and what happens when the answer is lost."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from argon2 import PasswordHasher

from .conftest import PASSWORD, SERVICE_SECRET, SIGN_UP, UsersClient, running_users

ME = "{ me { id name email role emailVerified skillLevel selfAssessment status version } }"


def a_person(**changes: Any) -> dict[str, Any]:
    return {"name": "Ada", "email": f"{uuid4().hex}@example.com", "password": PASSWORD, **changes}


async def sign_up(users: UsersClient, values: dict[str, Any]) -> dict[str, Any]:
    document = SIGN_UP.replace("... on Error", "... on InvalidInput { field } ... on Error")
    answer: dict[str, Any] = (await users.data(document, {"input": values}))["signUp"]
    return answer


async def test_a_new_person_gets_tokens_that_say_who_they_are(users: UsersClient) -> None:
    ada = await users.signed_up("Ada", email="Ada.Lovelace@Example.com")
    assert (await ada.data(ME))["me"] == {
        "id": ada.user_id,
        "name": "Ada",
        "email": "ada.lovelace@example.com",
        "role": "USER",
        "emailVerified": False,
        "skillLevel": "BEGINNER",
        "selfAssessment": None,
        "status": "ACTIVE",
        "version": 1,
    }


async def test_the_answer_that_brings_the_first_tokens_shows_the_person_all_of_the_account(users: UsersClient) -> None:
    document = SIGN_UP.replace("user { id name }", "user { email role emailVerified selfAssessment skill { level } }")
    values = a_person(selfAssessment="INTERMEDIATE")
    made = (await users.data(document, {"input": values}))["signUp"]["user"]
    assert made == {
        "email": values["email"],
        "role": "USER",
        "emailVerified": False,
        "selfAssessment": "INTERMEDIATE",
        "skill": {"level": "BEGINNER"},
    }


async def test_an_address_is_taken_however_it_is_written(users: UsersClient) -> None:
    ada = await users.signed_up()
    for written in (ada.person["email"], ada.person["email"].upper(), f"  {ada.person['email']} "):
        assert (await sign_up(users, a_person(email=written)))["code"] == "EMAIL_TAKEN"


async def test_of_many_who_take_the_same_address_at_once_one_gets_it(users: UsersClient) -> None:
    values = a_person()
    answers = await asyncio.gather(*(sign_up(users, values) for _ in range(5)))
    assert sorted(answer.get("code", "MADE") for answer in answers) == ["EMAIL_TAKEN"] * 4 + ["MADE"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "input.name"),
        ({"name": "\u200b"}, "input.name"),
        ({"email": "ada"}, "input.email"),
        ({"email": "ada@nowhere"}, "input.email"),
        ({"email": "a" * 300 + "@example.com"}, "input.email"),
        ({"password": "short"}, "input.password"),
        ({"password": "x" * 201}, "input.password"),
        ({"password": "Password123"}, "input.password"),
        ({"password": "aaaaaaaaaaaa"}, "input.password"),
        ({"email": "ada.lovelace@example.com", "password": "ada.lovelace"}, "input.password"),
    ],
)
async def test_a_bad_value_is_named_and_no_account_is_made(
    users: UsersClient, change: dict[str, Any], field: str
) -> None:
    answer = await sign_up(users, a_person(**change))
    assert (answer["code"], answer["field"]) == ("INVALID_INPUT", field)


async def test_the_same_call_again_with_its_key_gives_tokens_of_the_same_account(users: UsersClient) -> None:
    values = a_person()
    keyed = users.with_headers(idempotency_key="my sign-up")
    first, second = await sign_up(keyed, values), await sign_up(keyed, values)
    assert first["user"]["id"] == second["user"]["id"]
    assert first["refreshToken"] != second["refreshToken"]


async def test_the_same_call_at_the_same_time_makes_one_account(users: UsersClient) -> None:
    values = a_person()
    keyed = users.with_headers(idempotency_key="at once")
    answers = await asyncio.gather(*(sign_up(keyed, values) for _ in range(5)))
    assert len({answer["user"]["id"] for answer in answers}) == 1


async def test_a_key_opens_no_account_without_its_password(users: UsersClient) -> None:
    values = a_person()
    keyed = users.with_headers(idempotency_key="guessed")
    await sign_up(keyed, values)
    assert (await sign_up(keyed, {**values, "password": "a guess at it"}))["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert (await sign_up(keyed, a_person()))["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_a_key_gives_no_tokens_to_a_suspended_person(users: UsersClient) -> None:
    values = a_person()
    keyed = users.with_headers(idempotency_key="before the suspension")
    ada = await sign_up(keyed, values)
    root = await (await users.signed_up("Root")).made_admin()
    suspend = 'mutation ($id: ID!) { suspendUser(input: {userId: $id, reason: "Spam."}) { __typename } }'
    await root.data(suspend, {"id": ada["user"]["id"]})
    assert (await sign_up(keyed, values))["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_one_address_cannot_make_accounts_without_end(module_database_url: str) -> None:
    async with running_users(module_database_url, sign_up_limit_per_address=2) as users:
        maker = users.with_headers(x_forwarded_for="198.51.100.200", x_gateway_secret=SERVICE_SECRET)
        codes = [(await sign_up(maker, a_person())).get("code", "MADE") for _ in range(3)]
        assert codes == ["MADE", "MADE", "RATE_LIMITED"]


async def test_the_password_is_kept_as_argon2id_with_the_parameters_of_owasp(users: UsersClient) -> None:
    ada = await users.signed_up()
    row = await users.services.users.get(UUID(ada.user_id))
    assert row.password_hash is not None
    assert row.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_an_old_hash_is_renewed_when_its_person_logs_in(users: UsersClient) -> None:
    ada = await users.signed_up()
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    statement = "UPDATE users.users SET password_hash = $1 WHERE id = $2"
    async with users.runtime.database.transaction() as session:
        await (await session.connection()).exec_driver_sql(statement, (old, ada.user_id))
    assert "accessToken" in await users.logged_in(ada.person["email"])
    async with users.runtime.database.session() as session:
        found = await (await session.connection()).exec_driver_sql(
            "SELECT password_hash FROM users.users WHERE id = $1", (ada.user_id,)
        )
        assert found.scalar_one().startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "accessToken" in await users.logged_in(ada.person["email"])
