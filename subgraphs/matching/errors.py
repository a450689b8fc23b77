"""What can go wrong for somebody who looks for a partner."""

from __future__ import annotations

from uuid import UUID

from ..kit.errors import Conflict, NotAllowed, NotFound


class AlreadyInMatch(Conflict):
    """Raised when the person is in a match that has not ended."""

    code = "ALREADY_IN_MATCH"

    def __init__(self, match_id: UUID) -> None:
        super().__init__("You are in a match that has not ended. Finish it or leave it first.")
        self.match_id = str(match_id)


class PartnerBusy(Conflict):
    """Raised when the other person is in a match that has not ended."""

    code = "PARTNER_BUSY"
    retryable = True

    def __init__(self) -> None:
        super().__init__("The other person is in another match right now; try again when it is over.")


class NotQueued(NotFound):
    """Raised when the person has no live ticket."""

    code = "NOT_QUEUED"

    def __init__(self) -> None:
        super().__init__("You are not waiting for a partner.")


class MatchNotFound(NotFound):
    """Raised when there is no such match, or this person is not part of it."""

    code = "MATCH_NOT_FOUND"

    def __init__(self, field: str = "matchId") -> None:
        super().__init__("There is no such match among yours.", field=field)


class MatchNotOpen(Conflict):
    """Raised when the match is past the point where this can be done."""

    code = "MATCH_NOT_OPEN"

    def __init__(self, status: str, message: str | None = None) -> None:
        super().__init__(message or f"This match is {status}; that cannot be done any more.")
        self.status = status


class LifetimeUsedUp(Conflict):
    """Raised when a ticket has been extended as far as it can be."""

    code = "LIFETIME_USED_UP"

    def __init__(self) -> None:
        super().__init__("This request cannot be extended any further; ask again when it has expired.")


class InvitationNotFound(NotFound):
    """Raised when there is no such invitation, or it is not meant for this person."""

    code = "INVITATION_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such invitation, or it is not for you.", field="token")


class InvitationNotOpen(Conflict):
    """Raised when an invitation was accepted, withdrawn, declined or has expired."""

    code = "INVITATION_NOT_OPEN"

    def __init__(self, status: str) -> None:
        super().__init__(f"This invitation is {status}; ask for a new one.")
        self.status = status


class TooManyInvitations(Conflict):
    """Raised when somebody has as many open invitations as one may have."""

    code = "TOO_MANY_INVITATIONS"

    def __init__(self, limit: int) -> None:
        super().__init__(f"You have {limit} open invitations, as many as one may have; withdraw one first.")


class Barred(NotAllowed):
    """Raised when the account is suspended or deleted while its token still lives."""

    code = "BARRED"

    def __init__(self) -> None:
        super().__init__("This account cannot look for partners.")


class Blocked(NotAllowed):
    """Raised when one of the two has blocked the other; it does not say who."""

    code = "BLOCKED"

    def __init__(self) -> None:
        super().__init__("You two cannot be matched.")
