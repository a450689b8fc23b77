"""The use cases of logging in: log in, refresh, log out, see and end sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.auth import Viewer
from ..kit.database import Database
from ..kit.errors import InvalidInput, NotFound
from .accounts import Accounts
from .allowances import Allowances, allowance_key
from .errors import (
    AccountSuspended,
    EmailNotVerified,
    InvalidCredentials,
    RefreshTokenInvalid,
    RefreshTokenReused,
)
from .models import AuthSession, User
from .passwords import Passwords
from .refresh_tokens import RefreshVerdict, judge_refresh, refresh_token_hash
from .repository import UserRepository
from .rules import MAX_PASSWORD, normalised_email, normalised_password
from .session_repository import AuthSessionRepository, RefreshState
from .sessions import Device, Grant, IssuedTokens, Sessions
from .settings import UsersSettings

LOGIN_WINDOW = timedelta(minutes=1)
MAX_TOKEN = 200  # characters; ours have 47


@dataclass(frozen=True, slots=True)
class LogIn:
    """Somebody wants in."""

    email: str
    password: str


@dataclass(frozen=True, slots=True)
class SessionService:
    """Owns the transactions around log-in sessions."""

    database: Database
    settings: UsersSettings
    accounts: Accounts
    sessions: Sessions
    passwords: Passwords
    allowances: Allowances

    async def log_in(self, command: LogIn, device: Device) -> IssuedTokens:
        """Start a session. Raises InvalidCredentials, AccountSuspended, EmailNotVerified or RateLimited."""
        email = _email_to_look_up(command.email)
        pair = await self._count_attempt(email, device)
        async with self.database.session() as session:
            found = await UserRepository(session).find_by_email(email)
        password = normalised_password(command.password[:MAX_PASSWORD])
        # Also for accounts that do not exist: the time an answer takes must not tell.
        if not await self.passwords.is_match(found.password_hash if found else None, password) or found is None:
            raise InvalidCredentials
        new_hash = await self._renewed_hash(found, password)
        async with self.database.transaction() as session:
            user = await UserRepository(session).get_for_update(found.id)
            if user is None or user.deleted_at is not None or user.password_hash != found.password_hash:
                raise InvalidCredentials
            if user.suspended_at is not None:
                raise AccountSuspended(user.suspension_reason)
            if self.settings.confirms_addresses and user.email_verified_at is None:
                raise EmailNotVerified
            if new_hash is not None:
                user.password_hash = new_hash
            grant = await self.sessions.start(session, user, device)
        await self.allowances.reset(pair)
        return await self.sessions.issue(grant)

    async def refresh(self, token: str) -> IssuedTokens:
        """The next pair of tokens. Raises RefreshTokenInvalid, RefreshTokenReused (the session is ended then) or AccountSuspended."""
        token = token[:MAX_TOKEN]
        async with self.database.transaction() as session:
            repository = AuthSessionRepository(session)
            state = await repository.lock_refresh_token(refresh_token_hash(token))
            if state is None:
                raise RefreshTokenInvalid
            if state.user.suspended_at is not None:
                raise AccountSuspended(state.user.suspension_reason)
            verdict = await self._judge(repository, state)
            grant = await self._grant(session, verdict, state, token)
        # Only now, after the commit: an exception inside would roll the revocation back.
        if verdict is RefreshVerdict.REUSED:
            self.sessions.outbox.wake()
            raise RefreshTokenReused
        if grant is None:
            raise RefreshTokenInvalid
        return await self.sessions.issue(grant)

    async def log_out(self, viewer: Viewer, *, everywhere: bool = False) -> int:
        """End this session, or all of the person's; how many were ended."""
        async with self.database.transaction() as session:
            user = await self.accounts.require(session, viewer)
            only = None if everywhere else _session_ids_of(viewer)
            ended = await self.sessions.end(session, user.id, "logged_out", only=only)
        self.sessions.outbox.wake()
        return len(ended)

    async def list_live(self, viewer: Viewer) -> list[AuthSession]:
        """Where the person is logged in, last used first."""
        async with self.database.transaction() as session:
            user = await self.accounts.require(session, viewer)
            return await AuthSessionRepository(session).list_live(user.id, self.sessions.clock())

    async def revoke(self, viewer: Viewer, session_id: UUID) -> UUID:
        """End one session of the person's own. Raises NotFound when there is none of this id."""
        async with self.database.transaction() as session:
            user = await self.accounts.require(session, viewer)
            ended = await self.sessions.end(session, user.id, "revoked", only=[session_id])
        if not ended:
            raise NotFound("You have no such session.", field="sessionId")
        self.sessions.outbox.wake()
        return session_id

    async def _grant(
        self, session: AsyncSession, verdict: RefreshVerdict, state: RefreshState, token: str
    ) -> Grant | None:
        """Do what the verdict says; None when there is nothing to give."""
        match verdict:
            case RefreshVerdict.ROTATE:
                return await self.sessions.rotate(session, state, token)
            case RefreshVerdict.REPEAT:
                return self.sessions.repeat(state, token)
            case RefreshVerdict.REUSED:
                await self.sessions.end(session, state.user.id, "refresh_token_reused", only=[state.session.id])
            case RefreshVerdict.INVALID:
                pass
            case _:
                assert_never(verdict)
        return None

    async def _judge(self, repository: AuthSessionRepository, state: RefreshState) -> RefreshVerdict:
        return judge_refresh(
            expires_at=state.token.expires_at,
            used_at=state.token.used_at,
            is_successor_used=await repository.is_used(state.token.successor_hash),
            session_expires_at=state.session.expires_at,
            session_revoked_at=state.session.revoked_at,
            now=self.sessions.clock(),
        )

    async def _count_attempt(self, email: str, device: Device) -> str:
        """Count before looking, so that parallel guesses count too; the key of the pair, which a success resets."""
        address = device.address or "unknown"
        pair = allowance_key("login-pair", email, address)
        limits = {
            pair: self.settings.login_limit_per_pair,
            allowance_key("login-account", email): self.settings.login_limit_per_account,
            allowance_key("login-address", address): self.settings.login_limit_per_address,
        }
        await self.allowances.take(limits, LOGIN_WINDOW, "Too many log-ins were tried; wait a little.")
        return pair

    async def _renewed_hash(self, user: User, password: str) -> str | None:
        if user.password_hash is None or not self.passwords.needs_rehash(user.password_hash):
            return None
        return await self.passwords.hash(password)


def _session_ids_of(viewer: Viewer) -> list[UUID]:
    """The session that the token belongs to; none for people who log in elsewhere."""
    try:
        return [UUID(viewer.session_id or "")]
    except ValueError:
        return []


def _email_to_look_up(text: str) -> str:
    """An address that could not be registered is looked up as it is: it is unknown like any other, and as slow."""
    try:
        return normalised_email(text)
    except InvalidInput:
        return text[:255].lower()
