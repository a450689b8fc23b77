"""Leaving: what is erased, what everybody is told, and the proof that all have done it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text

from subgraphs.kit.events import Event, Inbox
from subgraphs.kit.idempotency import IdempotencyKeys, idempotent_call
from subgraphs.users.models import Idempotency
from subgraphs.users.models import Inbox as InboxRow

from .conftest import PASSWORD, UsersClient

DELETE = """
    mutation ($password: String) { deleteMyAccount(password: $password) {
        ... on AccountErasure { receipt completedAt proofs { subgraph } missing } ... on Error { code } } }
"""
STATE = "query ($receipt: ID!) { accountErasure(receipt: $receipt) { completedAt proofs { subgraph } missing } }"


async def rows(users: UsersClient, statement: str, **values: Any) -> list[Any]:
    async with users.runtime.database.session() as session:
        return list((await session.execute(text(statement), values)).all())


async def deliver(users: UsersClient, event: Event) -> None:
    """Hand an event over as the bus does."""
    handlers = {"user.erased": users.services.erasure.user_erased}
    await Inbox(InboxRow, "users", handlers).handle(users.runtime.database, event)


async def test_a_deleted_account_keeps_its_id_and_nothing_else_of_the_person(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    email = ada.person["email"]
    await ada.data('mutation { updateProfile(input: {bio: "Mine.", links: ["https://example.org"]}) { __typename } }')
    assert (await ada.data(DELETE, {"password": "wrong"}))["deleteMyAccount"] == {"code": "INVALID_CREDENTIALS"}
    call = idempotent_call("k", owner=UUID(ada.user_id), operation="createUser", request={})
    async with users.runtime.database.transaction() as session:
        await IdempotencyKeys(Idempotency).recall(session, call)
    kept = "SELECT 1 FROM users.idempotency_keys WHERE owner = :owner"
    assert len(await rows(users, kept, owner=ada.user_id)) == 1
    erased = (await ada.data(DELETE, {"password": PASSWORD}))["deleteMyAccount"]
    assert await rows(users, kept, owner=ada.user_id) == []
    assert erased["proofs"] == [{"subgraph": "users"}]
    assert erased["missing"] == ["collaboration", "matching", "questions"]
    document = "query ($id: ID!) { user(id: $id) { name bio links status } }"
    assert (await users.data(document, {"id": ada.user_id}))["user"] == {
        "name": "Deleted user",
        "bio": "",
        "links": [],
        "status": "DELETED",
    }
    assert (await ada.execute("{ me { id } }"))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert (await users.logged_in(email))["code"] == "INVALID_CREDENTIALS"
    assert await users.refreshed(ada.person["refreshToken"]) == {"code": "REFRESH_TOKEN_INVALID"}
    for table in ("users", "mail_requests", "confirmations"):
        assert await rows(users, f"SELECT 1 FROM users.{table} WHERE email = :email", email=email) == []
    assert "accessToken" in (await users.signed_up("Ada again", email=email)).person


async def test_everybody_is_told_that_sessions_have_ended_and_the_account_is_gone(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    await ada.data(DELETE, {"password": PASSWORD})
    found = await rows(users, "SELECT type, data FROM users.outbox WHERE subject = :id ORDER BY seq", id=ada.user_id)
    assert [row.type for row in found] == ["user.registered", "auth_session.revoked", "user.deleted"]
    assert found[-1].data == {"user_id": ada.user_id}
    assert found[1].data["user_id"] == ada.user_id
    assert len(found[1].data["session_ids"]) == 1


async def test_an_erasure_is_complete_when_every_subgraph_has_proved_it_once(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    receipt = (await ada.data(DELETE, {"password": PASSWORD}))["deleteMyAccount"]["receipt"]

    async def state() -> dict[str, Any]:
        answer: dict[str, Any] = (await users.data(STATE, {"receipt": receipt}))["accountErasure"]
        return answer

    for subgraph in ("matching", "matching", "somebody-else", "questions"):
        await deliver(users, Event("user.erased", ada.user_id, {"user_id": ada.user_id, "subgraph": subgraph}))
    assert (await state())["missing"] == ["collaboration"]
    assert (await state())["completedAt"] is None
    await deliver(users, Event("user.erased", ada.user_id, {"user_id": ada.user_id, "subgraph": "collaboration"}))
    done = await state()
    assert done["missing"] == []
    assert done["completedAt"] is not None
    assert len(done["proofs"]) == 4


async def test_a_proof_for_an_account_that_was_never_deleted_changes_nothing(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    await deliver(users, Event("user.erased", ada.user_id, {"user_id": ada.user_id, "subgraph": "matching"}))
    assert (await ada.data("{ me { name } }"))["me"] == {"name": "Ada"}


async def test_an_unknown_receipt_is_not_found(users: UsersClient) -> None:
    answer = await users.execute(STATE, {"receipt": "7b5a2c9e-5b5c-4a39-8f5c-5b5a2c9e5b5c"})
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_an_admin_deletes_somebody_and_sees_whose_proof_is_missing(users: UsersClient) -> None:
    admin = await (await users.signed_up("Root")).made_admin()
    ada = await users.signed_up("Ada")
    document = (
        "mutation ($id: ID!) { deleteUser(userId: $id) { ... on AccountErasure { receipt } ... on Error { code } } }"
    )
    receipt = (await admin.data(document, {"id": ada.user_id}))["deleteUser"]["receipt"]
    assert (await admin.data(document, {"id": ada.user_id}))["deleteUser"] == {"code": "NOT_FOUND"}
    waiting = await admin.data("{ unfinishedErasures(olderThanMinutes: 0) { receipt missing } }")
    assert {"receipt": receipt, "missing": ["collaboration", "matching", "questions"]} in waiting["unfinishedErasures"]
    for minutes in (-1, 2_147_483_647):
        wrong = await admin.execute(f"{{ unfinishedErasures(olderThanMinutes: {minutes}) {{ receipt }} }}")
        assert wrong["errors"][0]["extensions"] == {
            "code": "INVALID_INPUT",
            "retryable": False,
            "field": "olderThanMinutes",
        }
    refused = await users.execute("{ unfinishedErasures { receipt } }")
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
