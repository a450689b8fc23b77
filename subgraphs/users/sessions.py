"""Start, go on with, and end a log-in session inside a transaction that somebody else owns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.events import Event, Outbox
from .access_tokens import AccessTokens
from .models import AuthSession, RefreshToken, User
from .refresh_tokens import new_refresh_token, new_salt, refresh_token_hash, successor_of
from .session_repository import AuthSessionRepository, RefreshState


@dataclass(frozen=True, slots=True)
class Device:
    """Where a log-in comes from, as far as it is known."""

    user_agent: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What a transaction on sessions has decided: this person may have an access token for this session."""

    user: User
    session_id: UUID
    refresh_token: str
    has_ended_others: bool = False


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """What a person gets who logs in. `expires_at` is the access token's end."""

    access_token: str
    refresh_token: str
    expires_at: datetime
    session_id: UUID
    user: User


@dataclass(frozen=True, slots=True)
class Sessions:
    """The one place where sessions and their tokens are made: a Grant inside the transaction, its tokens after the commit.

    Signing may have to read the keys, on a connection of its own; whoever waits for one must not hold another.
    """

    access_tokens: AccessTokens
    outbox: Outbox
    refresh_lifetime: timedelta
    session_lifetime: timedelta
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def start(self, session: AsyncSession, user: User, device: Device) -> Grant:
        """A new family: its session and its first refresh token. Where there are too many, those used longest ago end."""
        now = self.clock()
        repository = AuthSessionRepository(session)
        auth_session = await repository.add(
            AuthSession(
                user_id=user.id,
                created_at=now,
                last_used_at=now,
                expires_at=now + self.session_lifetime,
                user_agent=(device.user_agent or "")[:300] or None,
                address=(device.address or "")[:64] or None,
            )
        )
        refresh_token = new_refresh_token()
        await repository.add_refresh_token(self._row(refresh_token, auth_session.id, now))
        too_many = await repository.list_beyond_bound(user.id, auth_session.id, now)
        if too_many:
            await self.end(session, user.id, "too_many", only=too_many)
        return Grant(user, auth_session.id, refresh_token, has_ended_others=bool(too_many))

    async def rotate(self, session: AsyncSession, state: RefreshState, token: str) -> Grant:
        """Use the token up and hand out its successor."""
        now = self.clock()
        repository = AuthSessionRepository(session)
        salt = new_salt()
        successor = successor_of(token, salt)
        state.token.used_at = now
        state.token.successor_salt = salt
        state.token.successor_hash = refresh_token_hash(successor)
        state.session.last_used_at = now
        await repository.add_refresh_token(self._row(successor, state.session.id, now))
        await repository.forget_salt_of_parent(state.session.id, state.token.token_hash)
        return Grant(state.user, state.session.id, successor)

    def repeat(self, state: RefreshState, token: str) -> Grant:
        """Hand out the same successor again: the answer to the first call was lost."""
        assert state.token.successor_salt is not None, "kept until the successor is used"
        return Grant(state.user, state.session.id, successor_of(token, state.token.successor_salt))

    async def issue(self, grant: Grant) -> IssuedTokens:
        """The tokens that were granted. Call it after the commit."""
        if grant.has_ended_others:
            self.outbox.wake()
        user, session_id = grant.user, grant.session_id
        access = await self.access_tokens.issue(
            user_id=user.id, session_id=session_id, roles={user.role}, now=self.clock()
        )
        return IssuedTokens(access.text, grant.refresh_token, access.expires_at, session_id, user)

    async def end(
        self,
        session: AsyncSession,
        user_id: UUID,
        reason: str,
        *,
        only: Sequence[UUID] | None = None,
        but: UUID | None = None,
    ) -> list[UUID]:
        """End sessions and tell everybody, so that open sockets end too; the ids of those that were alive."""
        ended = await AuthSessionRepository(session).revoke(user_id, self.clock(), reason, only=only, but=but)
        if ended:
            data = {"user_id": str(user_id), "session_ids": [str(id) for id in ended]}
            self.outbox.add(session, Event("auth_session.revoked", str(user_id), data))
        return ended

    def _row(self, token: str, session_id: UUID, now: datetime) -> RefreshToken:
        return RefreshToken(
            token_hash=refresh_token_hash(token),
            session_id=session_id,
            created_at=now,
            expires_at=now + self.refresh_lifetime,
        )
