"""What one subscription tells a person: the numbered events, and in the pauses the place in line whenever it has changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from ..kit.outage import through_outage
from .board import Place, QueueBoard
from .models import MatchRequest
from .presence import Presence
from .service import MatchingService
from .skills import SkillSource
from .streams import Cursor, EventType, Quiet, Resync, StreamEvent

# After these the person waits again; after all other events about a ticket, not any more (RELAXED changes nothing).
WAITING = frozenset({EventType.QUEUED, EventType.REQUEUED})
NOT_WAITING = frozenset({EventType.PROPOSED, EventType.MADE, EventType.EXPIRED, EventType.CANCELLED})

PLACES_PER_SECOND = 100  # that one replica tells, of all people together; each takes about a millisecond
LONGEST_PAUSE = 20.0  # seconds; it is also how late a signal that got lost is noticed


@dataclass(frozen=True, slots=True)
class PlaceTold:
    """The place in line at this moment. It is no event: it carries the cursor of the last one and is not replayed."""

    cursor: Cursor
    place: Place


class Feed:
    """Follows a person's stream, and counts the person as present while it does."""

    def __init__(
        self, matching: MatchingService, skills: SkillSource, board: QueueBoard, presence: Presence, interval: float
    ) -> None:
        self._matching = matching
        self._interval = interval
        self._skills = skills
        self._board = board
        self._presence = presence

    async def follow(self, user_id: UUID, after: Cursor | None) -> AsyncIterator[StreamEvent | Resync | PlaceTold]:
        """Everything after the cursor, for ever (see `Streams.follow`)."""
        ticket: MatchRequest | None = None
        is_ticket_known = False
        told: Place | None = None
        async with self._presence.following(user_id), self._asking_skill(user_id):
            async for item in self._matching.follow(user_id, after, self._pause):
                if not isinstance(item, Quiet):
                    yield item
                    if isinstance(item, Resync) or item.type in WAITING:
                        is_ticket_known = False
                    elif item.type in NOT_WAITING:
                        ticket, is_ticket_known = None, True
                    continue
                # The subscription outlives a database that is away for a moment.
                if not is_ticket_known:
                    ticket = await through_outage(partial(self._matching.live_ticket, user_id))
                    is_ticket_known = True
                if ticket is not None:
                    place = await through_outage(partial(self._board.place_of, ticket))
                    if place != told:
                        told = place
                        yield PlaceTold(item.cursor, place)

    def _pause(self) -> float:
        """Seconds between two places told to one person: more where many follow, so that matches do not wait behind places."""
        return max(self._interval, min(LONGEST_PAUSE, self._presence.count / PLACES_PER_SECOND))

    @asynccontextmanager
    async def _asking_skill(self, user_id: UUID) -> AsyncIterator[None]:
        """Whoever follows is about to ask for a partner: the users service is asked before, so that nobody waits for it then."""
        asking = asyncio.create_task(self._skills.of(user_id))
        try:
            yield
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
