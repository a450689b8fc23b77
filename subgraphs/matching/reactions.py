"""What happens here when something happened elsewhere: sessions made and ended, people suspended, reinstated, deleted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.events import AnyHandler, Event, EventHandler, OneStatement
from .dissolving import end_match
from .match_repository import MatchRepository, activate_match
from .metrics import MATCHES, TIME_TO_MATCH
from .models import LIVE_TICKET, MatchStatus, TicketStatus
from .people_repository import NOWHERE, PeopleRepository
from .repository import TicketRepository, lock_people
from .streams import EventType
from .work import UnitOfWork, UnitsOfWork

Reaction = Callable[[UnitOfWork, Event], Awaitable[None]]
SUSPENDED = "suspended"
DELETED = "deleted"


class Reactions:
    """The handlers of events of other subgraphs. What must follow their commit is kept until `after_event`."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units
        self._unfinished: dict[UUID, UnitOfWork] = {}

    def handlers(self) -> dict[str, AnyHandler]:
        reactions: dict[str, Reaction] = {
            "session.ended": complete_match,
            "user.suspended": remove_suspended,
            "user.reinstated": reinstate,
            "user.deleted": erase,
        }
        handlers: dict[str, AnyHandler] = {type: self._handler(reaction) for type, reaction in reactions.items()}
        return {"session.created": OneStatement(self.note_session), **handlers}

    async def note_session(self, event: Event) -> bool:
        """The session exists: only now are the two told that they are matched, so that nobody arrives at a closed door."""
        # A session that came of an invitation has no match.
        match_id = UUID(event.data["match_id"]) if event.data.get("match_id") else None
        session_id = UUID(event.data["session_id"])
        async with self._units.statement() as driver:
            activation = await activate_match(driver, event, match_id, session_id)
        if activation.told:
            await self._units.after(told=activation.told)
            MATCHES.inc()
            for wait in activation.waits:
                TIME_TO_MATCH.observe(wait)
        return activation.is_noted

    async def after_event(self, event: Event) -> None:
        unit = self._unfinished.pop(event.id, None)
        if unit is not None:
            await self._units.follow_up(unit)

    def _handler(self, reaction: Reaction) -> EventHandler:
        async def handle(session: AsyncSession, event: Event) -> None:
            unit = self._units.within(session)
            await reaction(unit, event)
            await self._units.finish(unit)
            # An event that failed comes again and overwrites what its failed attempt left here.
            self._unfinished[event.id] = unit

        return handle


async def complete_match(unit: UnitOfWork, event: Event) -> None:
    """The session is over, and so is the match."""
    match_id = event.data.get("match_id")
    if match_id is None:
        return
    reason = str(event.data.get("reason") or "SESSION_ENDED")[:50]
    match = await MatchRepository(unit.session).end(
        UUID(match_id), reason, only=(MatchStatus.OPENING, MatchStatus.ACTIVE)
    )
    if match is not None:
        for user_id in match.user_ids:
            unit.tell(user_id, EventType.ENDED, match_id=match.id, reason=reason)


async def remove_suspended(unit: UnitOfWork, event: Event) -> None:
    """Out of the line and out of the match; a partner who only waited for it keeps the place."""
    user_id = UUID(event.data["user_id"])
    await PeopleRepository(unit.session).bar(user_id, SUSPENDED)
    await _remove(unit, user_id, "PARTNER_SUSPENDED")


async def reinstate(unit: UnitOfWork, event: Event) -> None:
    await PeopleRepository(unit.session).unbar(UUID(event.data["user_id"]))


async def erase(unit: UnitOfWork, event: Event) -> None:
    """Forget the person; partners keep their history without the id. Doing it twice changes nothing more."""
    user_id = UUID(event.data["user_id"])
    people = PeopleRepository(unit.session)
    await people.bar(user_id, DELETED)
    await _remove(unit, user_id, "PARTNER_LEFT")
    await people.erase(user_id)
    unit.events = [told for told in unit.events if told.user_id != user_id]
    unit.publish("user.erased", user_id, user_id=user_id, subgraph="matching")


async def _remove(unit: UnitOfWork, user_id: UUID, reason: str) -> None:
    people, tickets = PeopleRepository(unit.session), TicketRepository(unit.session)
    await lock_people(unit.session, [user_id])
    # While this waits for a lock the ticket may become a match, or a match that ends give it its place back.
    while (at := await people.whereabouts_of(user_id)) != NOWHERE:
        if at.match_id is not None:
            await end_match(unit, at.match_id, reason, leaving=[user_id])
        elif at.ticket_id is not None and await tickets.close([at.ticket_id], TicketStatus.CANCELLED, only=LIVE_TICKET):
            unit.tell(user_id, EventType.CANCELLED, ticket_id=at.ticket_id, reason="ACCOUNT_SUSPENDED")
