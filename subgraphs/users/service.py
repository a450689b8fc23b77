"""The use cases of accounts, in the order in which a person meets them: sign up, be known, change the profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from ..kit.auth import Viewer
from ..kit.database import Database
from ..kit.errors import NotFound, VersionConflict
from ..kit.events import Event, Outbox
from .accounts import Accounts
from .allowances import Allowances, allowance_key
from .errors import EmailTaken, SkillIsMeasured
from .models import User
from .passwords import Passwords
from .rating_repository import RatingRepository
from .repository import UserRepository
from .rules import Role, SkillLevel, checked_name, checked_password, checked_profile, normalised_email
from .sessions import Device, IssuedTokens, Sessions
from .settings import UsersSettings

SIGN_UP_WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SignUp:
    """Somebody wants an account."""

    name: str
    email: str
    password: str
    self_assessment: SkillLevel | None = None


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

    async def sign_up(self, command: SignUp, device: Device) -> IssuedTokens:
        """Make the account and start its first session. Raises InvalidInput, EmailTaken or RateLimited."""
        name, email = checked_name(command.name), normalised_email(command.email)
        password = checked_password(command.password, email=email, name=name)
        address = allowance_key("sign-up", device.address or "unknown")
        limits = {address: self.settings.sign_up_limit_per_address}
        await self.allowances.take(
            limits, SIGN_UP_WINDOW, "Too many accounts were made from your address; wait a while."
        )
        password_hash = await self.passwords.hash(password)
        level = command.self_assessment
        async with self.database.transaction() as session:
            user = User(
                email=email,
                name=name,
                role=Role.USER,
                password_hash=password_hash,
                self_assessment=level,
                skill_level=level or SkillLevel.BEGINNER,
            )
            user = await UserRepository(session).add(user, on_conflict={"uq_users_email": EmailTaken()})
            self.outbox.add(session, Event("user.registered", str(user.id), _public_data(user)))
            tokens = await self.sessions.start(session, user, device)
        self.outbox.wake()
        return tokens

    async def current(self, viewer: Viewer) -> User | None:
        """Who asks; None for visitors. Raises NotAuthenticated when the session was ended, AccountSuspended."""
        if not viewer.is_authenticated:
            return None
        async with self.database.transaction() as session:
            return await self.accounts.require(session, viewer)

    async def get(self, user_id: UUID) -> User:
        """Anybody's account. Raises NotFound."""
        users = await self.get_many([user_id])
        if user_id not in users:
            raise NotFound("There is no such user.", field="id")
        return users[user_id]

    async def get_many(self, user_ids: Iterable[UUID]) -> dict[UUID, User]:
        """Accounts by id, in one statement; those that do not exist are left out."""
        async with self.database.session() as session:
            return await UserRepository(session).get_many(user_ids)

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
                user.self_assessment = user.skill_level = command.self_assessment
            has_new_name = changes.get("name", user.name) != user.name
            for column, value in changes.items():
                setattr(user, column, value)
            user.version += 1
            await session.flush()
            await session.refresh(user)
            if has_new_name:
                self.outbox.add(session, Event("user.updated", str(user.id), _public_data(user)))
        self.outbox.wake()
        return user


def _public_data(user: User) -> dict[str, Any]:
    return {"user_id": str(user.id), "name": user.name}
