"""How often something may be tried: allowances in the database, so that all replicas count together (GCRA: no bursts at window edges)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..kit.database import Database
from ..kit.errors import RateLimited
from .repository import AllowanceRepository


@dataclass(frozen=True, slots=True)
class Allowances:
    """Counts in a transaction of its own, so that a failed attempt counts too."""

    database: Database

    async def take(self, limits: Mapping[str, int], window: timedelta, message: str) -> None:
        """Use one of each (key -> how many per window). Raises RateLimited when one of them is used up."""
        async with self.database.transaction() as session:
            repository = AllowanceRepository(session)
            taken = await repository.take(limits, window)
            refused = limits.keys() - taken
            waits = [_seconds_until_free(await repository.free_at(key), window, limits[key]) for key in sorted(refused)]
        if refused:
            raise RateLimited(message, retry_after=max(1.0, *waits))

    async def reset(self, key: str) -> None:
        """Give the whole allowance back, after a success."""
        async with self.database.transaction() as session:
            await AllowanceRepository(session).reset(key)


def allowance_key(purpose: str, *parts: str) -> str:
    """A short key that does not show the address it is about."""
    return f"{purpose}:{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:40]}"


def _seconds_until_free(free_at: datetime | None, window: timedelta, limit: int) -> float:
    if free_at is None:
        return 0.0
    wait = free_at + window / limit - window - datetime.now(UTC)
    return round(wait.total_seconds(), 1)
