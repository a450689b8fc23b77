"""Signing up: what a new account looks like, and what is refused."""

from __future__ import annotations

from .conftest import UsersClient

ME = "{ me { id name email role emailVerified skillLevel selfAssessment status version } }"


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
