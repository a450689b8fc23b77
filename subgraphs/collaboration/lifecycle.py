"""End sessions that both have left or in which nothing happens, ring the timer of a phase; on any replica, each once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

import structlog

from ..kit.database import Database
from .errors import SessionClosed, SessionNotFound
from .feedback_service import FeedbackService
from .log_events import EventKind
from .repository import SessionRepository
from .rules import EndReason
from .service import SessionService
from .writing import SessionWriter

logger = structlog.get_logger(__name__)

LOOK_INTERVAL = 5.0  # seconds between looks
BATCH = 50  # sessions handled in one look


class Lifecycle:
    """One per process; that several replicas look at the same sessions does no harm."""

    def __init__(
        self,
        database: Database,
        writer: SessionWriter,
        sessions: SessionService,
        feedback: FeedbackService,
        *,
        leave_grace: float,
        join_grace: float,
        idle_limit: float,
    ) -> None:
        self._database = database
        self._writer = writer
        self._sessions = sessions
        self._feedback = feedback
        self._leave_grace = leave_grace
        self._join_grace = join_grace
        self._idle_limit = idle_limit

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(LOOK_INTERVAL)
            await self.look()

    async def look(self) -> None:
        """Do everything that is due now."""
        async with self._database.session() as session:
            sessions = SessionRepository(session)
            abandoned = await sessions.abandoned(self._leave_grace, self._join_grace, BATCH)
            idle = await sessions.idle(self._idle_limit, BATCH)
            rung = await sessions.with_timer_elapsed(BATCH)
            outcomes = await sessions.with_outcome_due(BATCH)
        for session_id in abandoned:
            await self._safely(session_id, lambda id=session_id: self._end_abandoned(id))  # type: ignore[misc]
        for session_id in set(idle) - set(abandoned):
            await self._safely(session_id, lambda id=session_id: self._end_idle(id))  # type: ignore[misc]
        for session_id in rung:
            await self._safely(session_id, lambda id=session_id: self._ring(id))  # type: ignore[misc]
        for session_id in outcomes:
            await self._safely(session_id, lambda id=session_id: self._feedback.send_outcome(id))  # type: ignore[misc]

    async def _end_abandoned(self, session_id: UUID) -> None:
        async def is_due(sessions: SessionRepository) -> bool:
            return await sessions.is_abandoned(session_id, self._leave_grace, self._join_grace)

        await self._sessions.end_by_system(session_id, EndReason.ABANDONED, is_due)

    async def _end_idle(self, session_id: UUID) -> None:
        async def is_due(sessions: SessionRepository) -> bool:
            return await sessions.is_idle(session_id, self._idle_limit)

        await self._sessions.end_by_system(session_id, EndReason.IDLE, is_due)

    async def _ring(self, session_id: UUID) -> None:
        async with self._writer.write(session_id, None) as writing:
            row = writing.row
            if row.phase_ends_at is None or row.phase_ends_at > datetime.now(UTC):
                return
            row.phase_ends_at = None
            await writing.append(EventKind.TIMER_ELAPSED, {"phase": row.phase})

    async def _safely(self, session_id: UUID, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
        except (SessionClosed, SessionNotFound):
            return
        except Exception:
            # One session must not keep the others from their end; the next look tries again.
            logger.exception("lifecycle.failed", session_id=str(session_id))
