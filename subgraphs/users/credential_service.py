"""The use cases of proving who one is: confirm the address, change the password, choose a new one when it is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.auth import Viewer
from ..kit.database import Database
from ..kit.errors import NotAllowed
from .accounts import Accounts
from .allowances import Allowances, allowance_key
from .errors import AccountSuspended, ConfirmationInvalid, InvalidCredentials
from .mail_repository import MailRepository
from .mail_texts import MailKind
from .models import User
from .passwords import Passwords
from .post_room import PostRoom, confirmation_hash
from .repository import UserRepository
from .rules import MAX_PASSWORD, checked_password, normalised_email, normalised_password
from .sessions import Device, IssuedTokens, Sessions
from .settings import UsersSettings

MAIL_WINDOW = timedelta(hours=1)
PASSWORD_WINDOW = timedelta(minutes=1)
PASSWORD_LIMIT = 5  # guesses of the current password a minute
ADDRESS_FACTOR = 10  # an address may cause so many times the mails of one account: offices share one
MAX_TOKEN = 200


@dataclass(frozen=True, slots=True)
class CredentialService:
    """Owns the transactions around passwords and confirmed addresses."""

    database: Database
    settings: UsersSettings
    accounts: Accounts
    sessions: Sessions
    passwords: Passwords
    allowances: Allowances
    post_room: PostRoom

    async def request_email_verification(self, viewer: Viewer) -> None:
        """Send the link again; nothing is sent to an address that is confirmed. Raises RateLimited."""
        await self._count_mail(str(viewer.require_user()))
        async with self.database.transaction() as session:
            user = await self.accounts.require(session, viewer)
            self.post_room.request(session, MailKind.VERIFY_EMAIL, user.email)
        self.post_room.wake()

    async def verify_email(self, token: str) -> User:
        """The address is confirmed by whoever has the link. Raises ConfirmationInvalid."""
        async with self.database.transaction() as session:
            user = await self._confirmed(session, token, MailKind.VERIFY_EMAIL)
            user.email_verified_at = self.sessions.clock()
            user.version += 1
        return user

    async def change_password(self, viewer: Viewer, current: str, new: str) -> User:
        """Change one's own password and log out all other devices. Raises InvalidCredentials, InvalidInput, RateLimited."""
        user_id = viewer.require_user()
        limits = {allowance_key("password", str(user_id)): PASSWORD_LIMIT}
        await self.allowances.take(limits, PASSWORD_WINDOW, "Too many tries; wait a little.")
        async with self.database.transaction() as session:
            found = await self.accounts.require(session, viewer)
        if found.password_hash is None:
            raise NotAllowed("You log in elsewhere, so there is no password to change here.")
        if not await self.passwords.is_match(found.password_hash, normalised_password(current[:MAX_PASSWORD])):
            raise InvalidCredentials
        password = checked_password(new, email=found.email, name=found.name, field="input.newPassword")
        new_hash = await self.passwords.hash(password)
        async with self.database.transaction() as session:
            user = await self.accounts.require(session, viewer, for_update=True)
            if user.password_hash != found.password_hash:
                raise InvalidCredentials
            user.password_hash = new_hash
            current_session = UUID(viewer.session_id) if viewer.session_id else None
            await self.sessions.end(session, user.id, "password_changed", but=current_session)
            self.post_room.request(session, MailKind.PASSWORD_CHANGED, user.email)
        self._wake()
        return user

    async def request_password_reset(self, email: str, device: Device) -> None:
        """Send a link if there is an account; the caller cannot tell. Raises InvalidInput or RateLimited."""
        email = normalised_email(email)
        await self._count_mail(email, device.address)
        async with self.database.transaction() as session:
            self.post_room.request(session, MailKind.RESET_PASSWORD, email)
        self.post_room.wake()

    async def reset_password(self, token: str, new: str, device: Device) -> IssuedTokens:
        """Choose a new password by the link, log out everywhere, log in here. Raises ConfirmationInvalid, InvalidInput, RateLimited."""
        limits = {allowance_key("reset-address", device.address or "unknown"): self.settings.login_limit_per_address}
        await self.allowances.take(limits, PASSWORD_WINDOW, "Too many tries; wait a little.")
        password = checked_password(new, email="", field="input.newPassword")
        new_hash = await self.passwords.hash(password)
        async with self.database.transaction() as session:
            user = await self._confirmed(session, token, MailKind.RESET_PASSWORD)
            if user.suspended_at is not None:
                raise AccountSuspended(user.suspension_reason)
            user.password_hash = new_hash
            # Whoever has the link reads the mail of this address.
            if user.email_verified_at is None:
                user.email_verified_at = self.sessions.clock()
                user.version += 1
            await self.sessions.end(session, user.id, "password_reset")
            self.post_room.request(session, MailKind.PASSWORD_CHANGED, user.email)
            grant = await self.sessions.start(session, user, device)
        self._wake()
        return await self.sessions.issue(grant)

    async def _confirmed(self, session: AsyncSession, token: str, purpose: MailKind) -> User:
        """The account that the link belongs to, locked; the link is used up."""
        now = self.sessions.clock()
        repository = MailRepository(session)
        confirmation = await repository.lock_confirmation(confirmation_hash(token[:MAX_TOKEN]), purpose)
        if confirmation is None or confirmation.used_at is not None or confirmation.expires_at <= now:
            raise ConfirmationInvalid
        user = await UserRepository(session).get_for_update(confirmation.user_id)
        # The address may have been changed, or the account deleted, since the mail was sent.
        if user is None or user.deleted_at is not None or user.email != confirmation.email:
            raise ConfirmationInvalid
        confirmation.used_at = now
        return user

    async def _count_mail(self, account: str, address: str | None = None) -> None:
        limits = {allowance_key("mail-account", account): self.settings.mail_limit_per_account}
        if address:
            limits[allowance_key("mail-address", address)] = self.settings.mail_limit_per_account * ADDRESS_FACTOR
        await self.allowances.take(limits, MAIL_WINDOW, "Too many mails were asked for; look for the last one first.")

    def _wake(self) -> None:
        self.sessions.outbox.wake()
        self.post_room.wake()
