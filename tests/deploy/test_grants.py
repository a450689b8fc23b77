"""deploy/grants.sql: a role of a subgraph uses its own schema, appends to the bus, and sees nothing else."""

from __future__ import annotations

import asyncpg
import pytest

from deploy.local.postgres import PrivatePostgres
from deploy.local.up import GRANTS


async def granted(postgres: PrivatePostgres, url: str) -> tuple[asyncpg.Connection, asyncpg.Connection]:
    """The owner, and users, after the grants were made twice."""
    await postgres.create_roles(["tandem_users", "tandem_matching", "tandem_bus"])
    owner = await asyncpg.connect(url)
    for _ in range(2):
        await owner.execute(GRANTS.read_text(encoding="utf-8"))
    return owner, await asyncpg.connect(url.replace("://postgres@", "://tandem_users@"))


async def test_a_role_uses_its_own_schema_and_what_the_next_migration_makes(
    postgres: PrivatePostgres, fresh_database_url: str
) -> None:
    owner, users = await granted(postgres, fresh_database_url)
    try:
        assert await users.fetchval("SELECT count(*) FROM users.users") == 0
        await owner.execute("CREATE TABLE users.made_later (id bigserial PRIMARY KEY)")
        await users.execute("INSERT INTO users.made_later DEFAULT VALUES")
        for statement in (
            "SELECT * FROM matching.matches",
            "CREATE TABLE users.mine ()",
            "SELECT data FROM bus.events",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await users.execute(statement)
        assert await users.fetchval("SELECT count(event_id) FROM bus.events") == 0
    finally:
        await users.close()
        await owner.close()
