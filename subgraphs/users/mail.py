"""The mail port: a Mailer sends one Mail. Drivers: the console (development), SMTP, and a recording one for tests."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol, TextIO

import aiosmtplib

from .settings import MailDriver, UsersSettings

SMTP_TIMEOUT = 10.0  # seconds for the whole conversation


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of plain text to one address."""

    to: str
    subject: str
    text: str


class MailNotSent(Exception):
    """Raised when a mail could not be handed over; it is tried again later."""


class Mailer(Protocol):
    """Hands mail over to whoever delivers it."""

    async def send(self, mail: Mail) -> None:
        """Return when somebody else has taken charge of the mail. Raises MailNotSent."""
        ...


@dataclass(frozen=True, slots=True)
class ConsoleMailer:
    """Prints mail, for development: the links in it can be clicked in most terminals."""

    output: TextIO = field(default_factory=lambda: sys.stdout)

    async def send(self, mail: Mail) -> None:
        self.output.write(f"--- mail to {mail.to}: {mail.subject}\n{mail.text}\n---\n")
        self.output.flush()


@dataclass(slots=True)
class RecordingMailer:
    """Keeps mail in a list, and fails as often as a test wants."""

    sent: list[Mail] = field(default_factory=list)
    failures: int = 0

    async def send(self, mail: Mail) -> None:
        if self.failures > 0:
            self.failures -= 1
            raise MailNotSent("as the test wants")
        self.sent.append(mail)


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Hands mail to an SMTP server: with TLS from the first byte, by STARTTLS, or in the clear inside one's own network."""

    sender: str
    host: str
    port: int
    user: str | None = None
    password: str | None = None
    use_tls: bool = False
    start_tls: bool | None = None

    async def send(self, mail: Mail) -> None:
        try:
            await self._send(self._message(mail))
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            raise MailNotSent(f"{self.host}:{self.port}: {error}") from error

    def _message(self, mail: Mail) -> EmailMessage:
        """Raises ValueError for line breaks in headers (the package sees to it), so that no input can add headers of its own."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, mail.to, mail.subject
        message["Date"], message["Message-ID"] = (
            formatdate(),
            make_msgid(domain=self.sender.rpartition("@")[2].strip("> ")),
        )
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message

    async def _send(self, message: EmailMessage) -> None:
        await aiosmtplib.send(
            message,
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.use_tls,
            start_tls=self.start_tls,
            timeout=SMTP_TIMEOUT,
        )


def mailer_from(settings: UsersSettings) -> Mailer:
    """The driver that the settings name."""
    if settings.mail_driver is MailDriver.CONSOLE:
        return ConsoleMailer()
    return SmtpMailer(
        sender=settings.mail_from,
        host=settings.smtp_host,
        port=settings.smtp_port,
        user=settings.smtp_user,
        password=settings.smtp_password,
        use_tls=settings.smtp_tls,
        start_tls=settings.smtp_starttls,
    )
