"""Lookups on the driver itself: the same rows as a session's, on connections that are kept, replaced when dead, and given back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import String, inspect, text
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.exc import DetachedInstanceError
from sqlalchemy.schema import CreateSchema

from subgraphs.kit.database import Database
from subgraphs.kit.direct_rows import rows_by_id
from subgraphs.kit.driver_session import driver_statement, driver_transaction
from subgraphs.kit.models import HasId, HasTimestamps, Model, metadata_for
from subgraphs.kit.read_replica import ReplicatedDatabase
from subgraphs.kit.repository import Repository


class Base(Model):
    __abstract__ = True
    metadata = metadata_for("looked_up")


class Thing(HasId, HasTimestamps, Base):
    __tablename__ = "things"

    name: Mapped[str] = mapped_column(String(50))
    labels: Mapped[list[str]]
    settings: Mapped[dict[str, Any]]
    large: Mapped[str] = mapped_column(deferred=True, deferred_raiseload=True)


class Things(Repository[Thing]):
    model = Thing


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    database = Database(fresh_database_url)
    async with database.engine.begin() as connection:
        await connection.execute(CreateSchema("looked_up"))
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.dispose()


@pytest.fixture
async def ids(database: Database) -> list[UUID]:
    async with database.transaction() as session:
        things = [
            Thing(id=uuid4(), name=f"Ünsal {number}", labels=["a", "ß"], settings={"depth": [number, None]}, large="…")
            for number in range(3)
        ]
        session.add_all(things)
    return [thing.id for thing in things]


async def test_a_row_is_what_a_session_would_have_found(database: Database, ids: list[UUID]) -> None:
    found = await rows_by_id(database, Thing, [*ids, ids[0], uuid4()])
    async with database.session() as session:
        expected = await Things(session).get_many(ids)

    assert found.keys() == expected.keys() == set(ids)
    names = [attribute.key for attribute in inspect(Thing).column_attrs if attribute.key != "large"]
    for id in ids:
        assert {name: getattr(found[id], name) for name in names} == {
            name: getattr(expected[id], name) for name in names
        }
        assert inspect(found[id]).detached


async def test_what_is_deferred_is_not_taken_for_empty(database: Database, ids: list[UUID]) -> None:
    found = await rows_by_id(database, Thing, ids)
    with pytest.raises((DetachedInstanceError, InvalidRequestError)):
        _ = found[ids[0]].large


async def test_nobody_is_asked_about_nothing() -> None:
    assert await rows_by_id(Database("postgresql://nobody@127.0.0.1:1/none"), Thing, []) == {}


async def test_where_reads_may_lag_the_replica_is_asked(database: Database, ids: list[UUID]) -> None:
    empty = Database("postgresql://nobody@127.0.0.1:1/none")
    lagging = ReplicatedDatabase(empty, Database(database.url.render_as_string(hide_password=False)))
    try:
        assert (await rows_by_id(lagging, Thing, ids)).keys() == set(ids)
    finally:
        await lagging.dispose()


async def test_statements_one_after_the_other_share_a_connection(database: Database) -> None:
    pids = [await backend_of(database) for _ in range(5)]
    async with driver_transaction(database) as driver:
        ((in_transaction,),) = await driver.execute(text("SELECT pg_backend_pid()"), {})
    assert set(pids) == {in_transaction}


async def test_a_kept_connection_that_died_is_replaced(database: Database) -> None:
    dead = await backend_of(database)
    async with database.session() as session:
        await session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": dead})
    (connection,) = database.kept_connections
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    async with asyncio.timeout(30):
        while not driver.is_closed():
            await asyncio.sleep(0.01)
    assert await backend_of(database) != dead


async def test_a_connection_whose_statement_failed_is_not_kept(database: Database) -> None:
    await backend_of(database)
    with pytest.raises(asyncpg.UndefinedTableError):
        async with driver_statement(database) as driver:
            await driver.execute(text("SELECT nothing FROM nowhere"), {})
    assert database.kept_connections == []
    assert await backend_of(database)


async def test_a_cancelled_statement_gives_its_connection_back(database: Database) -> None:
    async def wait() -> None:
        async with driver_statement(database) as driver:
            await driver.execute(text("SELECT pg_sleep(60)"), {})

    tasks = [asyncio.create_task(wait()) for _ in range(10)]
    while database.engine.pool.checkedout() < 10:  # type: ignore[attr-defined]
        await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(30):
        await asyncio.gather(*(backend_of(database) for _ in range(20)))


async def test_what_is_kept_leaves_most_of_the_pool_to_others(database: Database) -> None:
    await asyncio.gather(*(backend_of(database) for _ in range(10)))
    assert 1 <= len(database.kept_connections) <= 2
    small = Database(database.url.render_as_string(hide_password=False), pool_size=1, pool_timeout=5)
    try:
        await backend_of(small)
        async with small.session() as session:
            await session.execute(text("SELECT 1"))
    finally:
        await small.dispose()


async def backend_of(database: Database) -> int:
    async with driver_statement(database) as driver:
        ((pid,),) = await driver.execute(text("SELECT pg_backend_pid()"), {})
    return int(pid)
