"""Every history goes up, down and up again on a real PostgreSQL, and leaves nothing behind when it is down."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import pytest

from deploy.local.postgres import PrivatePostgres
from subgraphs.kit import migrations


@pytest.fixture
def empty_database_url(postgres: PrivatePostgres) -> Iterator[str]:
    name = f"empty_{uuid4().hex[:12]}"
    asyncio.run(postgres.create_database(name))
    yield postgres.url(name)
    asyncio.run(postgres.drop_database(name))


@pytest.mark.parametrize("history", migrations.histories())
def test_up_down_up(history: str, empty_database_url: str) -> None:
    migrations.upgrade(history, empty_database_url)
    first = asyncio.run(tables_of(history, empty_database_url))
    migrations.downgrade(history, empty_database_url, "base")
    assert asyncio.run(tables_of(history, empty_database_url)) == {"alembic_version"}
    migrations.upgrade(history, empty_database_url)

    assert asyncio.run(tables_of(history, empty_database_url)) == first
    assert len(first) > 1


async def tables_of(schema: str, url: str) -> set[str]:
    """Tables, functions and types that are in the schema."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            """
            SELECT relname AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'v', 'm')
            UNION SELECT proname FROM pg_proc WHERE pronamespace = $1::regnamespace
            """,
            schema,
        )
        return {row["name"] for row in rows}
    finally:
        await connection.close()
