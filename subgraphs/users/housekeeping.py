"""What users does not keep for ever: dead sessions, used-up allowances, old links, exports and idempotency keys."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, or_

from ..kit.idempotency import IdempotencyKeys
from ..kit.retention import Purge, purge_where
from .models import Allowance, AuthSession, Confirmation, DataExport, RefreshToken

SESSIONS_KEPT = timedelta(days=30)  # after their end, so that a stolen refresh token is still recognised
SHORT_LIVED_KEPT = timedelta(days=1)


def users_purges(idempotency: IdempotencyKeys) -> list[Purge]:
    """For the chassis' retention; sessions take their refresh tokens with them."""
    return [
        purge_where(
            AuthSession,
            lambda: or_(
                AuthSession.expires_at < func.now() - SESSIONS_KEPT, AuthSession.revoked_at < func.now() - SESSIONS_KEPT
            ),
        ),
        purge_where(RefreshToken, lambda: RefreshToken.expires_at < func.now() - SESSIONS_KEPT),
        purge_where(Allowance, lambda: Allowance.free_at < func.now() - SHORT_LIVED_KEPT),
        purge_where(Confirmation, lambda: Confirmation.expires_at < func.now() - SHORT_LIVED_KEPT),
        purge_where(DataExport, lambda: DataExport.expires_at < func.now()),
        idempotency.purge,
    ]
