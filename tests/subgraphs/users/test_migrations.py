"""The migrations of users: up, down, up again, and what they make is what the models say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.local.postgres import PrivatePostgres
from subgraphs.kit import migrations
from subgraphs.kit.database import database_url
from subgraphs.users.models import Base


@pytest.fixture
def empty_database_url(postgres: PrivatePostgres) -> Iterator[str]:
    name = f"empty_{uuid4().hex[:12]}"
    asyncio.run(postgres.create_database(name))
    yield postgres.url(name)
    asyncio.run(postgres.drop_database(name))


def look(url: str, question: Callable[[Connection], Any]) -> Any:
    async def ask() -> Any:
        engine = create_async_engine(database_url(url))
        async with engine.connect() as connection:
            answer = await connection.run_sync(question)
        await engine.dispose()
        return answer

    return asyncio.run(ask())


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names(schema="users")) - {"alembic_version"}


def differences(connection: Connection) -> list[Any]:
    options = {
        "include_schemas": True,
        "include_name": lambda name, kind, parents: name == "users" if kind == "schema" else True,
        "include_object": lambda object, name, kind, reflected, other: name != "alembic_version",
    }
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, Base.metadata))


def test_the_migrations_go_up_down_and_up_again(empty_database_url: str) -> None:
    migrations.upgrade("users", empty_database_url)
    expected = {table.name for table in Base.metadata.tables.values()}
    assert look(empty_database_url, tables) == expected
    migrations.downgrade("users", empty_database_url, "users_0001")
    migrations.downgrade("users", empty_database_url, "base")
    assert look(empty_database_url, tables) == set()
    migrations.upgrade("users", empty_database_url)
    assert look(empty_database_url, tables) == expected


def test_the_models_say_what_the_migrations_make(empty_database_url: str) -> None:
    migrations.upgrade("users", empty_database_url)
    assert look(empty_database_url, differences) == []
