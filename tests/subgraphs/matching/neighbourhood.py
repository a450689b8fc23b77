"""The other subgraphs as the crowd meets them: sessions that end, accounts that are suspended, reinstated and deleted."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from subgraphs.kit.events import Event, EventBus

from .doubles import Collaboration, session_created


@dataclass(slots=True)
class LivelyCollaboration(Collaboration):
    """Ends sessions too: when people have finished, and when matching says that the match is over. Not always in the best order."""

    chance: random.Random = field(default_factory=random.Random)
    ended: set[str] = field(default_factory=set)

    async def end(self, match_id: str, reason: str) -> None:
        """End the session of this match, once."""
        session_id = self.sessions.get(match_id)
        if session_id is not None and match_id not in self.ended:
            self.ended.add(match_id)
            await self._publish(session_ended(match_id, session_id, reason))

    async def _handle(self, event: Event) -> None:
        match_id = event.data.get("match_id")
        is_new = event.type == "match.created" and match_id not in self.sessions
        await_order = self.chance.random()
        if event.source == "matching" and event.type == "match.ended":
            await self.end(str(match_id), "match_ended")
        elif event.source == "matching" and is_new and await_order < 0.02:
            # Its end overtakes its beginning, or its beginning is told twice.
            session_id = self.sessions[str(match_id)] = str(uuid4())
            created = session_created(event, session_id)
            if await_order < 0.01:
                self.ended.add(str(match_id))
                await self._publish(session_ended(str(match_id), session_id, "idle"), created)
            else:
                await self._publish(created, session_created(event, session_id))
        else:
            # explicit: a slotted dataclass is another class than the one `super` was compiled for
            await Collaboration._handle(self, event)


@dataclass(slots=True)
class Accounts:
    """The users service's side of suspensions and deletions. Its events come in order for each person, except that of two that end
    somebody's stay either may come first."""

    bus: EventBus
    chance: random.Random
    suspended: set[UUID] = field(default_factory=set)
    deleted: set[UUID] = field(default_factory=set)
    touched: set[UUID] = field(default_factory=set)
    """Everybody who was ever suspended or deleted."""

    async def suspend(self, user_id: UUID) -> None:
        self.suspended.add(user_id)
        self.touched.add(user_id)
        await self._tell(user_id, "user.suspended")

    async def reinstate(self, user_id: UUID) -> None:
        await self._tell(user_id, "user.reinstated")
        self.suspended.discard(user_id)

    async def delete(self, user_id: UUID) -> None:
        self.deleted.add(user_id)
        self.touched.add(user_id)
        self.suspended.discard(user_id)
        types = self.chance.choice(
            [["user.deleted"], ["user.suspended", "user.deleted"], ["user.deleted", "user.suspended"]]
        )
        await self._tell(user_id, *types)

    async def _tell(self, user_id: UUID, *types: str) -> None:
        events = [Event(type, str(user_id), {"user_id": str(user_id)}, source="users") for type in types]
        await self.bus.publish(events)
        if self.chance.random() < 0.2:
            await self.bus.publish(events)


def session_ended(match_id: str, session_id: str, reason: str) -> Event:
    data = {"session_id": session_id, "match_id": match_id, "reason": reason}
    return Event("session.ended", session_id, data, source="collaboration")
