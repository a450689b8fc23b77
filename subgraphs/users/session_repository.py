"""Every SQL statement on log-in sessions and their refresh tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.repository import Repository
from .models import AuthSession, RefreshToken, User

MAX_LIVE_SESSIONS = 100  # of one person; the next log-in ends the one that was used longest ago
MAX_SESSIONS_EXPORTED = 1000


class RefreshState(NamedTuple):
    """A refresh token with its session and its person, the first two locked."""

    token: RefreshToken
    session: AuthSession
    user: User


class AuthSessionRepository(Repository[AuthSession]):
    model = AuthSession

    def __init__(self, session: AsyncSession) -> None:
        super().__init__(session)

    async def lock_refresh_token(self, token_hash: bytes) -> RefreshState | None:
        """Both rows are locked in one statement: a second refresh waits here, and then reads what the first one wrote."""
        statement = (
            select(RefreshToken, AuthSession, User)
            .join(AuthSession, AuthSession.id == RefreshToken.session_id)
            .join(User, User.id == AuthSession.user_id)
            .where(RefreshToken.token_hash == token_hash)
            .with_for_update(of=[RefreshToken, AuthSession])
        )
        row = (await self.session.execute(statement)).first()
        return RefreshState(*row) if row else None

    async def is_used(self, token_hash: bytes | None) -> bool:
        statement = select(RefreshToken.used_at).where(RefreshToken.token_hash == token_hash)
        return (await self.session.scalar(statement)) is not None

    async def add_refresh_token(self, token: RefreshToken) -> None:
        self.session.add(token)
        await self.session.flush()

    async def forget_salt_of_parent(self, session_id: UUID, token_hash: bytes) -> None:
        """The holder has got this token for sure, so it need not be derived from its parent ever again."""
        statement = update(RefreshToken).where(RefreshToken.session_id == session_id)
        await self.session.execute(
            statement.where(RefreshToken.successor_hash == token_hash).values(successor_salt=None)
        )

    async def get_with_user(self, session_id: UUID) -> tuple[AuthSession, User] | None:
        statement = select(AuthSession, User).join(User, User.id == AuthSession.user_id)
        row = (await self.session.execute(statement.where(AuthSession.id == session_id))).first()
        return (row[0], row[1]) if row else None

    async def list_beyond_bound(self, user_id: UUID, newest: UUID, now: datetime) -> list[UUID]:
        """The live sessions that are too many beside the newest: those used longest ago."""
        statement = select(AuthSession.id).where(
            AuthSession.user_id == user_id,
            AuthSession.id != newest,
            AuthSession.revoked_at.is_(None),
            AuthSession.expires_at > now,
        )
        statement = statement.order_by(AuthSession.last_used_at.desc(), AuthSession.id)
        return list(await self.session.scalars(statement.offset(MAX_LIVE_SESSIONS - 1)))

    async def list_live(self, user_id: UUID, now: datetime) -> list[AuthSession]:
        """The sessions a person is logged in with, last used first."""
        statement = select(AuthSession).where(
            AuthSession.user_id == user_id, AuthSession.revoked_at.is_(None), AuthSession.expires_at > now
        )
        statement = statement.order_by(AuthSession.last_used_at.desc(), AuthSession.id)
        return list(await self.session.scalars(statement.limit(MAX_LIVE_SESSIONS)))

    async def list_all(self, user_id: UUID) -> list[AuthSession]:
        """Ended sessions too, newest first."""
        statement = select(AuthSession).where(AuthSession.user_id == user_id)
        statement = statement.order_by(AuthSession.created_at.desc(), AuthSession.id)
        return list(await self.session.scalars(statement.limit(MAX_SESSIONS_EXPORTED)))

    async def purge(self, before: datetime) -> None:
        """Delete sessions that ended before this time, and refresh tokens that could not be used since."""
        ended = or_(AuthSession.expires_at < before, AuthSession.revoked_at < before)
        await self.session.execute(delete(AuthSession).where(ended))
        await self.session.execute(delete(RefreshToken).where(RefreshToken.expires_at < before))

    async def revoke(
        self,
        user_id: UUID,
        now: datetime,
        reason: str,
        *,
        only: Sequence[UUID] | None = None,
        but: UUID | None = None,
    ) -> list[UUID]:
        """End sessions of a person: all, `only` these, or all `but` one. The ids of those that were alive."""
        statement = update(AuthSession).where(AuthSession.user_id == user_id, AuthSession.revoked_at.is_(None))
        if only is not None:
            statement = statement.where(AuthSession.id.in_(only))
        if but is not None:
            statement = statement.where(AuthSession.id != but)
        statement = statement.values(revoked_at=now, revoked_reason=reason).returning(AuthSession.id)
        return list((await self.session.execute(statement)).scalars())
