"""What matching does not keep for ever: tickets, invitations and matches that came to nothing, once they have been closed for long."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func

from ..kit.retention import Purge, purge_where
from .models import Invitation, InvitationStatus, Match, MatchRequest, MatchStatus
from .sql_values import literals

(_CANCELLED,) = literals([MatchStatus.CANCELLED])
(_OPEN,) = literals([InvitationStatus.OPEN])


def matching_purges(kept: timedelta) -> list[Purge]:
    """For the chassis' retention, each by an index. Matches that had a session stay: they are people's history."""
    return [
        purge_where(MatchRequest, lambda: MatchRequest.closed_at < func.now() - kept),
        purge_where(Invitation, lambda: (Invitation.status != _OPEN) & (Invitation.expires_at < func.now() - kept)),
        # With them go their participants.
        purge_where(
            Match, lambda: (Match.status == _CANCELLED) & (Match.ended_at < func.now() - kept), name="cancelled_matches"
        ),
    ]
