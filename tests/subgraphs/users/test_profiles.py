"""Profiles: what may be changed, what others see, and how entities are resolved."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import UsersClient

UPDATE = """
    mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) {
        ... on User { name bio avatarUrl timeZone preferredLanguages preferredTopics links skillLevel version }
        ... on Error { code message } ... on InvalidInput { field } ... on VersionConflict { currentVersion } } }
"""
ENTITIES = """
    query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on User { id name email role } } }
"""


async def test_a_profile_can_be_filled_in_and_partly_cleared(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    filled = {
        "name": "  Ada   Lovelace ",
        "bio": "Poetical science.",
        "avatarUrl": "https://example.org/ada.png",
        "timeZone": "Europe/London",
        "preferredLanguages": ["PYTHON", "CPP", "PYTHON"],
        "preferredTopics": ["Recursion", "Dynamic Programming"],
        "links": ["https://example.org/notes"],
        "selfAssessment": "ADVANCED",
    }
    assert (await ada.data(UPDATE, {"input": filled}))["updateProfile"] == {
        "name": "Ada Lovelace",
        "bio": "Poetical science.",
        "avatarUrl": "https://example.org/ada.png",
        "timeZone": "Europe/London",
        "preferredLanguages": ["PYTHON", "CPP"],
        "preferredTopics": ["Recursion", "Dynamic Programming"],
        "links": ["https://example.org/notes"],
        "skillLevel": "BEGINNER",
        "version": 2,
    }
    cleared = (await ada.data(UPDATE, {"input": {"avatarUrl": None, "links": []}}))["updateProfile"]
    assert (cleared["avatarUrl"], cleared["links"], cleared["bio"]) == (None, [], "Poetical science.")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "   "}, "input.name"),
        ({"name": None}, "input.name"),
        ({"name": "x" * 81}, "input.name"),
        ({"name": "a\u202eb"}, "input.name"),
        ({"bio": "x" * 2001}, "input.bio"),
        ({"avatarUrl": "javascript:alert(1)"}, "input.avatarUrl"),
        ({"avatarUrl": "https://user:secret@example.org"}, "input.avatarUrl"),
        ({"timeZone": "Mars/Olympus"}, "input.timeZone"),
        ({"links": ["https://example.org", "ftp://example.org"]}, "input.links.1"),
        ({"preferredTopics": ["Recursion", ""]}, "input.preferredTopics.1"),
        ({"preferredTopics": [f"topic {n}" for n in range(31)]}, "input.preferredTopics"),
    ],
)
async def test_a_bad_profile_field_is_named_and_nothing_is_written(
    users: UsersClient, given: dict[str, Any], field: str
) -> None:
    ada = await users.signed_up("Ada")
    answer = (await ada.data(UPDATE, {"input": {"name": "Changed", **given}}))["updateProfile"]
    assert (answer["code"], answer["field"]) == ("INVALID_INPUT", field)
    assert (await ada.data("{ me { name version } }"))["me"] == {"name": "Ada", "version": 1}


@pytest.mark.parametrize("is_literal", [False, True])
async def test_a_text_that_cannot_be_stored_is_named_like_any_other_bad_one(
    users: UsersClient, is_literal: bool
) -> None:
    ada = await users.signed_up("Ada")
    document, variables = UPDATE, {"input": {"timeZone": "Europe/London", "bio": "Poetical\x00science."}}
    if is_literal:
        document = UPDATE.replace("($input: UpdateProfileInput!)", "")
        document = document.replace("input: $input", 'input: {bio: "Poetical\\u0000science."}')
        variables = {}
    answer = (await ada.data(document, variables))["updateProfile"]
    assert (answer["code"], answer["field"]) == ("INVALID_INPUT", "input.bio")
    assert (await ada.data("{ me { timeZone version } }"))["me"] == {"timeZone": None, "version": 1}


async def test_a_stale_version_is_refused_with_the_current_one(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    await ada.data(UPDATE, {"input": {"bio": "First.", "expectedVersion": 1}})
    answer = (await ada.data(UPDATE, {"input": {"bio": "Second.", "expectedVersion": 1}}))["updateProfile"]
    assert (answer["code"], answer["currentVersion"]) == ("VERSION_CONFLICT", 2)


async def test_visitors_cannot_change_a_profile(users: UsersClient) -> None:
    answer = (await users.data(UPDATE, {"input": {"bio": "Mine."}}))["updateProfile"]
    assert answer["code"] == "UNAUTHENTICATED"


async def test_entities_come_in_the_order_asked_with_private_fields_only_for_oneself(users: UsersClient) -> None:
    ada, bob = await users.signed_up("Ada"), await users.signed_up("Bob")
    nobody = "00000000-0000-4000-8000-000000000000"
    ids = [{"__typename": "User", "id": id} for id in (bob.user_id, nobody, ada.user_id, "no-uuid")]
    assert (await ada.data(ENTITIES, {"ids": ids}))["_entities"] == [
        {"id": bob.user_id, "name": "Bob", "email": None, "role": None},
        None,
        {"id": ada.user_id, "name": "Ada", "email": ada.person["email"], "role": "USER"},
        None,
    ]


async def test_skill_levels_are_only_for_services(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    await ada.data(UPDATE, {"input": {"selfAssessment": "INTERMEDIATE"}})
    query = "query ($ids: [ID!]!) { skillLevels(userIds: $ids) { userId level rating } }"
    refused = await ada.execute(query, {"ids": [ada.user_id]})
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await users.as_service().data(query, {"ids": [ada.user_id]}))["skillLevels"] == [
        {"userId": ada.user_id, "level": "BEGINNER", "rating": 1300.0}
    ]
