"""What mutations answer: the thing itself, or one of the failures that can be expected of it."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import strawberry

from ..kit import idempotency
from ..kit.graphql_errors import (
    Conflict,
    DomainErrorHandler,
    Error,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    handler_for,
)
from . import errors
from .types import Match, MatchInvitation, MatchTicket, User


@strawberry.type(description="You wait already; the ticket keeps its place and its wishes.")
class AlreadyQueued(Error):
    ticket: MatchTicket = strawberry.field(description="The one you have.")

    @classmethod
    def with_ticket(cls, ticket: MatchTicket) -> AlreadyQueued:
        message = "You already wait for a partner. Keep waiting, or cancel this request to make another."
        return cls(code="ALREADY_QUEUED", message=message, retryable=False, ticket=ticket)


@strawberry.type(description="You are in a match that has not ended.")
class AlreadyInMatch(Error):
    match_id: strawberry.ID = strawberry.field(description="The one you are in.")


@strawberry.type(description="The other person is in a match that has not ended.")
class PartnerBusy(Error):
    pass


@strawberry.type(description="You are not waiting for a partner.")
class NotQueued(Error):
    pass


@strawberry.type(description="There is no such match among yours.")
class MatchNotFound(Error):
    pass


@strawberry.type(description="The match is past the point where this can be done.")
class MatchNotOpen(Error):
    status: str = strawberry.field(description="What it is instead.")


@strawberry.type(description="The ticket is as old as one may get.")
class LifetimeUsedUp(Error):
    pass


@strawberry.type(description="There is no such invitation, or it is not for you.")
class MatchInvitationNotFound(Error):
    pass


@strawberry.type(description="The invitation cannot be used any more.")
class MatchInvitationNotOpen(Error):
    status: str = strawberry.field(description="What it is instead.")


@strawberry.type(description="As many of your invitations are open as one person may have.")
class TooManyMatchInvitations(Error):
    pass


@strawberry.type(description="You two cannot be matched.")
class MatchBlocked(Error):
    pass


@strawberry.type(description="This account cannot look for partners.")
class AccountBarred(Error):
    pass


@strawberry.type(description="The people you have blocked, newest first.")
class BlockedUsers:
    users: list[User] = strawberry.field(description="Newest first.")


ERROR_HANDLERS: tuple[DomainErrorHandler[Any], ...] = (
    handler_for(errors.AlreadyInMatch, AlreadyInMatch),
    handler_for(errors.PartnerBusy, PartnerBusy),
    handler_for(errors.NotQueued, NotQueued),
    handler_for(errors.MatchNotFound, MatchNotFound),
    handler_for(errors.MatchNotOpen, MatchNotOpen),
    handler_for(errors.LifetimeUsedUp, LifetimeUsedUp),
    handler_for(errors.InvitationNotFound, MatchInvitationNotFound),
    handler_for(errors.InvitationNotOpen, MatchInvitationNotOpen),
    handler_for(errors.TooManyInvitations, TooManyMatchInvitations),
    handler_for(errors.Blocked, MatchBlocked),
    handler_for(errors.Barred, AccountBarred),
    handler_for(idempotency.IdempotencyKeyReused, Conflict),
)

RequestMatchResult: TypeAlias = Annotated[
    MatchTicket | AlreadyQueued | AlreadyInMatch | AccountBarred | InvalidInput | NotAuthenticated,
    strawberry.union("RequestMatchResult"),
]
CancelMatchResult: TypeAlias = Annotated[
    MatchTicket | NotQueued | MatchNotOpen | NotAuthenticated, strawberry.union("CancelMatchResult")
]
ExtendTicketResult: TypeAlias = Annotated[
    MatchTicket | NotQueued | LifetimeUsedUp | NotAuthenticated, strawberry.union("ExtendTicketResult")
]
RespondToMatchResult: TypeAlias = Annotated[
    Match | MatchNotFound | MatchNotOpen | InvalidInput | NotAuthenticated, strawberry.union("RespondToMatchResult")
]
MatchInvitationResult: TypeAlias = Annotated[
    MatchInvitation
    | MatchNotFound
    | MatchInvitationNotFound
    | MatchInvitationNotOpen
    | TooManyMatchInvitations
    | MatchBlocked
    | AccountBarred
    | Conflict
    | InvalidInput
    | NotAuthenticated,
    strawberry.union("MatchInvitationResult"),
]
AcceptMatchInvitationResult: TypeAlias = Annotated[
    Match
    | MatchInvitationNotFound
    | MatchInvitationNotOpen
    | AlreadyInMatch
    | PartnerBusy
    | MatchBlocked
    | AccountBarred
    | InvalidInput
    | NotAuthenticated,
    strawberry.union("AcceptMatchInvitationResult"),
]
BlockUserResult: TypeAlias = Annotated[
    BlockedUsers | InvalidInput | NotAllowed | NotAuthenticated, strawberry.union("BlockUserResult")
]
