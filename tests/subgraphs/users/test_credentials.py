"""Confirming an address, changing a password, choosing a new one by mail."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from subgraphs.users.mail import Mail

from .conftest import PASSWORD, SERVICE_SECRET, SIGN_UP, UsersClient, running_users

NEW = "another long password"
VERIFY = """
    mutation ($token: String!) { verifyEmail(token: $token) { ... on User { emailVerified } ... on Error { code } } }
"""
CHANGE = """
    mutation ($current: String!, $new: String!) {
        changePassword(input: {currentPassword: $current, newPassword: $new}) {
            ... on Done { message } ... on Error { code message } ... on InvalidInput { field } } }
"""
REQUEST = """
    mutation ($email: String!) {
        requestPasswordReset(email: $email) { __typename ... on CheckYourMail { message } ... on Error { code } } }
"""
RESET = """
    mutation ($token: String!, $new: String!) { resetPassword(input: {token: $token, newPassword: $new}) {
        ... on AuthPayload { accessToken } ... on Error { code } } }
"""


def token_in(mail: Mail) -> str:
    found = re.search(r"#token=(\S+)", mail.text)
    assert found is not None, mail.text
    return found[1]


async def mails_about(users: UsersClient, email: str, subject: str) -> list[Mail]:
    await users.send_all_mail()
    return [mail for mail in users.mailer.sent if mail.to == email.lower() and mail.subject == subject]


async def reset_token(users: UsersClient, email: str) -> str:
    assert (await users.data(REQUEST, {"email": email}))["requestPasswordReset"]["__typename"] == "CheckYourMail"
    return token_in((await mails_about(users, email, "Choose a new password"))[-1])


async def test_an_address_is_confirmed_once_by_the_link_from_the_mail(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    assert (await ada.data("{ me { emailVerified } }"))["me"] == {"emailVerified": False}
    token = token_in((await users.mails_to(ada.person["email"]))[0])
    assert (await users.data(VERIFY, {"token": token}))["verifyEmail"] == {"emailVerified": None}
    assert (await ada.data("{ me { emailVerified } }"))["me"] == {"emailVerified": True}
    assert (await users.data(VERIFY, {"token": token}))["verifyEmail"] == {"code": "CONFIRMATION_INVALID"}


async def test_a_newer_link_makes_the_older_one_useless(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    (first,) = await users.mails_to(ada.person["email"])
    await ada.data("mutation { requestEmailVerification { __typename } }")
    _, second = await users.mails_to(ada.person["email"], 2)
    assert (await users.data(VERIFY, {"token": token_in(first)}))["verifyEmail"] == {"code": "CONFIRMATION_INVALID"}
    assert "emailVerified" in (await users.data(VERIFY, {"token": token_in(second)}))["verifyEmail"]


async def test_a_link_for_one_purpose_opens_no_other(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    token = token_in((await users.mails_to(ada.person["email"]))[0])
    assert (await users.data(RESET, {"token": token, "new": NEW}))["resetPassword"] == {"code": "CONFIRMATION_INVALID"}


async def test_changing_the_password_logs_all_other_devices_out(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    other = await users.logged_in(ada.person["email"])
    answer = (await ada.data(CHANGE, {"current": PASSWORD, "new": NEW}))["changePassword"]
    assert "message" in answer
    assert (await ada.data("{ me { name } }"))["me"] == {"name": "Ada"}
    assert await users.refreshed(other["refreshToken"]) == {"code": "REFRESH_TOKEN_INVALID"}
    assert (await users.logged_in(ada.person["email"]))["code"] == "INVALID_CREDENTIALS"
    assert "accessToken" in await users.logged_in(ada.person["email"], NEW)
    assert len(await mails_about(users, ada.person["email"], "Your password was changed")) == 1


async def test_a_password_is_only_changed_by_who_knows_it_and_to_a_good_one(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")

    async def change(current: str, new: str) -> dict[str, Any]:
        answer: dict[str, Any] = (await ada.data(CHANGE, {"current": current, "new": new}))["changePassword"]
        return answer

    assert (await change("wrong", NEW))["code"] == "INVALID_CREDENTIALS"
    short = await change(PASSWORD, "short")
    assert (short["code"], short["field"]) == ("INVALID_INPUT", "input.newPassword")
    assert (await change(PASSWORD, ada.person["email"]))["code"] == "INVALID_INPUT"
    for _ in range(2):
        await change("wrong", NEW)
    assert (await change(PASSWORD, NEW))["code"] == "RATE_LIMITED"


async def test_a_forgotten_password_is_chosen_anew_and_all_devices_are_logged_out(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    token = await reset_token(users, ada.person["email"].upper())
    tokens = (await users.data(RESET, {"token": token, "new": NEW}))["resetPassword"]
    assert (await users.with_token(tokens["accessToken"]).data("{ me { emailVerified } }"))["me"]["emailVerified"]
    assert await users.refreshed(ada.person["refreshToken"]) == {"code": "REFRESH_TOKEN_INVALID"}
    assert "accessToken" in await users.logged_in(ada.person["email"], NEW)
    assert (await users.data(RESET, {"token": token, "new": NEW}))["resetPassword"] == {"code": "CONFIRMATION_INVALID"}


async def test_asking_for_a_reset_never_tells_who_has_an_account(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    known = (await users.data(REQUEST, {"email": ada.person["email"]}))["requestPasswordReset"]
    stranger = f"{uuid4().hex}@example.com"
    assert (await users.data(REQUEST, {"email": stranger}))["requestPasswordReset"] == known
    assert await mails_about(users, stranger, "Choose a new password") == []
    assert len(await mails_about(users, ada.person["email"], "Choose a new password")) == 1


async def test_nobodys_mailbox_can_be_flooded(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    answers = [(await users.data(REQUEST, {"email": ada.person["email"]}))["requestPasswordReset"] for _ in range(6)]
    assert [answer["__typename"] for answer in answers] == ["CheckYourMail"] * 5 + ["RateLimited"]


async def test_where_addresses_must_be_confirmed_sign_up_never_tells_who_has_an_account(
    module_database_url: str,
) -> None:
    email = f"{uuid4().hex}@example.com"
    document = SIGN_UP.replace("... on Error", "... on CheckYourMail { hint: message } ... on Error")
    async with running_users(module_database_url, email_confirmation_required=True) as users:
        values = {"name": "Ada", "email": email, "password": PASSWORD}
        first = (await users.data(document, {"input": values}))["signUp"]
        assert set(first) == {"hint"}
        assert (await users.logged_in(email))["code"] == "EMAIL_NOT_VERIFIED"
        (mail,) = await users.mails_to(email)
        second = (await users.data(document, {"input": {**values, "name": "Eve", "password": NEW}}))["signUp"]
        assert second == first
        assert [mail.subject for mail in await users.mails_to(email, 2)][1] == "You have an account already"
        await users.data(VERIFY, {"token": token_in(mail)})
        assert "accessToken" in await users.logged_in(email)
        assert (await users.logged_in(email, NEW))["code"] == "INVALID_CREDENTIALS"


@pytest.mark.parametrize(
    ("given", "tells"),
    [
        ({"environment": "production"}, False),
        ({"environment": "production", "email_confirmation_required": False}, True),
        ({"environment": "development"}, True),
        ({"environment": "development", "email_confirmation_required": True}, False),
    ],
)
async def test_sign_up_tells_of_accounts_only_where_it_is_set_so_or_in_development(
    module_database_url: str, given: dict[str, Any], tells: bool
) -> None:
    values = {"name": "Ada", "email": f"{uuid4().hex}@example.com", "password": PASSWORD}
    document = SIGN_UP.replace("... on Error", "... on CheckYourMail { __typename } ... on Error")
    async with running_users(module_database_url, signing_key_secret="keys of the test", **given) as users:
        asker = users.with_headers(x_gateway_secret=SERVICE_SECRET)
        answers = [(await asker.data(document, {"input": values}))["signUp"] for _ in range(2)]
    assert [answer.get("__typename", "in at once") for answer in answers] == (
        ["in at once", "EmailTaken"] if tells else ["CheckYourMail", "CheckYourMail"]
    )


async def test_an_idempotency_key_does_not_tell_who_has_an_account_either(module_database_url: str) -> None:
    known, new = f"{uuid4().hex}@example.com", f"{uuid4().hex}@example.com"
    async with running_users(module_database_url, email_confirmation_required=True) as users:
        values = {"name": "Ada", "email": known, "password": PASSWORD}
        await users.data(SIGN_UP, {"input": values})
        seen = []
        for email in (known, new):
            asker = users.with_headers(idempotency_key=f"asks for {email}")
            for address in (email, email, f"{uuid4().hex}@example.com"):
                answer = await asker.data(
                    SIGN_UP.replace("... on Error", "... on CheckYourMail { hint: message } ... on Error"),
                    {"input": {**values, "email": address}},
                )
                seen.append(answer["signUp"].get("code", "CHECK_YOUR_MAIL"))
        assert seen == ["CHECK_YOUR_MAIL", "CHECK_YOUR_MAIL", "IDEMPOTENCY_KEY_REUSED"] * 2


async def test_signing_up_with_a_known_address_does_not_flood_its_owner_with_mail(module_database_url: str) -> None:
    email = f"{uuid4().hex}@example.com"
    async with running_users(module_database_url, email_confirmation_required=True, mail_limit_per_account=2) as users:
        for number in range(5):
            values = {"name": f"Eve {number}", "email": email, "password": PASSWORD}
            answer = await users.data(SIGN_UP, {"input": values})
            assert answer["signUp"] == {}, "the same as for a new address"
        subjects = [mail.subject for mail in await users.mails_to(email, 3)]
        assert subjects[1:] == ["You have an account already"] * 2
