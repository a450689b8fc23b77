"""The whole process: it starts, answers, relays its events to the bus, sends its mail, and stops."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import text

from subgraphs.__main__ import SCHEMA_FOLDER
from subgraphs.kit.events import Event
from subgraphs.kit.retention import Retention
from subgraphs.kit.schema import print_subgraph_sdl
from subgraphs.users.housekeeping import users_purges
from subgraphs.users.schema import schema

from .conftest import UsersClient, running_users


async def eventually(users: UsersClient, statement: str, **values: Any) -> list[Any]:
    """The rows of a query once there are some."""
    async with asyncio.timeout(10):
        while True:
            async with users.runtime.database.session() as session:
                rows = list((await session.execute(text(statement), values)).all())
            if rows:
                return rows
            await asyncio.sleep(0.02)


async def test_events_reach_the_bus_and_come_back_and_mail_goes_out(fresh_database_url: str) -> None:
    async with running_users(fresh_database_url, with_background=True) as users:
        assert (await users.http.get("/health")).json()["status"] == "ok"
        assert (await users.http.get("/ready")).status_code == 200
        ada = await users.signed_up("Ada")
        found = await eventually(users, "SELECT type, source, data FROM bus.events WHERE subject = :id", id=ada.user_id)
        assert [tuple(row) for row in found] == [("user.registered", "users", {"user_id": ada.user_id, "name": "Ada"})]
        outcome: dict[str, Any] = {
            "session_id": "11111111-1111-4111-8111-111111111111",
            "difficulty": "HARD",
            "topics": ["Graphs"],
            "user_ids": [ada.user_id],
            "outcomes": [{"user_id": ada.user_id, "solved": True, "peer_rating": None}],
        }
        await users.runtime.bus.publish(
            [Event("session.outcome", outcome["session_id"], outcome, source="collaboration")]
        )
        await eventually(users, "SELECT 1 FROM users.ratings WHERE topic = 'Graphs'")
        async with asyncio.timeout(10):
            while not users.mailer.sent:
                await asyncio.sleep(0.02)
        assert [mail.to for mail in users.mailer.sent] == [ada.person["email"]]


async def test_housekeeping_deletes_what_is_dead_and_nothing_that_lives(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    gone = await users.signed_up("Bob")
    async with users.runtime.database.transaction() as session:
        for statement in (
            "UPDATE users.auth_sessions SET revoked_at = now() - interval '31 days' WHERE user_id = CAST(:id AS uuid)",
            "INSERT INTO users.allowances VALUES ('old', now() - interval '2 days')",
        ):
            await session.execute(text(statement), {"id": gone.user_id} if ":id" in statement else {})
    await Retention(users.runtime.database, "users", users_purges(users.services.idempotency)).purge_all()
    assert (await ada.data("{ me { name } }"))["me"] == {"name": "Ada"}
    async with users.runtime.database.session() as session:
        left = "SELECT count(*) FROM users.auth_sessions WHERE user_id = CAST(:id AS uuid)"
        assert (await session.execute(text(left), {"id": gone.user_id})).scalar_one() == 0
        assert (
            await session.execute(text("SELECT count(*) FROM users.allowances WHERE key = 'old'"))
        ).scalar_one() == 0


def test_the_exported_schema_is_current() -> None:
    assert (SCHEMA_FOLDER / "users.graphql").read_text(encoding="utf-8") == print_subgraph_sdl(schema)
