"""The use cases of admins: see people, give roles, suspend and reinstate; all of it is written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.auth import Viewer
from ..kit.database import Database
from ..kit.errors import InvalidInput, NotFound
from ..kit.events import Event, Outbox
from ..kit.idempotency import IdempotencyKeys, idempotent_call
from ..kit.pagination import Page, PageRequest
from .accounts import Accounts
from .errors import EmailTaken, LastAdmin
from .mail_texts import MailKind
from .models import AuditEntry, User
from .passwords import Passwords
from .post_room import PostRoom
from .repository import AuditRepository, UserFilter, UserOrder, UserRepository
from .rules import Role, checked_name, normalised_email
from .sessions import Sessions

MAX_REASON = 500
MAX_SEARCH = 100


@dataclass(frozen=True, slots=True)
class CreateUser:
    """An admin makes an account for somebody, who then chooses a password by mail."""

    name: str
    email: str
    role: Role = Role.USER
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class AdminService:
    """Owns the transactions around what admins do."""

    database: Database
    outbox: Outbox
    accounts: Accounts
    sessions: Sessions
    passwords: Passwords
    post_room: PostRoom
    idempotency: IdempotencyKeys

    async def list_users(
        self, viewer: Viewer, wanted: UserFilter, order: UserOrder, request: PageRequest
    ) -> Page[User]:
        """Accounts, with search. Raises NotAllowed."""
        if len(wanted.search) > MAX_SEARCH:
            raise InvalidInput(f"search has at most {MAX_SEARCH} characters.", field="filter.search")
        async with self.database.transaction() as session:
            await self.accounts.require_role(session, viewer, Role.ADMIN)
            return await UserRepository(session).page(wanted, order, request)

    async def count_users(self, wanted: UserFilter) -> int:
        """How many accounts a list has whose page was given to an admin."""
        async with self.database.session() as session:
            return await UserRepository(session).count(wanted)

    async def audit_log(self, viewer: Viewer, user_id: UUID | None, request: PageRequest) -> Page[AuditEntry]:
        """What was done to whom, newest first. Raises NotAllowed."""
        async with self.database.transaction() as session:
            await self.accounts.require_role(session, viewer, Role.ADMIN)
            return await AuditRepository(session).page(user_id, request)

    async def count_audit_log(self, user_id: UUID | None) -> int:
        async with self.database.session() as session:
            return await AuditRepository(session).count(user_id)

    async def create_user(self, viewer: Viewer, command: CreateUser) -> User:
        """Make an account and send its person a link to choose a password. Raises EmailTaken, InvalidInput, NotAllowed."""
        name, email = checked_name(command.name), normalised_email(command.email)
        request = {"name": name, "email": email, "role": command.role}
        call = idempotent_call(
            command.idempotency_key, owner=viewer.require_user(), operation="createUser", request=request
        )
        password_hash = await self.passwords.hash_nobody_knows()
        async with self.database.transaction() as session:
            admin = await self.accounts.require_role(session, viewer, Role.ADMIN)
            users = UserRepository(session)
            known = await self.idempotency.recall(session, call)
            if known is not None:
                return await _existing(users, UUID(known["id"]))
            user = User(email=email, name=name, role=command.role, password_hash=password_hash)
            user = await users.add(user, on_conflict={"uq_users_email": EmailTaken()})
            self.outbox.add(session, Event("user.registered", str(user.id), {"user_id": str(user.id), "name": name}))
            self.post_room.request(session, MailKind.RESET_PASSWORD, email)
            self._note(session, admin.id, "user_created", user, role=command.role)
            await self.idempotency.remember(session, call, {"id": str(user.id)})
        self._wake()
        return user

    async def set_role(self, viewer: Viewer, user_id: UUID, role: Role) -> User:
        """Give somebody a role. Raises NotFound, NotAllowed or LastAdmin."""
        async with self.database.transaction() as session:
            admin = await self.accounts.require_role(session, viewer, Role.ADMIN)
            user = await self._guarded(session, user_id, keeps_admin=role is Role.ADMIN)
            if user.role != role:
                self._note(session, admin.id, "role_changed", user, before=user.role, after=role)
                await self._change_role(session, user, role)
        self._wake()
        return user

    async def make_admin(self, email: str) -> User:
        """Make somebody an admin from the command line: the way to the first one. Raises NotFound."""
        async with self.database.transaction() as session:
            found = await UserRepository(session).find_by_email(normalised_email(email))
            if found is None:
                raise NotFound(f"There is no account with the address {email}; sign up first.")
            user = await self._guarded(session, found.id, keeps_admin=True)
            self._note(session, None, "role_changed", user, before=user.role, after=Role.ADMIN)
            await self._change_role(session, user, Role.ADMIN)
        return user

    async def suspend(self, viewer: Viewer, user_id: UUID, reason: str) -> User:
        """Log somebody out everywhere and keep them out. Raises NotFound, NotAllowed or LastAdmin."""
        reason = reason.strip()
        if not 1 <= len(reason) <= MAX_REASON:
            raise InvalidInput(f"The reason has from 1 to {MAX_REASON} characters.", field="input.reason")
        async with self.database.transaction() as session:
            admin = await self.accounts.require_role(session, viewer, Role.ADMIN)
            user = await self._guarded(session, user_id, keeps_admin=False)
            if user.suspended_at is None:
                user.suspended_at = self.sessions.clock()
                user.suspension_reason = reason
                user.version += 1
                await self.sessions.end(session, user.id, "suspended")
                self.outbox.add(session, Event("user.suspended", str(user.id), {"user_id": str(user.id)}))
                self._note(session, admin.id, "user_suspended", user, reason=reason)
        self._wake()
        return user

    async def reinstate(self, viewer: Viewer, user_id: UUID) -> User:
        """Let somebody in again. Raises NotFound or NotAllowed."""
        async with self.database.transaction() as session:
            admin = await self.accounts.require_role(session, viewer, Role.ADMIN)
            user = await self._guarded(session, user_id, keeps_admin=True)
            if user.suspended_at is not None:
                user.suspended_at = user.suspension_reason = None
                user.version += 1
                self.outbox.add(session, Event("user.reinstated", str(user.id), {"user_id": str(user.id)}))
                self._note(session, admin.id, "user_reinstated", user)
        self._wake()
        return user

    async def _guarded(self, session: AsyncSession, user_id: UUID, *, keeps_admin: bool) -> User:
        """The account, locked. Raises LastAdmin when what follows would take the last admin away."""
        if not keeps_admin:
            await guard_last_admin(session, user_id)
        return await _existing(UserRepository(session), user_id)

    async def _change_role(self, session: AsyncSession, user: User, role: Role) -> None:
        ranks = list(Role)
        is_less = ranks.index(role) < ranks.index(Role(user.role))
        user.role = role
        user.version += 1
        if is_less:
            # Tokens that still say "admin" or "moderator" must not live on.
            await self.sessions.end(session, user.id, "role_changed")

    def _note(self, session: AsyncSession, actor_id: UUID | None, action: str, user: User, **details: Any) -> None:
        AuditRepository(session).add(actor_id=actor_id, action=action, user_id=user.id, details=details)

    def _wake(self) -> None:
        self.outbox.wake()
        self.post_room.wake()


async def guard_last_admin(session: AsyncSession, user_id: UUID) -> None:
    """Raise LastAdmin when this person is the only admin left; nobody else can take one away until the transaction ends."""
    if await UserRepository(session).lock_admins() == {user_id}:
        raise LastAdmin


async def _existing(users: UserRepository, user_id: UUID) -> User:
    user = await users.get_for_update(user_id)
    if user is None or user.deleted_at is not None:
        raise NotFound("There is no such user.", field="userId")
    return user
