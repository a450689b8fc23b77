"""How match events look to GraphQL: one type per kind of event, all with their place in the stream."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any, assert_never
from uuid import UUID

import strawberry

from ..kit.outage import through_outage
from .context import Context
from .feed import PlaceTold
from .queue_types import QueuePosition
from .streams import EventType, Resync, StreamEvent
from .types import Match, MatchInvitation, MatchTicket


@strawberry.interface(description="Something that happened to your search for a partner. `(epoch, seq)` is its cursor.")
class MatchEvent:
    epoch: str = strawberry.field(description="Numbers of different epochs have nothing to do with each other.")
    seq: int = strawberry.field(description="Rises by one per event.")
    at: datetime = strawberry.field(description="When it happened.")


@strawberry.type(description="You wait for a partner now.")
class MatchQueued(MatchEvent):
    ticket: MatchTicket | None = strawberry.field(description="Null when it is gone.")


@strawberry.type(
    description="Your place in line has changed. Told live only; it has the cursor of the event before it."
)
class MatchPosition(MatchEvent):
    position: QueuePosition = strawberry.field(description="The new place.")


@strawberry.type(description="Your criteria were relaxed.")
class MatchRelaxed(MatchEvent):
    stage: str = strawberry.field(description="The stage that has begun.")
    ticket: MatchTicket | None = strawberry.field(description="The ticket as it is now.")


@strawberry.type(description="A partner was found; say that you are there with `acceptMatch`.")
class MatchProposed(MatchEvent):
    match: Match | None = strawberry.field(description="Who it would be with.")
    respond_by: datetime = strawberry.field(description="When it lapses.")


@strawberry.type(description="One of you two has accepted.")
class MatchAccepted(MatchEvent):
    match: Match | None = strawberry.field(description="The match as it is now.")
    is_you: bool = strawberry.field(description="True: you; false: the other one.")


@strawberry.type(description="You are matched: partner, question and session are there.")
class MatchMade(MatchEvent):
    match: Match | None = strawberry.field(description="The match as it is now.")


@strawberry.type(description="The match did not come about; you wait again, at your old place.")
class MatchRequeued(MatchEvent):
    reason: str = strawberry.field(
        description="A code: DECLINED, NO_RESPONSE, QUESTION_UNAVAILABLE, PARTNER_SUSPENDED, ..."
    )
    ticket: MatchTicket | None = strawberry.field(description="The ticket, at its old place.")


@strawberry.type(description="Nobody was found in time.")
class MatchExpired(MatchEvent):
    ticket: MatchTicket | None = strawberry.field(description="The ticket as it is now.")


@strawberry.type(description="You do not wait any more.")
class MatchCancelled(MatchEvent):
    reason: str = strawberry.field(
        description="A code: CANCELLED_BY_YOU, DISCONNECTED, MATCHED_PRIVATELY, ACCOUNT_SUSPENDED."
    )
    ticket: MatchTicket | None = strawberry.field(description="The ticket as it is now.")


@strawberry.type(description="A match is over.")
class MatchEnded(MatchEvent):
    reason: str = strawberry.field(description="A code; that of the session where there was one.")
    match: Match | None = strawberry.field(description="The match as it is now.")


@strawberry.type(description="A past partner asks you for another match.")
class MatchInvited(MatchEvent):
    invitation: MatchInvitation | None = strawberry.field(description="Accept it by its id.")


@strawberry.type(
    description="What happened after your cursor cannot be told completely. Load `queueStatus` and `currentMatch`; events go on "
    "after this one's cursor."
)
class MatchResync(MatchEvent):
    reason: str = strawberry.field(description="What became of the cursor.")


EVENT_TYPES = (
    MatchQueued,
    MatchPosition,
    MatchRelaxed,
    MatchProposed,
    MatchAccepted,
    MatchMade,
    MatchRequeued,
    MatchExpired,
    MatchCancelled,
    MatchEnded,
    MatchInvited,
    MatchResync,
)


async def event_from(context: Context, user_id: UUID, item: StreamEvent | Resync | PlaceTold) -> MatchEvent:
    """The GraphQL value of what a feed told, with the tickets and matches it speaks of as they are now."""
    match item:
        case Resync(cursor, reason):
            return MatchResync(epoch=cursor.epoch, seq=cursor.seq, at=datetime.now(UTC), reason=reason)
        case PlaceTold(cursor, place):
            position = QueuePosition.from_place(place)
            return MatchPosition(epoch=cursor.epoch, seq=cursor.seq, at=datetime.now(UTC), position=position)
        case StreamEvent():
            return await _stream_event_from(context, user_id, item)
    assert_never(item)


async def _stream_event_from(context: Context, user_id: UUID, event: StreamEvent) -> MatchEvent:
    data = event.data
    place: dict[str, Any] = {"epoch": event.epoch, "seq": event.seq, "at": event.created_at}
    match event.type:
        case EventType.QUEUED:
            return MatchQueued(**place, ticket=await _ticket(context, data))
        case EventType.RELAXED:
            return MatchRelaxed(**place, stage=data["stage"], ticket=await _ticket(context, data))
        case EventType.PROPOSED:
            respond_by = datetime.fromisoformat(data["respond_by"])
            return MatchProposed(**place, match=await _match(context, user_id, data), respond_by=respond_by)
        case EventType.ACCEPTED:
            is_you = data["accepted_by"] == str(user_id)
            return MatchAccepted(**place, match=await _match(context, user_id, data), is_you=is_you)
        case EventType.MADE:
            return MatchMade(**place, match=await _match(context, user_id, data))
        case EventType.REQUEUED:
            return MatchRequeued(**place, reason=data["reason"], ticket=await _ticket(context, data))
        case EventType.EXPIRED:
            return MatchExpired(**place, ticket=await _ticket(context, data))
        case EventType.CANCELLED:
            return MatchCancelled(**place, reason=data["reason"], ticket=await _ticket(context, data))
        case EventType.ENDED:
            return MatchEnded(**place, reason=data["reason"], match=await _match(context, user_id, data))
        case EventType.INVITED:
            return MatchInvited(**place, invitation=await _invitation(context, data))
    assert_never(event.type)


async def _ticket(context: Context, data: dict[str, Any]) -> MatchTicket | None:
    ticket = await context.services.matching.ticket_of_event(UUID(data["ticket_id"]))
    return MatchTicket.from_model(ticket) if ticket is not None else None


async def _match(context: Context, user_id: UUID, data: dict[str, Any]) -> Match | None:
    match = await context.services.matching.match_of_event(UUID(data["match_id"]))
    return Match.from_model(match, user_id) if match is not None else None


async def _invitation(context: Context, data: dict[str, Any]) -> MatchInvitation | None:
    id = UUID(data["invitation_id"])
    found = await through_outage(partial(context.services.invitations.by_id, [id]))
    return MatchInvitation.from_model(found[id]) if id in found else None
