"""What waits for a database that is away: only for that, and not for ever."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.kit.database import Database
from subgraphs.kit.errors import Unavailable
from subgraphs.kit.outage import through_outage


async def test_what_was_away_is_read_when_it_is_back(fresh_database_url: str) -> None:
    database = Database(fresh_database_url)
    tries = 0

    async def read() -> int:
        nonlocal tries
        tries += 1
        async with database.session() as session:
            if tries < 3:
                await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
            return int((await session.execute(text("SELECT 7"))).scalar_one())

    try:
        async with asyncio.timeout(30):
            assert await through_outage(read) == 7
        assert tries == 3
    finally:
        await database.dispose()


async def test_a_database_that_stays_away_is_told_in_the_end() -> None:
    tries = 0

    async def read() -> None:
        nonlocal tries
        tries += 1
        raise ConnectionRefusedError("nobody listens")

    with pytest.raises(Unavailable):
        await through_outage(read, patience=0.2)
    assert tries > 1


@pytest.mark.parametrize("statement", ["SELECT nothing FROM nowhere", "SELECT 1 / 0"])
async def test_a_statement_that_is_wrong_is_not_tried_again(fresh_database_url: str, statement: str) -> None:
    database = Database(fresh_database_url)
    tries = 0

    async def read() -> None:
        nonlocal tries
        tries += 1
        async with database.session() as session:
            await session.execute(text(statement))

    try:
        with pytest.raises(DBAPIError):
            await through_outage(read)
        assert tries == 1
    finally:
        await database.dispose()


async def test_a_value_that_does_not_fit_is_not_tried_again(fresh_database_url: str) -> None:
    connection = await asyncpg.connect(fresh_database_url)
    tries = 0

    async def read() -> None:
        nonlocal tries
        tries += 1
        await connection.fetch("SELECT $1::int", "no number")

    try:
        with pytest.raises(asyncpg.DataError):
            await through_outage(read)
        assert tries == 1
    finally:
        await connection.close()
