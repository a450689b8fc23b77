"""Put out of a live session who takes no part in it any more; who is signed out or suspended, `kit/sign_outs` puts out."""

from __future__ import annotations

from uuid import UUID

from .log_events import LiveEvent, LiveKind
from .room import Rooms


class Access:
    """Tells every replica to look again who may follow a session; one that does not hear it looks by itself (`Rooms.poll`)."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def look_again(self, session_id: UUID) -> None:
        """Who takes no part any more gets nothing more."""
        await self._rooms.publish([LiveEvent(session_id, LiveKind.ACCESS_CHANGED, None)])
