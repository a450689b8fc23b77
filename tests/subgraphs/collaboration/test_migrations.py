"""The tables go up, down and up again, and are those of the models."""

from __future__ import annotations

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from subgraphs.collaboration.models import SCHEMA, Base
from subgraphs.kit import migrations
from subgraphs.kit.database import database_url


def test_up_down_up_leaves_the_tables_of_the_models(fresh_database_url: str) -> None:
    migrations.downgrade("collaboration", fresh_database_url, "base")
    assert asyncio.run(_tables(fresh_database_url)) == {"alembic_version"}
    migrations.upgrade("collaboration", fresh_database_url)
    assert asyncio.run(_tables(fresh_database_url)) == {
        "alembic_version",
        *(t.name for t in Base.metadata.tables.values()),
    }
    assert asyncio.run(_differences(fresh_database_url)) == []


async def _tables(url: str) -> set[str]:
    engine = create_async_engine(database_url(url))
    async with engine.connect() as connection:
        rows = await connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = :schema"), {"schema": SCHEMA}
        )
        names = {row.tablename for row in rows}
    await engine.dispose()
    return names


async def _differences(url: str) -> list[object]:
    def compare(connection: Connection) -> list[object]:
        options = {
            "include_schemas": True,
            "include_name": lambda name, kind, parents: (
                name == SCHEMA if kind == "schema" else name != "alembic_version"
            ),
        }
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))

    engine = create_async_engine(database_url(url))
    async with engine.connect() as connection:
        found = await connection.run_sync(compare)
    await engine.dispose()
    return found
