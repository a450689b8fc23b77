"""Put people out of live sessions at once: suspended or deleted users, revoked logins, viewers who were sent away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.events import Event
from .log_events import LiveEvent, LiveKind
from .people_repository import ErasureRepository
from .room import Rooms


class Access:
    """Tells every replica to look again who may follow a session. Signals may get lost: tokens end soon anyway."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def user_left(self, session: AsyncSession, event: Event) -> None:
        """Handle user.suspended."""
        await self._put_out(session, UUID(event.data["user_id"]), None)

    async def signed_out(self, session: AsyncSession, event: Event) -> None:
        """Handle auth_session.revoked: only sockets opened with these logins end."""
        await self._put_out(session, UUID(event.data["user_id"]), event.data["session_ids"])

    async def look_again(self, session_id: UUID) -> None:
        """Who takes no part any more gets nothing more."""
        await self._rooms.publish([LiveEvent(session_id, LiveKind.ACCESS_CHANGED, None)])

    async def _put_out(self, session: AsyncSession, user_id: UUID, auth_session_ids: Sequence[Any] | None) -> None:
        data = {"user_id": str(user_id), "auth_session_ids": list(auth_session_ids) if auth_session_ids else None}
        session_ids = await ErasureRepository(session).followed_sessions(user_id)
        await self._rooms.publish([LiveEvent(id, LiveKind.ACCESS_CHANGED, None, data) for id in session_ids])
