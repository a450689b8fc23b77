"""Who sees and does what: every role, every field of User, every root field, asked directly and by `_entities`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type

from subgraphs.users.schema import schema

from .conftest import PASSWORD, UsersClient

PUBLIC = {
    "id",
    "name",
    "bio",
    "avatarUrl",
    "timeZone",
    "preferredLanguages",
    "preferredTopics",
    "links",
    "skillLevel",
    "createdAt",
    "updatedAt",
    "status",
    "version",
}
PRIVATE = {"email", "emailVerified", "role", "selfAssessment", "skill", "ratingHistory"}
SELECTIONS = {"skill": "skill { level }", "ratingHistory": "ratingHistory { totalCount }"}
"""How to ask for the fields that are no leaves."""

SET_ROLE = "mutation ($id: ID!, $role: Role!) { setUserRole(input: {userId: $id, role: $role}) { __typename } }"


@dataclass(frozen=True, slots=True)
class People:
    """One viewer of each kind, and a person to look at."""

    ada: UsersClient
    viewers: dict[str, UsersClient]


@pytest.fixture
async def people(users: UsersClient) -> People:
    return await make_people(users)


async def make_people(users: UsersClient) -> People:
    ada = await users.signed_up("Ada")
    assessment = "mutation { updateProfile(input: {selfAssessment: ADVANCED}) { __typename } }"
    await ada.data(assessment)
    stranger = await users.signed_up("Stranger")
    admin = await (await users.signed_up("Root")).made_admin()
    moderator = await users.signed_up("Moderator")
    await admin.data(SET_ROLE, {"id": moderator.user_id, "role": "MODERATOR"})
    tokens = await users.refreshed(moderator.person["refreshToken"])
    viewers = {
        "visitor": users,
        "oneself": ada,
        "another user": stranger,
        "moderator": users.with_token(tokens["accessToken"]),
        "admin": admin,
        "service": users.as_service(),
    }
    return People(ada, viewers)


def user_type() -> GraphQLObjectType:
    graphql_schema: GraphQLSchema = schema._schema
    found = graphql_schema.get_type("User")
    assert isinstance(found, GraphQLObjectType)
    return found


def test_every_field_of_user_is_decided_to_be_public_or_private() -> None:
    assert set(user_type().fields) == PUBLIC | PRIVATE
    asked_as_leaf = {name for name, field in user_type().fields.items() if name not in SELECTIONS}
    assert all(is_leaf_type(get_named_type(user_type().fields[name].type)) for name in asked_as_leaf)


ALL_FIELDS = " ".join(SELECTIONS.get(name, name) for name in sorted(PUBLIC | PRIVATE))
USER = f"query ($id: ID!) {{ user(id: $id) {{ {ALL_FIELDS} }} }}"
ENTITIES = f"query ($ids: [_Any!]!) {{ _entities(representations: $ids) {{ ... on User {{ {ALL_FIELDS} }} }} }}"
SEEN_BY = {
    "visitor": set(),
    "oneself": PRIVATE,
    "another user": set(),
    "moderator": set(),
    "admin": PRIVATE,
    "service": set(),
}


async def test_private_fields_show_only_to_oneself_and_admins_by_either_way(people: People) -> None:
    representation = {"__typename": "User", "id": people.ada.user_id}
    seen: dict[str, set[str]] = {}
    for name, viewer in people.viewers.items():
        by_field = (await viewer.data(USER, {"id": people.ada.user_id}))["user"]
        (by_entity,) = (await viewer.data(ENTITIES, {"ids": [representation]}))["_entities"]
        # The deviation moves with time, so only what is seen is compared there.
        assert {key: by_entity[key] for key in PUBLIC} == {key: by_field[key] for key in PUBLIC}, name
        assert {field for field in PUBLIC if by_field[field] is None} <= {"avatarUrl", "timeZone"}
        seen[name] = {field for field in PRIVATE if by_field[field] is not None}
        assert seen[name] == {field for field in PRIVATE if by_entity[field] is not None}
    assert seen == SEEN_BY


@pytest.mark.parametrize("end", ["demoted", "suspended", "logged out"])
async def test_a_token_whose_session_has_ended_shows_nothing_private_any_more(users: UsersClient, end: str) -> None:
    ada = await users.signed_up("Ada")
    root = await (await users.signed_up("Root")).made_admin()
    eve = await (await users.signed_up("Eve")).made_admin()
    assert (await eve.data(USER, {"id": ada.user_id}))["user"]["email"] == ada.person["email"]
    if end == "demoted":
        await root.data(SET_ROLE, {"id": eve.user_id, "role": "USER"})
    elif end == "suspended":
        suspend = 'mutation ($id: ID!) { suspendUser(input: {userId: $id, reason: "Spying."}) { __typename } }'
        await root.data(suspend, {"id": eve.user_id})
    else:
        await eve.data("mutation { logOut { __typename } }")
    for person in (ada, eve):
        by_field = (await eve.data(USER, {"id": person.user_id}))["user"]
        representation = {"__typename": "User", "id": person.user_id}
        (by_entity,) = (await eve.data(ENTITIES, {"ids": [representation]}))["_entities"]
        over_rest = (await eve.http.get(f"/v1/users/{person.user_id}", headers=eve.headers)).json()
        assert [by_field[name] for name in PRIVATE] == [by_entity[name] for name in PRIVATE] == [None] * len(PRIVATE)
        assert (over_rest["email"], over_rest["emailVerified"], over_rest["role"]) == (None, None, None)


OPEN = {"me", "user", "accountErasure"}
LOGGED_IN = {"myAuthSessions", "myDataExports", "dataExport"}
ADMINS = {"users", "auditLog", "unfinishedErasures"}
SERVICES = {"skillLevels"}
QUERIES = {
    "me": "me { id }",
    "user": 'user(id: "x") { id }',
    "accountErasure": 'accountErasure(receipt: "6f5ed0dc-5f0e-4a34-8f5c-111111111111") { receipt }',
    "myAuthSessions": "myAuthSessions { id }",
    "myDataExports": "myDataExports { id }",
    "dataExport": 'dataExport(id: "6f5ed0dc-5f0e-4a34-8f5c-111111111111") { id }',
    "users": "users { totalCount }",
    "auditLog": "auditLog { totalCount }",
    "unfinishedErasures": "unfinishedErasures { receipt }",
    "skillLevels": "skillLevels(userIds: []) { userId }",
}


async def test_every_query_answers_those_it_is_for_and_refuses_all_others(people: People) -> None:
    fields = set(schema._schema.query_type.fields) - {"_service", "_entities"}  # type: ignore[union-attr]
    assert fields == OPEN | LOGGED_IN | ADMINS | SERVICES == set(QUERIES)
    allowed: dict[str, set[str]] = {name: set() for name in people.viewers}
    for viewer_name, viewer in people.viewers.items():
        for field, selection in QUERIES.items():
            answer = await viewer.execute(f"{{ {selection} }}")
            codes = {error["extensions"]["code"] for error in answer.get("errors") or []}
            assert codes <= {"UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND"}, (viewer_name, field, answer)
            if not codes & {"UNAUTHENTICATED", "FORBIDDEN"}:
                allowed[viewer_name].add(field)
    assert allowed == {
        "visitor": OPEN,
        "oneself": OPEN | LOGGED_IN,
        "another user": OPEN | LOGGED_IN,
        "moderator": OPEN | LOGGED_IN,
        "admin": OPEN | LOGGED_IN | ADMINS,
        "service": OPEN | SERVICES,
    }


ID = "6f5ed0dc-5f0e-4a34-8f5c-111111111111"
ADMIN_MUTATIONS = {
    "createUser": 'createUser(input: {name: "Eve", email: "eve@example.com"})',
    "setUserRole": f'setUserRole(input: {{userId: "{ID}", role: ADMIN}})',
    "suspendUser": f'suspendUser(input: {{userId: "{ID}", reason: "x"}})',
    "reinstateUser": f'reinstateUser(userId: "{ID}")',
    "deleteUser": f'deleteUser(userId: "{ID}")',
}
OWN_MUTATIONS = {
    "updateProfile": 'updateProfile(input: {name: "Own"})',
    "revokeSession": f'revokeSession(sessionId: "{ID}")',
    "requestEmailVerification": "requestEmailVerification",
    "changePassword": 'changePassword(input: {currentPassword: "x", newPassword: "y"})',
    "requestDataExport": "requestDataExport",
    "deleteMyAccount": 'deleteMyAccount(password: "wrong")',
    "logOut": "logOut",
}
OPEN_MUTATIONS = {
    "signUp": f'signUp(input: {{name: "", email: "x", password: "{PASSWORD}"}})',
    "logIn": 'logIn(input: {email: "x", password: "y"})',
    "refreshTokens": 'refreshTokens(input: {refreshToken: "x"})',
    "verifyEmail": 'verifyEmail(token: "x")',
    "requestPasswordReset": 'requestPasswordReset(email: "x")',
    "resetPassword": f'resetPassword(input: {{token: "x", newPassword: "{PASSWORD}"}})',
}


async def test_every_mutation_serves_those_it_is_for_and_refuses_all_others(people: People) -> None:
    fields = set(schema._schema.mutation_type.fields)  # type: ignore[union-attr]
    assert fields == set(ADMIN_MUTATIONS) | set(OWN_MUTATIONS) | set(OPEN_MUTATIONS)
    refusals: dict[str, set[str]] = {name: set() for name in people.viewers}
    for viewer_name, viewer in people.viewers.items():
        # logOut comes last: what is asked after it is asked by nobody.
        for field, call in {**ADMIN_MUTATIONS, **OPEN_MUTATIONS, **OWN_MUTATIONS}.items():
            answer = await viewer.execute(f"mutation {{ {call} {{ __typename ... on Error {{ code }} }} }}")
            result: dict[str, Any] = (answer.get("data") or {}).get(field) or {}
            code = result.get("code") or next((e["extensions"]["code"] for e in answer.get("errors") or []), None)
            assert code != "INTERNAL_SERVER_ERROR", (viewer_name, field, answer)
            if code in ("UNAUTHENTICATED", "FORBIDDEN"):
                refusals[viewer_name].add(field)
    nobody = set(ADMIN_MUTATIONS) | set(OWN_MUTATIONS)
    assert refusals == {
        "visitor": nobody,
        "oneself": set(ADMIN_MUTATIONS),
        "another user": set(ADMIN_MUTATIONS),
        "moderator": set(ADMIN_MUTATIONS),
        "admin": set(),
        "service": nobody,
    }
