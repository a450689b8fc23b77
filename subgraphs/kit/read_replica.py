"""Reads that may be a moment old go to a read replica while it answers, and to the primary otherwise; writes always go to the primary."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from .database import Database

logger = structlog.get_logger(__name__)

AVOIDED = 5.0  # seconds in which a replica that failed is not asked


class ReplicatedDatabase(Database):
    """The primary, with `session()` on its replica. A transaction sees what is committed; a session may see less (`may_lag`)."""

    may_lag = True

    def __init__(self, primary: Database, replica: Database) -> None:
        # Not super().__init__: the primary's connections are shared, and closed by whoever opened them.
        self._primary = primary
        self._replica = replica
        self._avoided_until = 0.0
        self.url = primary.url
        self.is_behind_pooler = primary.is_behind_pooler
        self._engine = primary.engine
        self.reading_engine = primary.reading_engine
        self._sessions = primary._sessions
        self.max_kept = primary.max_kept
        self.kept_connections = primary.kept_connections

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A session for reading."""
        connection = await self._connection_to_replica()
        if connection is None:
            async with self._primary.session() as session:
                yield session
            return
        try:
            async with AsyncSession(connection, expire_on_commit=False) as session:
                yield session
        except DBAPIError as error:
            if error.connection_invalidated:
                self._avoid(error)
            raise
        finally:
            await connection.close()

    async def dispose(self) -> None:
        """Close the connections to the replica; the primary's are not ours."""
        await self._replica.dispose()

    async def _connection_to_replica(self) -> AsyncConnection | None:
        """A connection that works (one that the replica has closed meanwhile is replaced), or None."""
        if time.monotonic() < self._avoided_until:
            return None
        try:
            return await self._replica.reading_engine.connect()
        except (OSError, TimeoutError, DBAPIError) as error:
            self._avoid(error)
            return None

    def _avoid(self, error: Exception) -> None:
        self._avoided_until = time.monotonic() + AVOIDED
        logger.warning("read_replica.avoided", seconds=AVOIDED, error=str(error) or type(error).__name__)
