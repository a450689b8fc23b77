"""Statements and transactions on the driver itself: on connections that are kept, replaced when dead, and never given on half done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text

from subgraphs.kit.database import Database
from subgraphs.kit.driver_session import driver_statement, driver_transaction


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    database = Database(fresh_database_url)
    yield database
    await database.dispose()


async def test_a_transaction_begins_with_what_goes_with_its_begin(database: Database) -> None:
    first = "SELECT set_config('tandem.mark', 'yes', true), pg_advisory_xact_lock(7, 9)"
    async with driver_transaction(database, first) as driver:
        ((mark, locks),) = await driver.execute(
            text("SELECT current_setting('tandem.mark'), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')"),
            {},
        )
        assert (mark, locks) == ("yes", 1)
    async with driver_statement(database) as driver:
        ((mark, locks),) = await driver.execute(
            text("SELECT current_setting('tandem.mark'), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')"),
            {},
        )
        assert (mark, locks) == ("", 0)


@pytest.mark.parametrize("failure", [ValueError("ours"), asyncio.CancelledError()])
async def test_a_transaction_whose_block_raises_is_rolled_back(database: Database, failure: BaseException) -> None:
    await table(database)
    with pytest.raises(type(failure)):
        await insert(database, 1, failure=failure)
    assert await things(database) == 0


async def test_a_transaction_that_cannot_be_committed_raises(database: Database) -> None:
    await table(database)
    with pytest.raises(asyncpg.UniqueViolationError):
        await insert(database, 1, 1)
    assert await things(database) == 0
    await insert(database, 1)
    assert await things(database) == 1


async def test_a_transaction_that_is_cancelled_while_it_waits_leaves_nothing_begun(database: Database) -> None:
    async def wait() -> None:
        async with driver_transaction(database, "SELECT pg_advisory_xact_lock(1, 1)"):
            raise AssertionError("somebody else has the lock")

    async with driver_transaction(database, "SELECT pg_advisory_xact_lock(1, 1)"):
        tasks = [asyncio.create_task(wait()) for _ in range(5)]
        async with asyncio.timeout(30):
            while await waiting(database) < 5:
                await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert await waiting(database) == 0
    async with asyncio.timeout(30), driver_statement(database) as driver:
        ((begun,),) = await driver.execute(
            text("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"), {}
        )
    assert begun == 0


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


async def table(database: Database) -> None:
    async with driver_statement(database) as driver:
        await driver.execute(text("CREATE TABLE things (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)"), {})


async def insert(database: Database, *ids: int, failure: BaseException | None = None) -> None:
    async with driver_transaction(database) as driver:
        for id in ids:
            await driver.execute(text("INSERT INTO things VALUES (:id)"), {"id": id})
        if failure is not None:
            raise failure


async def things(database: Database) -> int:
    async with driver_statement(database) as driver:
        ((count,),) = await driver.execute(text("SELECT count(*) FROM things"), {})
    return int(count)


async def waiting(database: Database) -> int:
    async with driver_statement(database) as driver:
        ((count,),) = await driver.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted"), {})
    return int(count)
