"""What one subscription tells a person: the numbered events, and in the pauses the place in line whenever it has changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from .board import Place
from .places import Places
from .presence import Presence
from .service import MatchingService
from .skills import SkillSource
from .streams import Cursor, EventType, Quiet, Resync, StreamEvent, Waker

# After these the person waits again; after all other events about a ticket, not any more (RELAXED changes nothing).
WAITING = frozenset({EventType.QUEUED, EventType.REQUEUED})
NOT_WAITING = frozenset({EventType.PROPOSED, EventType.MADE, EventType.EXPIRED, EventType.CANCELLED})


@dataclass(frozen=True, slots=True)
class PlaceTold:
    """The place in line at this moment. It is no event: it carries the cursor of the last one and is not replayed."""

    cursor: Cursor
    place: Place


class Feed:
    """Follows a person's stream, and counts the person as present while it does."""

    def __init__(self, matching: MatchingService, skills: SkillSource, places: Places, presence: Presence) -> None:
        self._matching = matching
        self._skills = skills
        self._places = places
        self._presence = presence

    async def follow(self, user_id: UUID, after: Cursor | None) -> AsyncIterator[StreamEvent | Resync | PlaceTold]:
        """Everything after the cursor, for ever (see `Streams.follow`)."""
        waker = Waker()
        may_wait = True
        async with (
            self._presence.following(user_id),
            self._asking_skill(user_id),
            aclosing(self._matching.follow(user_id, after, waker)) as items,
        ):
            with self._places.seat(user_id, waker) as seat:
                async for item in items:
                    if not isinstance(item, Quiet):
                        if isinstance(item, Resync) or item.type in WAITING:
                            may_wait = True
                        elif item.type in NOT_WAITING:
                            seat.leave()
                            may_wait = False
                        yield item
                        continue
                    if may_wait:
                        self._places.find(seat)
                        may_wait = False
                    place = seat.take()
                    if place is not None:
                        yield PlaceTold(item.cursor, place)

    @asynccontextmanager
    async def _asking_skill(self, user_id: UUID) -> AsyncIterator[None]:
        """Whoever follows is about to ask for a partner: the users service is asked before, so that nobody waits for it then."""
        asking = asyncio.create_task(self._skills.of(user_id))
        try:
            yield
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
