"""Who follows their events right now, so that a place is kept through a lost connection and given up when nobody comes back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from ..kit.coalescing import Coalescing
from ..kit.database import Database
from ..kit.driver_session import DRIVER_ERRORS, driver_statement
from ..kit.outage import through_outage
from .people_repository import note_seen

HEARTBEAT = 3.0  # seconds at most; a replica that dies takes its followers' last sign of life with it, at most this old
SIGNS = 3  # of life within an absence that counts: one may be late, one may fail


class Presence:
    """The followers of this replica; one statement per heartbeat for all of them."""

    def __init__(self, database: Database, absence: timedelta) -> None:
        self._database = database
        self._heartbeat = min(HEARTBEAT, absence.total_seconds() / SIGNS)
        self._following: Counter[UUID] = Counter()
        self._notes = Coalescing(self._note_each)

    @asynccontextmanager
    async def following(self, user_id: UUID) -> AsyncIterator[None]:
        """While the block runs the person is there; the grace period begins at its end."""
        self._following[user_id] += 1
        try:
            await through_outage(partial(self._notes.get, user_id))
            yield
        finally:
            self._following[user_id] -= 1
            if not self._following[user_id]:
                del self._following[user_id]
                # When the database is away the last heartbeat counts.
                with suppress(*DRIVER_ERRORS, SQLAlchemyError):
                    await asyncio.shield(self._notes.get(user_id))

    async def run(self) -> None:
        """Note the followers for ever; first of all after a failure, when nobody has been noted for a while."""
        while True:
            if self._following:
                await self._note(list(self._following))
            await asyncio.sleep(self._heartbeat)

    async def _note_each(self, user_ids: Sequence[UUID]) -> Sequence[None]:
        await self._note(list(user_ids))
        return [None] * len(user_ids)

    async def _note(self, user_ids: list[UUID]) -> None:
        async with driver_statement(self._database) as driver:
            await note_seen(driver, user_ids)


class Watch:
    """Whether this replica may judge who has gone. Not while signs of life may be missing that nobody could write or that a clock overtook:
    after its own start, after a database that was away or stood still, after a jump of its clock."""

    def __init__(self, absence: timedelta, interval: float) -> None:
        self._absence = absence.total_seconds()
        # Half an absence without a sign of life, and everybody still has time for one.
        self._longest_gap = self._absence / 2 + interval
        self._looked_at: tuple[float, datetime] | None = None
        self._judges_from = float("inf")

    def look(self, now: float, database_time: datetime) -> bool:
        """Note a look at the database, by a clock that never jumps and by the database's own; whether its absences count."""
        before, self._looked_at = self._looked_at, (now, database_time)
        if before is None or max(now - before[0], (database_time - before[1]).total_seconds()) > self._longest_gap:
            # Everybody who is there is noted again within this time.
            self._judges_from = now + self._absence
        return now >= self._judges_from
