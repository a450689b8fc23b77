"""What admins do: see, make, promote, suspend; and what stops them."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from .conftest import PASSWORD, UsersClient, running_users

USERS = """
    query ($filter: UserFilterInput, $sort: UserOrder! = NEWEST, $first: Int! = 20, $after: String) {
        users(filter: $filter, sort: $sort, first: $first, after: $after) {
            edges { cursor node { id name email status role } } pageInfo { hasNextPage endCursor } totalCount } }
"""
SET_ROLE = """
    mutation ($id: ID!, $role: Role!) { setUserRole(input: {userId: $id, role: $role}) {
        ... on User { role version } ... on Error { code } } }
"""
SUSPEND = """
    mutation ($id: ID!, $reason: String! = "Spam.") { suspendUser(input: {userId: $id, reason: $reason}) {
        ... on User { status } ... on Error { code } ... on InvalidInput { field } } }
"""
REINSTATE = """
    mutation ($id: ID!) { reinstateUser(userId: $id) { ... on User { status } ... on Error { code } } }
"""
CREATE = """
    mutation ($input: CreateUserInput!) { createUser(input: $input) {
        ... on User { id name email role } ... on Error { code } } }
"""
AUDIT = """
    query ($id: ID) { auditLog(userId: $id) { edges { node { action details actor { name } user { name } } } totalCount } }
