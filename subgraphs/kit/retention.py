"""Delete what has been kept long enough, in small batches beside the traffic: events that everybody has, keys that have run out."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy import delete as delete_from
from sqlalchemy.ext.asyncio import AsyncSession

from .database import Database
from .models import InboxRow, OutboxRow, SignOutRow
from .sign_outs import SESSIONS_KEPT
from .telemetry import ROWS_PURGED

logger = structlog.get_logger(__name__)

BATCH = 1000  # rows per transaction: some milliseconds, so that nobody waits for its locks
PAUSE = 0.05  # seconds between two full batches
ROUND = 3600.0  # seconds between two rounds
FIRST_ROUND = 60.0  # seconds after the start, at most: replicas that start together do not purge together

DeleteBatch = Callable[[AsyncSession, int], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Purge:
    """One kind of old rows: `delete(session, limit)` deletes so many of them at most, and says how many."""

    name: str
    delete: DeleteBatch
    database: Database | None = None
    """Where, if it is not the subgraph's own."""


class Retention:
    """Any number of replicas may run it: rows that another one deletes right now are passed over."""

    def __init__(self, database: Database, subgraph_name: str, purges: Sequence[Purge]) -> None:
        self._database = database
        self._subgraph_name = subgraph_name
        self._purges = purges

    async def run(self) -> None:
        """Purge every hour, for ever."""
        await asyncio.sleep(random.uniform(0, FIRST_ROUND))
        while True:
            await self.purge_all()
            await asyncio.sleep(ROUND)

    async def purge_all(self) -> dict[str, int]:
        """One round: everything that is old enough; how many rows of each kind went. One failure does not keep the rest."""
        return {purge.name: await self._purge(purge) for purge in self._purges}

    async def _purge(self, purge: Purge) -> int:
        total = 0
        try:
            while True:
                async with (purge.database or self._database).transaction() as session:
                    count = await purge.delete(session, BATCH)
                total += count
                ROWS_PURGED.labels(self._subgraph_name, purge.name).inc(count)
                if count < BATCH:
                    break
                await asyncio.sleep(PAUSE)
        except Exception:
            logger.exception("retention.failed", kind=purge.name)
        return total


def purge_where(model: type[Any], condition: Callable[[], ColumnElement[bool]], *, name: str | None = None) -> Purge:
    """Rows of a table that fulfil a condition; it should be one that an index answers."""
    table: Any = model.__table__
    key = list(table.primary_key.columns)

    async def delete(session: AsyncSession, limit: int) -> int:
        old = select(*key).where(condition()).limit(limit).with_for_update(skip_locked=True)
        chosen = tuple_(*key).in_(old) if len(key) > 1 else key[0].in_(old)
        result: Any = await session.execute(delete_from(table).where(chosen))
        return int(result.rowcount)

    return Purge(name or table.name, delete)


def event_purges(
    outbox_row: type[OutboxRow],
    inbox_row: type[InboxRow],
    sign_out_row: type[SignOutRow] | None,
    kept: timedelta,
) -> list[Purge]:
    """What every subgraph keeps of events, once it is older than `kept`."""

    async def published(session: AsyncSession, limit: int) -> int:
        # The oldest rows stand first in the key's index: look at so many of them and no further.
        oldest = select(outbox_row.seq, outbox_row.published_at).order_by(outbox_row.seq).limit(limit).subquery()
        old = select(oldest.c.seq).where(oldest.c.published_at < func.now() - kept)
        result: Any = await session.execute(delete_from(outbox_row).where(outbox_row.seq.in_(old)))
        return int(result.rowcount)

    purges = [Purge("outbox", published), purge_where(inbox_row, lambda: inbox_row.handled_at < func.now() - kept)]
    if sign_out_row is not None:
        row = sign_out_row
        # A person who was suspended or deleted stays out; a log-in's tokens have run out by then.
        purges.append(
            purge_where(row, lambda: (row.ended_at < func.now() - SESSIONS_KEPT) & row.key.startswith("session:"))
        )
    return purges
