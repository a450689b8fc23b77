"""End matches cleanly: free both people, put back in line whoever was let down, tell both and the other subgraphs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from .match_repository import MatchRepository
from .models import LIVE_MATCH, Match, MatchStatus, TicketStatus
from .repository import TicketRepository
from .streams import EventType
from .work import UnitOfWork

# Who was let down after waiting long must not expire the moment after.
REQUEUE_GRACE = timedelta(seconds=60)
NOT_WAITING = (TicketStatus.PROPOSED, TicketStatus.MATCHED)


async def end_match(
    unit: UnitOfWork,
    match_id: UUID,
    reason: str,
    *,
    leaving: Sequence[UUID] = (),
    only: Sequence[MatchStatus] = LIVE_MATCH,
) -> Match | None:
    """End a live match. Whoever is not `leaving` gets the old place in line back unless there was a session already.

    None, and nothing done, when the match is in none of the statuses of `only`.
    """
    matches = MatchRepository(unit.session)
    match = await matches.locked(match_id)
    if match is None or match.status not in only:
        return None
    before = MatchStatus(match.status)
    await matches.end(match_id, reason, only=only)
    if before in (MatchStatus.OPENING, MatchStatus.ACTIVE):
        unit.publish("match.ended", match_id, match_id=match_id, reason=reason)
    for user_id in match.user_ids:
        unit.tell(user_id, EventType.ENDED, match_id=match_id, reason=reason)
    if before is not MatchStatus.ACTIVE:
        await close_tickets(unit, match, leaving)
        await put_back(unit, match, [user_id for user_id in match.user_ids if user_id not in leaving], reason)
    return match


async def put_back(unit: UnitOfWork, match: Match, user_ids: Iterable[UUID], reason: str) -> None:
    """Give these people of an ended match their old places in line; not those who have gone away meanwhile."""
    tickets, ids = TicketRepository(unit.session), ticket_ids_of(match, user_ids)
    forsaken = await tickets.forsaken_among(ids, unit.absence)
    for ticket in await tickets.close(forsaken, TicketStatus.CANCELLED, only=NOT_WAITING):
        unit.tell(ticket.user_id, EventType.CANCELLED, ticket_id=ticket.id, reason="DISCONNECTED")
    for ticket in await tickets.back_in_line(ids, REQUEUE_GRACE):
        unit.tell(ticket.user_id, EventType.REQUEUED, ticket_id=ticket.id, match_id=match.id, reason=reason)
        unit.look_for_partner(ticket)


async def close_tickets(
    unit: UnitOfWork, match: Match, user_ids: Iterable[UUID], status: TicketStatus = TicketStatus.CANCELLED
) -> None:
    """Take these people's tickets for this match out of the line for good."""
    live_or_matched = (TicketStatus.PENDING, TicketStatus.PROPOSED, TicketStatus.MATCHED)
    await TicketRepository(unit.session).close(ticket_ids_of(match, user_ids), status, only=live_or_matched)


def ticket_ids_of(match: Match, user_ids: Iterable[UUID]) -> list[UUID]:
    """The tickets that brought these people into the match; who came by an invitation has none."""
    tickets = {match.user1_id: match.ticket1_id, match.user2_id: match.ticket2_id}
    return [ticket_id for user_id in user_ids if (ticket_id := tickets[user_id]) is not None]
