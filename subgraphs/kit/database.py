"""One engine per process: sessions for reading, transactions for writing, on a plain PostgreSQL or behind a transaction pooler."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import NullPool

from .errors import SettingsError

CONNECT_TIMEOUT = 5.0  # seconds to reach the server
COMMAND_TIMEOUT = 15.0  # seconds for one statement; ours take milliseconds
MAX_KEPT = 2  # connections kept at hand for the driver's own statements, and at most a quarter of the pool


class Database:
    """The PostgreSQL of one subgraph."""

    may_lag = False
    """Whether `session()` may see less than what is committed (see read_replica)."""

    def __init__(
        self,
        url: str,
        *,
        pooler: bool = False,
        pool_size: int = 10,
        pool_timeout: float = 5.0,
        pre_ping: bool = False,
    ) -> None:
        self.url = database_url(url)
        self.is_behind_pooler = pooler
        self._engine = _create_engine(
            self.url, pooler=pooler, pool_size=pool_size, pool_timeout=pool_timeout, pre_ping=pre_ping
        )
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        # Every statement by itself: BEGIN and ROLLBACK would be two more round trips for each read. But behind a transaction pooler
        # a statement is prepared and executed on the same backend only inside a transaction.
        self.reading_engine = self._engine if pooler else self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._readers = async_sessionmaker(self.reading_engine, expire_on_commit=False)
        self.max_kept = min(MAX_KEPT, pool_size // 4)
        self.kept_connections: list[AsyncConnection] = []
        """Idle connections out of the pool, for driver_session."""

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A session for reading; each statement sees what is committed by then. Writing is for `transaction`."""
        async with self._readers() as session:
            yield session

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed at the end of the block, or rolled back when the block raises."""
        async with self._sessions.begin() as session:
            yield session

    async def ping(self) -> None:
        """Raise when the database does not answer."""
        async with self.reading_engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def dispose(self) -> None:
        self.max_kept = 0
        while self.kept_connections:
            await self.kept_connections.pop().close()
        await self._engine.dispose()


def database_url(url: str) -> URL:
    """Read a PostgreSQL URL (`postgres://`, `postgresql://`, with or without a driver) for SQLAlchemy with asyncpg.

    Raises SettingsError when it is not one.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SettingsError(
            f"DATABASE_URL is not a database URL: {_shown(url)}. It looks like postgresql://user:password@host:5432/database."
        ) from error
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise SettingsError(
            f"DATABASE_URL names {parsed.get_backend_name()!r}, but Tandem needs PostgreSQL (postgresql://...)."
        )
    return parsed.set(drivername="postgresql+asyncpg")


async def connect_raw(url: str) -> asyncpg.Connection[Any]:
    """A plain asyncpg connection, for LISTEN and for COPY; the caller closes it."""
    parsed = database_url(url)
    dsn = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    return await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT)


def _create_engine(url: URL, *, pooler: bool, pool_size: int, pool_timeout: float, pre_ping: bool) -> AsyncEngine:
    arguments: dict[str, Any] = {"timeout": CONNECT_TIMEOUT, "command_timeout": COMMAND_TIMEOUT}
    if pooler:
        # Behind a transaction pooler each transaction may meet another backend: nothing may live longer than one.
        arguments |= {"statement_cache_size": 0, "prepared_statement_name_func": lambda: f"__asyncpg_{uuid4()}__"}
        return create_async_engine(
            url,
            connect_args=arguments | {"prepared_statement_cache_size": 0},
            poolclass=NullPool,
        )
    return create_async_engine(
        url,
        connect_args=arguments,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout,
        pool_pre_ping=pre_ping,
        pool_use_lifo=True,
    )


def _shown(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"{scheme}://…" if separator and "@" in rest else repr(url)
