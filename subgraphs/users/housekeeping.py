"""Delete what nobody needs any more: dead sessions, used-up allowances, old links and idempotency keys."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..kit.database import Database
from ..kit.idempotency import IdempotencyKeys
from .mail_repository import MailRepository
from .repository import AllowanceRepository
from .session_repository import AuthSessionRepository

PAUSE = 3600.0  # seconds between two rounds
SESSIONS_KEPT = timedelta(days=30)  # after their end, so that a stolen refresh token is still recognised
SHORT_LIVED_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """Any number of replicas may run it: deleting twice does nothing."""

    database: Database
    idempotency: IdempotencyKeys

    async def run(self) -> None:
        """Clean up every hour, for ever."""
        while True:
            await self.clean_up(datetime.now(UTC))
            await asyncio.sleep(PAUSE)

    async def clean_up(self, now: datetime) -> None:
        async with self.database.transaction() as session:
            await AuthSessionRepository(session).purge(now - SESSIONS_KEPT)
            await AllowanceRepository(session).purge(now - SHORT_LIVED_KEPT)
            await MailRepository(session).purge(now - SHORT_LIVED_KEPT)
            await self.idempotency.purge(session)
