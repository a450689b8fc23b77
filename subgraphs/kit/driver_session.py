"""Transactions and statements on asyncpg itself, for the few that every keystroke, match or event needs.

Measured on a busy machine: a group commit costs 2.1 to 3.0 ms of processor time through SQLAlchemy's session, 1.2 ms here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from functools import cache
from typing import Any, cast

import asyncpg
from sqlalchemy import TextClause
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from .database import Database

PARAMETER = re.compile(r"(?<!:):([a-z_]+)")
ROLLBACK_TIMEOUT = 5.0  # seconds
DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class DriverSession:
    """Executes text statements with named parameters, as a SQLAlchemy session does; rows are tuples."""

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self.connection = connection
        """The driver's own, whose parameters are $1, $2, ..."""

    async def execute(self, statement: TextClause, values: Mapping[str, Any]) -> Sequence[Any]:
        sql, names = _positional(str(statement.text))
        rows: Sequence[Any] = await self.connection.fetch(sql, *(values[name] for name in names))
        return rows


@asynccontextmanager
async def driver_transaction(database: Database, first: str = "") -> AsyncIterator[DriverSession]:
    """A transaction on a connection of the engine's own pool. Raises what the driver raises (DRIVER_ERRORS).

    `first` is SQL without parameters that goes the same way as the BEGIN.
    """
    async with _borrowed_driver(database) as driver:
        try:
            await driver.execute(f"BEGIN; {first}")
            yield DriverSession(driver)
        except BaseException:
            await _roll_back(driver)
            raise
        try:
            await driver.execute("COMMIT")
        except BaseException:
            # Whether it is over is not known.
            driver.terminate()
            raise


@asynccontextmanager
async def driver_statement(database: Database) -> AsyncIterator[DriverSession]:
    """A connection of the pool for exactly one statement, which is a transaction by itself. Raises what the driver raises."""
    async with _borrowed_driver(database) as driver, _on_one_backend(driver, database):
        yield DriverSession(driver)


async def driver_connection(session: AsyncSession) -> asyncpg.Connection[Any]:
    """The driver's connection under a session whose transaction has begun; SQLAlchemy's share of a short statement is half its time."""
    connection = await (await session.connection()).get_raw_connection()
    return cast("asyncpg.Connection[Any]", connection.driver_connection)


class HeldConnection:
    """One connection kept for statements that are a transaction by themselves: taking one from the pool takes as long as the statement."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection | None = None
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[DriverSession]:
        """For exactly one statement. Raises what the driver raises (DRIVER_ERRORS)."""
        async with self._lock:
            if self._connection is None:
                self._connection = await self._database.engine.connect()
            try:
                driver = await _open_driver(self._connection)
                async with _on_one_backend(driver, self._database):
                    yield DriverSession(driver)
            except BaseException:
                await self.aclose()
                raise

    async def aclose(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # Whatever state it is in, nobody shall get it again.
            with suppress(*DRIVER_ERRORS, DBAPIError):
                await connection.invalidate()
            with suppress(*DRIVER_ERRORS, DBAPIError):
                await connection.close()


@asynccontextmanager
async def _borrowed_driver(database: Database) -> AsyncIterator[asyncpg.Connection[Any]]:
    """The driver of a connection that was kept, or of one from the pool; it is kept afterwards: the pool costs more than a statement."""
    kept = database.kept_connections
    connection = kept.pop() if kept else await database.engine.connect()
    is_sound = False
    try:
        yield await _open_driver(connection)
        is_sound = True
    except DRIVER_ERRORS as error:
        # SQLAlchemy did not see it: without this the pool would hand a dead connection out again.
        await connection.invalidate(error)
        raise
    finally:
        if is_sound and len(kept) < database.max_kept:
            kept.append(connection)
        else:
            await asyncio.shield(connection.close())


def _on_one_backend(driver: asyncpg.Connection[Any], database: Database) -> AbstractAsyncContextManager[Any]:
    """What must be around a statement: a pooler keeps one on one backend only inside of a transaction."""
    return driver.transaction() if database.is_behind_pooler else nullcontext()


async def _roll_back(driver: asyncpg.Connection[Any]) -> None:
    """End a failed transaction, or the connection that it is on: nobody shall get it with a transaction begun."""
    try:
        await asyncio.shield(driver.execute("ROLLBACK", timeout=ROLLBACK_TIMEOUT))
    except BaseException as error:
        driver.terminate()
        if not isinstance(error, DRIVER_ERRORS):
            raise


async def _open_driver(connection: AsyncConnection) -> asyncpg.Connection[Any]:
    driver = (await connection.get_raw_connection()).driver_connection
    if driver is None or driver.is_closed():
        await connection.invalidate()
        driver = (await connection.get_raw_connection()).driver_connection
    return cast("asyncpg.Connection[Any]", driver)


@cache
def _positional(sql: str) -> tuple[str, tuple[str, ...]]:
    """The statement with $1, $2 ... and the names in that order."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    return PARAMETER.sub(number, sql), tuple(names)
