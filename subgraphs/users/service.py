"""The use cases of accounts, in the order in which a person meets them: sign up, be known, change the profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from ..kit.auth import Viewer
from ..kit.database import Database
from ..kit.direct_rows import rows_by_id
from ..kit.errors import NotAuthenticated, NotFound, RateLimited, VersionConflict
from ..kit.events import Event, JsonObject, Outbox
from ..kit.idempotency import IdempotencyKeyReused, IdempotencyKeys, IdempotentCall, idempotent_call
from .accounts import Accounts
from .allowances import Allowances, allowance_key
from .errors import AccountSuspended, EmailTaken, SkillIsMeasured
from .mail_texts import MailKind
from .models import User
from .passwords import Passwords
from .post_room import PostRoom
from .rating_repository import RatingRepository
from .repository import UserRepository
from .rules import (
    Role,
    SkillLevel,
    checked_name,
    checked_password,
    checked_profile,
    may_see_private,
    normalised_email,
)
from .sessions import Device, Grant, IssuedTokens, Sessions
from .settings import UsersSettings

SIGN_UP_WINDOW = timedelta(hours=1)
MAIL_WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SignUp:
    """Somebody wants an account."""

    name: str
    email: str
    password: str
    self_assessment: SkillLevel | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class UpdateProfile:
    """Somebody changes what others see. `changes` holds only what was given, by column; `expected_version` guards against lost updates."""

    changes: Mapping[str, Any]
    self_assessment: SkillLevel | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class UserService:
    """Owns the transactions around accounts."""

    database: Database
    settings: UsersSettings
    outbox: Outbox
    accounts: Accounts
    sessions: Sessions
    passwords: Passwords
    allowances: Allowances
    post_room: PostRoom
    idempotency: IdempotencyKeys

    async def sign_up(self, command: SignUp, device: Device) -> IssuedTokens | None:
        """Make the account and start its first session.

        None where addresses must be confirmed first: then a mail goes out, and nobody learns whether there was an account before.
        Raises InvalidInput, EmailTaken (only without that rule) or RateLimited.
        """
        name, email = checked_name(command.name), normalised_email(command.email)
        password = checked_password(command.password, email=email, name=name)
        limits = {allowance_key("sign-up", device.address or "unknown"): self.settings.sign_up_limit_per_address}
        await self.allowances.take(
            limits, SIGN_UP_WINDOW, "Too many accounts were made from your address; wait a while."
        )
        user = User(
            email=email,
            name=name,
            role=Role.USER,
            password_hash=await self.passwords.hash(password),
            self_assessment=command.self_assessment,
        )
        key = command.idempotency_key
        call = idempotent_call(key, owner=None, operation="signUp", request={"name": name, "email": email})
        try:
            known, grant = await self._register(user, device, call)
        except EmailTaken:
            if not self.settings.confirms_addresses:
                raise
            await self._write_to_owner(email, call)
            return None
        if known is not None:
            return await self._sign_up_again(known, password, device)
        self.outbox.wake()
        self.post_room.wake()
        return await self.sessions.issue(grant) if grant else None

    async def current(self, viewer: Viewer) -> User | None:
        """Who asks; None for visitors. Raises NotAuthenticated when the session was ended, AccountSuspended."""
        if not viewer.is_authenticated:
            return None
        async with self.database.session() as session:
            user = await self.accounts.known(session, viewer)
        if user is None:
            async with self.database.transaction() as session:
                user = await self.accounts.require(session, viewer)
        return user

    async def get(self, user_id: UUID) -> User:
        """Anybody's account. Raises NotFound."""
        users = await self.get_many([user_id])
        if user_id not in users:
            raise NotFound("There is no such user.", field="id")
        return users[user_id]

    async def get_many(self, user_ids: Iterable[UUID]) -> dict[UUID, User]:
        """Accounts by id, in one statement; those that do not exist are left out."""
        return await rows_by_id(self.database, User, user_ids)

    async def may_see_private(self, viewer: Viewer, user_id: UUID) -> bool:
        """Whether address, role and the like may be shown to the viewer as things are now: the token may be older than a log-out."""
        if not may_see_private(viewer.user_id, viewer.roles, user_id):
            return False
        roles = await self.roles_now(viewer)
        return roles is not None and may_see_private(viewer.user_id, roles, user_id)

    async def roles_now(self, viewer: Viewer) -> frozenset[str] | None:
        """The roles of the viewer's account; None for visitors, ended sessions and suspended people."""
        if not viewer.is_authenticated:
            return None
        try:
            async with self.database.session() as session:
                user = await self.accounts.known(session, viewer)
        except (NotAuthenticated, AccountSuspended):
            return None
        return self.accounts.roles_of(user, viewer) if user is not None else viewer.roles

    async def update_profile(self, viewer: Viewer, command: UpdateProfile) -> User:
        """Change one's own profile. Raises InvalidInput, SkillIsMeasured or VersionConflict."""
        changes = checked_profile(command.changes)
        async with self.database.transaction() as session:
            user = await self.accounts.require(session, viewer, for_update=True)
            if command.expected_version not in (None, user.version):
                raise VersionConflict(expected=command.expected_version or 0, current=user.version)
            if command.self_assessment is not None:
                if await RatingRepository(session).is_measured(user.id):
                    raise SkillIsMeasured
                user.self_assessment = command.self_assessment
            has_new_name = changes.get("name", user.name) != user.name
            for column, value in changes.items():
                setattr(user, column, value)
            user.version += 1
            if has_new_name:
                self.outbox.add(session, Event("user.updated", str(user.id), _public_data(user)))
        self.outbox.wake()
        return user

    async def _register(
        self, user: User, device: Device, call: IdempotentCall | None
    ) -> tuple[JsonObject | None, Grant | None]:
        """Make the account; or, when this call was done before, what is known of it."""
        async with self.database.transaction() as session:
            known = await self.idempotency.recall(session, call)
            if known is not None:
                return known, None
            await UserRepository(session).add(user, on_conflict={"uq_users_email": EmailTaken()})
            self.outbox.add(session, Event("user.registered", str(user.id), _public_data(user)))
            self.post_room.request(session, MailKind.VERIFY_EMAIL, user.email)
            await self.idempotency.remember(session, call, {"id": str(user.id)})
            if self.settings.confirms_addresses:
                return None, None
            return None, await self.sessions.start(session, user, device)

    async def _sign_up_again(self, known: JsonObject, password: str, device: Device) -> IssuedTokens | None:
        """The same call once more (its answer was lost): tokens again, for whoever still knows the password."""
        if self.settings.confirms_addresses:
            return None
        if "id" not in known:
            raise EmailTaken
        user = await self.get(UUID(known["id"]))
        if not await self.passwords.is_match(user.password_hash, password) or user.suspended_at is not None:
            raise IdempotencyKeyReused
        async with self.database.transaction() as session:
            grant = await self.sessions.start(session, user, device)
        return await self.sessions.issue(grant)

    async def _write_to_owner(self, email: str, call: IdempotentCall | None) -> None:
        """Tell the owner of a known address, as often as anybody may cause a mail. The key is kept as for a new one: neither shows."""
        limits = {allowance_key("mail-account", email): self.settings.mail_limit_per_account}
        try:
            await self.allowances.take(limits, MAIL_WINDOW, "Too many mails were asked for.")
            may_write = True
        except RateLimited:
            may_write = False
        async with self.database.transaction() as session:
            if await self.idempotency.recall(session, call) is None:
                await self.idempotency.remember(session, call, {})
                if may_write:
                    self.post_room.request(session, MailKind.ALREADY_REGISTERED, email)
        self.post_room.wake()


def _public_data(user: User) -> dict[str, Any]:
    return {"user_id": str(user.id), "name": user.name}
