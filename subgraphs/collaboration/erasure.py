"""Forget a person who deleted the account: his words, notes and name go; what the partner worked on stays whole."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.events import Event, Outbox
from .people_repository import ErasureRepository
from .rules import EndReason
from .service import SessionService


class Erasure:
    """Handles user.deleted; to handle it twice changes nothing."""

    def __init__(self, sessions: SessionService, outbox: Outbox) -> None:
        self._sessions = sessions
        self._outbox = outbox

    async def handle(self, session: AsyncSession, event: Event) -> None:
        """Anonymise everything of this person here, and prove it with user.erased."""
        user_id = UUID(event.data["user_id"])
        erasure = ErasureRepository(session)
        for session_id in await erasure.active_sessions(user_id):
            # In a transaction of its own, before: the end names both, as all ends do.
            await self._sessions.end_by_system(session_id, EndReason.USER_DELETED)
        await erasure.erase(user_id)
        data = {"user_id": str(user_id), "subgraph": "collaboration"}
        self._outbox.add(session, Event("user.erased", str(user_id), data))
