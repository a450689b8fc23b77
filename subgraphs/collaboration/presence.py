"""Who is there: a row per open subscription, vouched for by its replica, given up when the replica falls silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import structlog

from ..kit.database import Database
from .log_events import LiveEvent, LiveKind
from .log_repository import LogRepository
from .repository import ConnectionRepository
from .room import Member, Rooms

logger = structlog.get_logger(__name__)

VOUCH_INTERVAL = 8.0  # seconds between two signs of life of a replica
AT_ONCE = 3  # arrivals and departures that are written at the same time: whole replicas come and go, too
GIVE_UP_AFTER = 25.0  # seconds of silence after which a replica's connections count as gone


class Presence:
    """Presence of all sessions, for one process."""

    def __init__(self, database: Database, rooms: Rooms) -> None:
        self._database = database
        self._rooms = rooms
        self._turns = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def present(
        self, session_id: UUID, member: Member, *, is_viewer: bool = False
    ) -> AsyncIterator[frozenset[UUID]]:
        """The member counts as present while the block runs, which is given who is there. A session of viewers only is empty."""
        async with self._turns, self._database.transaction() as session:
            connections = ConnectionRepository(session)
            await connections.add(member.id, session_id, member.user_id, self._rooms.replica)
            if not is_viewer:
                # The log's row is locked first, as by all who write.
                await connections.mark_occupied(session_id, datetime.now(UTC))
            await connections.mark_joined(session_id, member.user_id, datetime.now(UTC))
        try:
            async with self._turns:
                online = await self.online([session_id])
                await self.tell([session_id], online)
            yield frozenset(user_id for _, user_id in online)
        finally:
            # The subscription may be cancelled: its end is written all the same.
            await asyncio.shield(asyncio.create_task(self._leave(session_id, member)))

    async def online(self, session_ids: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
        """Who is there, as (session, user) pairs."""
        async with self._database.session() as session:
            return await ConnectionRepository(session).online(session_ids)

    async def tell(self, session_ids: Iterable[UUID], online: set[tuple[UUID, UUID]]) -> None:
        """Tell the members of these sessions who is there now, unless that is what they were told last."""
        events = []
        for session_id in session_ids:
            users = sorted(str(user) for id, user in online if id == session_id)
            room = self._rooms.get(session_id)
            # One device of several comes or goes, a replica is replaced: nobody needs to hear of it.
            if room is None or room.online != users:
                events.append(LiveEvent(session_id, LiveKind.PRESENCE, None, {"online": users}))
        await self._rooms.publish(events)

    async def run(self) -> None:
        """Vouch for the members of this process, and give up those whom nobody vouches for; for ever."""
        while True:
            await asyncio.sleep(VOUCH_INTERVAL)
            await self.vouch()
            await self.expire()

    async def vouch(self) -> None:
        """Say who follows through this process; who was given up while it was silent is put back."""
        alive = [(member.id, session_id, member.user_id) for session_id, member in self._rooms.members]
        if not alive:
            return
        async with self._database.transaction() as session:
            await ConnectionRepository(session).keep_alive(self._rooms.replica, alive)
        # Not in the same transaction: who gives connections up locks the logs before them.
        async with self._database.transaction() as session:
            connections = ConnectionRepository(session)
            wrong = await connections.wrongly_empty({session_id for _, session_id, _ in alive})
            if wrong:
                await LogRepository(session).lock(wrong)
                await connections.mark_occupied_again(wrong)

    async def expire(self) -> None:
        """Give up the connections of replicas that fell silent, and tell those who are left."""
        async with self._database.transaction() as session:
            connections = ConnectionRepository(session)
            # The logs are locked by all who come and go: two who leave at once must not each see the other still there.
            await LogRepository(session).lock(await connections.outdated(GIVE_UP_AFTER))
            gone = await connections.expire(GIVE_UP_AFTER)
            await connections.mark_empty({session_id for session_id, _ in gone})
        if gone:
            logger.info("presence.expired", connections=len(gone))
            await self._after_leaving(gone)

    async def _leave(self, session_id: UUID, member: Member) -> None:
        try:
            async with self._turns:
                async with self._database.transaction() as session:
                    connections = ConnectionRepository(session)
                    await LogRepository(session).lock([session_id])
                    await connections.remove(member.id)
                    await connections.mark_empty([session_id])
                await self._after_leaving({(session_id, member.user_id)})
        except Exception as error:
            # Not vouched for any more, the connection is given up soon anyway.
            logger.warning("presence.leave_failed", error=str(error))

    async def _after_leaving(self, left: set[tuple[UUID, UUID]]) -> None:
        session_ids = {session_id for session_id, _ in left}
        online = await self.online(session_ids)
        for session_id, user_id in left - online:
            await self._rooms.forget_awareness(session_id, user_id)
        await self.tell(session_ids, online)
