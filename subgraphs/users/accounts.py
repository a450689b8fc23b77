"""Turn a viewer into the account it stands for, as it is now: a token alone does not know of suspensions, log-outs and lost roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.auth import Viewer
from ..kit.errors import NotAllowed, NotAuthenticated
from ..kit.events import Event, Outbox
from .errors import AccountSuspended
from .models import AuthSession, User
from .repository import UserRepository
from .rules import Role
from .session_repository import AuthSessionRepository

FOREIGN_EMAIL_DOMAIN = "supabase.invalid"  # .invalid never gets mail (RFC 6761)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Looks accounts up, and makes the row of a person who comes with another issuer's token for the first time."""

    outbox: Outbox
    own_issuer: str

    async def require(self, session: AsyncSession, viewer: Viewer, *, for_update: bool = False) -> User:
        """The account of the viewer. Raises NotAuthenticated (visitors, ended sessions) or AccountSuspended."""
        user_id = viewer.require_user()
        user = await self._find(session, viewer, user_id) or await self._welcome(session, viewer, user_id)
        if for_update:
            user = await UserRepository(session).get_for_update(user_id) or user
        return _usable(user)

    async def known(self, session: AsyncSession, viewer: Viewer) -> User | None:
        """As `require`, but only reading: None for a person who comes with another issuer's token for the first time."""
        user = await self._find(session, viewer, viewer.require_user())
        return _usable(user) if user else None

    async def require_role(self, session: AsyncSession, viewer: Viewer, role: Role) -> User:
        """The account of the viewer, which must hold the role now. Raises NotAllowed otherwise."""
        user = await self.require(session, viewer)
        if role not in self.roles_of(user, viewer):
            raise NotAllowed(f"This needs the role {role}.")
        return user

    def roles_of(self, user: User, viewer: Viewer) -> frozenset[str]:
        """The role in our table, and those that another issuer's owner gave (never those in an old token of ours)."""
        foreign = viewer.roles if viewer.issuer != self.own_issuer else frozenset()
        return foreign | {user.role}

    async def _find(self, session: AsyncSession, viewer: Viewer, user_id: UUID) -> User | None:
        if viewer.issuer != self.own_issuer:
            return await UserRepository(session).get(user_id)
        found = await AuthSessionRepository(session).get_with_user(_session_id_of(viewer))
        if found is None or found[1].id != user_id:
            raise NotAuthenticated("This session has been ended; log in again.")
        auth_session, user = found
        # A suspension ends all sessions; whoever asks with one of them is told of the suspension.
        if user.suspended_at is None and not _is_alive(auth_session):
            raise NotAuthenticated("This session has been ended; log in again.")
        return user

    async def _welcome(self, session: AsyncSession, viewer: Viewer, user_id: UUID) -> User:
        """Make the account of someone whom another issuer vouches for.

        It is never joined to an account of ours with the same address: who holds that address there need not hold it here.
        """
        users = UserRepository(session)
        own = f"{user_id}@{FOREIGN_EMAIL_DOMAIN}"
        given = (viewer.email or "").lower()
        if not given or await users.find_by_email(given) is not None:
            given = own
        name = viewer.name or given.partition("@")[0]
        # Somebody else may take the address between the look and the insert.
        for email in (given, own):
            account = User(
                id=user_id,
                email=email,
                name=name[:80],
                role=Role.USER,
                issuer=viewer.issuer or "",
                email_verified_at=datetime.now(UTC),
            )
            if await users.add_if_new(account):
                data = {"user_id": str(user_id), "name": account.name}
                self.outbox.add(session, Event("user.registered", str(user_id), data))
            user = await users.get(user_id)
            if user is not None:
                return user
        raise AssertionError("nobody else takes an address made of this id")


def _usable(user: User) -> User:
    if user.deleted_at is not None:
        raise NotAuthenticated
    if user.suspended_at is not None:
        raise AccountSuspended(user.suspension_reason)
    return user


def _session_id_of(viewer: Viewer) -> UUID:
    try:
        return UUID(viewer.session_id or "")
    except ValueError as error:
        raise NotAuthenticated from error


def _is_alive(session: AuthSession) -> bool:
    return session.revoked_at is None and session.expires_at > datetime.now(UTC)
