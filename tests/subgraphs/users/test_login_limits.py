"""Guessing passwords: how often it may be tried, and that the answers do not tell who has an account."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import Any

import pytest

from .conftest import SERVICE_SECRET, UsersClient, running_users


def at(users: UsersClient, address: str) -> UsersClient:
    """A client at another address, as the gateway tells of it."""
    return users.with_headers(x_forwarded_for=address, x_gateway_secret=SERVICE_SECRET)


async def test_the_sixth_guess_within_a_minute_waits_and_the_right_password_waits_with_it(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    email = ada.person["email"]
    codes = [(await users.logged_in(email, "a guess"))["code"] for _ in range(6)]
    assert codes == ["INVALID_CREDENTIALS"] * 5 + ["RATE_LIMITED"]
    assert (await users.logged_in(email))["code"] == "RATE_LIMITED"
    assert "accessToken" in await at(users, "198.51.100.9").logged_in(email)


async def test_guesses_at_the_same_time_are_counted_too(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    answers = await asyncio.gather(*(users.logged_in(ada.person["email"], "a guess") for _ in range(12)))
    assert [answer["code"] for answer in answers].count("INVALID_CREDENTIALS") == 5


async def test_logging_in_gives_the_allowance_back(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    for _ in range(3):
        for _ in range(4):
            assert (await users.logged_in(ada.person["email"], "a guess"))["code"] == "INVALID_CREDENTIALS"
        assert "accessToken" in await users.logged_in(ada.person["email"])


async def test_a_refusal_says_when_to_try_again(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    for _ in range(5):
        await users.logged_in(ada.person["email"], "a guess")
    body = {"email": ada.person["email"], "password": "a guess"}
    answer = await users.http.post("/v1/sessions", json=body)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 13
    assert answer.json()["retryAfter"] > 0


async def test_one_address_cannot_try_many_accounts(module_database_url: str) -> None:
    async with running_users(module_database_url, login_limit_per_address=8) as users:
        guesser = at(users, "198.51.100.77")
        codes = [(await guesser.logged_in(f"person{number}@example.com", "a guess"))["code"] for number in range(9)]
        assert codes == ["INVALID_CREDENTIALS"] * 8 + ["RATE_LIMITED"]


async def test_who_makes_addresses_up_is_counted_by_the_true_one(module_database_url: str) -> None:
    async with running_users(module_database_url, login_limit_per_address=8) as users:
        over_graphql = [
            (await users.with_headers(x_forwarded_for=f"192.0.2.{n}").logged_in(f"made-up{n}@example.com"))["code"]
            for n in range(6)
        ]
        over_rest = []
        for n in range(6, 10):
            body = {"email": f"made-up{n}@example.com", "password": "a guess"}
            answer = await users.http.post("/v1/sessions", json=body, headers={"x-forwarded-for": f"192.0.2.{n}"})
            over_rest.append(answer.json()["code"])
        assert over_graphql == ["INVALID_CREDENTIALS"] * 6
        assert over_rest == ["INVALID_CREDENTIALS"] * 2 + ["RATE_LIMITED"] * 2


@pytest.mark.parametrize(("proxy", "client"), [("203.0.113.7", "198.51.100.50"), ("203.0.113.0/24", "198.51.100.60")])
async def test_a_trusted_proxy_is_believed_in_what_it_added_itself(
    module_database_url: str, proxy: str, client: str
) -> None:
    async with running_users(module_database_url, login_limit_per_address=3, trusted_proxies=[proxy]) as users:
        codes = []
        for number in range(4):
            guesser = users.with_headers(x_forwarded_for=f"192.0.2.{number}, {client}")
            codes.append((await guesser.logged_in(f"behind{number}@example.com", "a guess"))["code"])
        assert codes == ["INVALID_CREDENTIALS"] * 3 + ["RATE_LIMITED"]
        assert (await users.with_headers(x_forwarded_for=f"{client}1").logged_in("behind@example.com"))["code"] == (
            "INVALID_CREDENTIALS"
        )


async def test_one_account_cannot_be_tried_from_many_addresses(module_database_url: str) -> None:
    async with running_users(module_database_url, login_limit_per_account=6) as users:
        ada = await users.signed_up("Ada")
        codes = []
        for number in range(7):
            guesser = at(users, f"198.51.100.{number}")
            codes.append((await guesser.logged_in(ada.person["email"], "a guess"))["code"])
        assert codes == ["INVALID_CREDENTIALS"] * 6 + ["RATE_LIMITED"]


async def test_an_unknown_address_takes_as_long_as_a_wrong_password(module_database_url: str) -> None:
    rounds = 25
    limits: dict[str, Any] = dict.fromkeys(
        ("login_limit_per_pair", "login_limit_per_account", "login_limit_per_address"), 100_000
    )
    async with running_users(module_database_url, **limits) as users:
        ada = await users.signed_up("Ada")
        seconds: dict[str, list[float]] = {ada.person["email"]: [], "nobody@example.com": []}
        for _ in range(rounds):
            # In turns, so that whatever else the machine does slows both down alike.
            for email, measured in seconds.items():
                started = time.process_time()
                assert (await users.logged_in(email, "a guess"))["code"] == "INVALID_CREDENTIALS"
                measured.append(time.process_time() - started)
        known, unknown = (median(measured) for measured in seconds.values())
        assert abs(known - unknown) / known < 0.10, (known, unknown)
