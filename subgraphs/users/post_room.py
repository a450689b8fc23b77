"""Send the mail that waits. Who asks for mail only leaves a row; looking the account up, making the link and sending happen here.

So asking takes the same time whether there is an account or not, and no link stands in the database in the clear.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.database import Database
from .mail import Mail, Mailer, MailNotSent
from .mail_repository import MailRepository
from .mail_texts import MailKind, write_mail
from .models import Confirmation, MailRequest, User
from .repository import UserRepository

logger = structlog.get_logger(__name__)

POLL = 5.0  # seconds between looks without a wake-up
MAX_ATTEMPTS = 10
FIRST_WAIT = timedelta(seconds=10)  # doubled at each failure: the tenth is after about 1.5 hours
LINK_LIFETIMES = {MailKind.VERIFY_EMAIL: timedelta(hours=24), MailKind.RESET_PASSWORD: timedelta(hours=1)}
TOKEN_BYTES = 32


@dataclass(slots=True)
class PostRoom:
    """Any number of replicas may run it: a waiting mail is locked by the one that sends it."""

    database: Database
    mailer: Mailer
    web_url: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def request(self, session: AsyncSession, kind: MailKind, email: str) -> None:
        """Leave a mail to be sent once the transaction of `session` is committed; call `wake` behind it."""
        MailRepository(session).request(kind, email)

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Send what waits, for ever."""
        while True:
            while await self.send_next():
                pass
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await self._wake.wait()
            self._wake.clear()

    async def send_next(self) -> bool:
        """Send one mail; False when none is due. The row goes with the commit, so a crash in between sends the mail twice, never not."""
        async with self.database.transaction() as session:
            repository = MailRepository(session)
            request = await repository.next_due()
            if request is None:
                return False
            mail = await self._write(session, request)
            try:
                if mail is not None:
                    await self.mailer.send(mail)
            except MailNotSent as error:
                logger.warning("mail.not_sent", kind=request.kind, attempts=request.attempts + 1, error=str(error))
                if request.attempts + 1 < MAX_ATTEMPTS:
                    repository.postpone(request, FIRST_WAIT * 2**request.attempts)
                    return True
            await repository.delete(request)
        return True

    async def _write(self, session: AsyncSession, request: MailRequest) -> Mail | None:
        """The mail; None when there is nobody to write to."""
        kind = MailKind(request.kind)
        user = await UserRepository(session).find_by_email(request.email)
        if user is None or user.deleted_at is not None or not _is_meant(kind, user):
            return None
        token = ""
        if kind in LINK_LIFETIMES:
            token = secrets.token_urlsafe(TOKEN_BYTES)
            now = self.clock()
            confirmation = Confirmation(
                token_hash=confirmation_hash(token),
                user_id=user.id,
                purpose=kind,
                email=user.email,
                created_at=now,
                expires_at=now + LINK_LIFETIMES[kind],
            )
            await MailRepository(session).add_confirmation(confirmation)
        return write_mail(kind, to=user.email, name=user.name, web_url=self.web_url, token=token)


def confirmation_hash(token: str) -> bytes:
    """What is stored of a link's token; it has 256 random bits, so a plain SHA-256 cannot be guessed back."""
    return hashlib.sha256(token.encode()).digest()


def _is_meant(kind: MailKind, user: User) -> bool:
    if kind is MailKind.VERIFY_EMAIL:
        return user.email_verified_at is None
    # People who log in elsewhere have no password to choose here.
    return user.password_hash is not None