"""


async def test_admins_search_filter_and_sort_people(users: UsersClient) -> None:
    marker = uuid4().hex[:8]
    admin = await (await users.signed_up(f"Root {marker}")).made_admin()
    people = [await users.signed_up(f"{name} {marker}") for name in ("Carol", "Alice", "100% Bob")]
    await admin.data(SUSPEND, {"id": people[0].user_id})

    async def names(filter: dict[str, Any], sort: str = "NAME") -> list[str]:
        answer = (await admin.data(USERS, {"filter": filter, "sort": sort}))["users"]
        assert answer["totalCount"] == len(answer["edges"])
        return [edge["node"]["name"].removesuffix(f" {marker}") for edge in answer["edges"]]

    assert await names({"search": marker.upper()}) == ["100% Bob", "Alice", "Carol", "Root"]
    assert await names({"search": marker}, "NEWEST") == ["100% Bob", "Alice", "Carol", "Root"]
    assert await names({"search": marker}, "OLDEST") == ["Root", "Carol", "Alice", "100% Bob"]
    assert await names({"search": f"100% Bob {marker}"}) == ["100% Bob"]
    assert await names({"search": f"1%0% {marker}"}) == []
    assert await names({"search": marker, "roles": ["ADMIN"]}) == ["Root"]
    assert await names({"search": marker, "status": "SUSPENDED"}) == ["Carol"]
    assert await names({"search": marker, "status": "ACTIVE"}) == ["100% Bob", "Alice", "Root"]
    assert await names({"search": people[1].person["email"]}) == ["Alice"]


async def test_paging_loses_and_repeats_nobody_while_people_sign_up(users: UsersClient) -> None:
    admin = await (await users.signed_up("Root")).made_admin()
    marker = uuid4().hex[:8]
    expected = {(await users.signed_up(f"{marker} {number:02}")).user_id for number in range(6)}
    seen: list[str] = []
    after = None
    while True:
        variables = {"filter": {"search": marker}, "sort": "NEWEST", "first": 2, "after": after}
        page = (await admin.data(USERS, variables))["users"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
        await users.signed_up(f"{marker} late")
    assert len(seen) == len(set(seen))
    assert set(seen) == expected


async def test_a_cursor_of_another_order_is_refused(users: UsersClient) -> None:
    admin = await (await users.signed_up("Root")).made_admin()
    page = (await admin.data(USERS, {"first": 1}))["users"]
    cursor = page["pageInfo"]["endCursor"]
    for variables in ({"sort": "NAME", "after": cursor}, {"after": "nonsense"}, {"first": 101}, {"first": 0}):
        answer = await admin.execute(USERS, variables)
        assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


async def test_a_promotion_is_written_down_with_who_did_it(users: UsersClient) -> None:
    admin = await (await users.signed_up("Root")).made_admin()
    ada = await users.signed_up("Ada")
    assert (await admin.data(SET_ROLE, {"id": ada.user_id, "role": "MODERATOR"}))["setUserRole"] == {
        "role": "MODERATOR",
        "version": 2,
    }
    log = (await admin.data(AUDIT, {"id": ada.user_id}))["auditLog"]
    assert log == {
        "edges": [
            {
                "node": {
                    "action": "role_changed",
                    "details": {"before": "user", "after": "moderator"},
                    "actor": {"name": "Root"},
                    "user": {"name": "Ada"},
                }
            }
        ],
        "totalCount": 1,
    }


async def test_who_loses_the_role_of_admin_loses_the_tokens_that_say_so(users: UsersClient) -> None:
    root = await (await users.signed_up("Root")).made_admin()
    other = await (await users.signed_up("Other")).made_admin()
    await root.data(SET_ROLE, {"id": other.user_id, "role": "USER"})
    assert (await other.execute(USERS))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await users.refreshed(other.person["refreshToken"]) == {"code": "REFRESH_TOKEN_INVALID"}


async def test_who_loses_the_role_of_moderator_loses_the_tokens_that_say_so(users: UsersClient) -> None:
    root = await (await users.signed_up("Root")).made_admin()
    cy = await users.signed_up("Cy")
    await root.data(SET_ROLE, {"id": cy.user_id, "role": "MODERATOR"})
    tokens = await users.refreshed(cy.person["refreshToken"])
    assert "accessToken" in tokens, "a promotion ends nothing"
    await root.data(SET_ROLE, {"id": cy.user_id, "role": "USER"})
    answer = await users.with_token(tokens["accessToken"]).execute("{ me { id } }")
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await users.refreshed(tokens["refreshToken"]) == {"code": "REFRESH_TOKEN_INVALID"}


async def test_a_suspended_person_is_out_at_once_and_in_again_when_reinstated(users: UsersClient) -> None:
    admin = await (await users.signed_up("Root")).made_admin()
    ada = await users.signed_up("Ada")
    assert (await admin.data(SUSPEND, {"id": ada.user_id}))["suspendUser"] == {"status": "SUSPENDED"}
    assert (await ada.execute("{ me { id } }"))["errors"][0]["extensions"]["code"] == "ACCOUNT_SUSPENDED"
    assert await users.refreshed(ada.person["refreshToken"]) == {"code": "ACCOUNT_SUSPENDED"}
    refused = await users.logged_in(ada.person["email"])
    assert (refused["code"], refused["message"]) == ("ACCOUNT_SUSPENDED", "This account is suspended: Spam.")
    assert (await users.logged_in(ada.person["email"], "a guess"))["code"] == "INVALID_CREDENTIALS"
    assert (await admin.data(REINSTATE, {"id": ada.user_id}))["reinstateUser"] == {"status": "ACTIVE"}
    assert "accessToken" in await users.logged_in(ada.person["email"])


async def test_a_suspension_needs_a_reason_and_a_person(users: UsersClient) -> None:
    admin = await (await users.signed_up("Root")).made_admin()
    answer = (await admin.data(SUSPEND, {"id": admin.user_id, "reason": "  "}))["suspendUser"]
    assert (answer["code"], answer["field"]) == ("INVALID_INPUT", "input.reason")
    assert (await admin.data(SUSPEND, {"id": str(uuid4())}))["suspendUser"]["code"] == "NOT_FOUND"
    assert (await admin.data(SUSPEND, {"id": "nonsense"}))["suspendUser"]["code"] == "INVALID_INPUT"


async def test_an_account_made_by_an_admin_is_opened_by_mail_and_made_once_per_key(users: UsersClient) -> None:
    admin = await (await users.signed_up("Root")).made_admin()
    email = f"{uuid4().hex}@example.com"
    values = {"name": "Ada", "email": email, "role": "MODERATOR"}
    keyed = admin.with_headers(idempotency_key=f"create {email}")
    made = (await keyed.data(CREATE, {"input": values}))["createUser"]
    assert made == {"id": made["id"], "name": "Ada", "email": email, "role": "MODERATOR"}
    assert (await keyed.data(CREATE, {"input": values}))["createUser"] == made
    other = (await keyed.data(CREATE, {"input": {**values, "name": "Eve"}}))["createUser"]
    assert other["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert (await admin.data(CREATE, {"input": values}))["createUser"]["code"] == "EMAIL_TAKEN"
    assert (await users.logged_in(email, PASSWORD))["code"] == "INVALID_CREDENTIALS"
    (mail,) = await users.mails_to(email)
    assert mail.subject == "Choose a new password"


@pytest.mark.parametrize("way_out", [SET_ROLE.replace("$role: Role!", "$role: Role! = USER"), SUSPEND])
async def test_two_admins_cannot_remove_each_other_at_the_same_time(fresh_database_url: str, way_out: str) -> None:
    async with running_users(fresh_database_url) as users:
        one = await (await users.signed_up("One")).made_admin()
        two = await (await users.signed_up("Two")).made_admin()
        answers = await asyncio.gather(
            one.execute(way_out, {"id": two.user_id}), two.execute(way_out, {"id": one.user_id})
        )
        admins = [
            client
            for client in (one, two)
            if (await client.execute("{ users { totalCount } }")).get("data") is not None
        ]
        assert len(admins) == 1, answers


async def test_the_last_admin_can_neither_be_demoted_nor_suspended_nor_deleted(fresh_database_url: str) -> None:
    async with running_users(fresh_database_url) as users:
        root = await (await users.signed_up("Root")).made_admin()
        assert (await root.data(SET_ROLE, {"id": root.user_id, "role": "USER"}))["setUserRole"]["code"] == "LAST_ADMIN"
        assert (await root.data(SUSPEND, {"id": root.user_id}))["suspendUser"]["code"] == "LAST_ADMIN"
        delete = "mutation ($id: ID!) { deleteUser(userId: $id) { ... on Error { code } } }"
        assert (await root.data(delete, {"id": root.user_id}))["deleteUser"]["code"] == "LAST_ADMIN"
        leave = "mutation ($password: String!) { deleteMyAccount(password: $password) { ... on Error { code } } }"
        assert (await root.data(leave, {"password": PASSWORD}))["deleteMyAccount"]["code"] == "LAST_ADMIN"
        assert (await root.data("{ users { totalCount } }"))["users"]["totalCount"] == 1
