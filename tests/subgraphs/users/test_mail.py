"""Mail: the drivers, and a post room that loses nothing and tells nobody who has an account."""

from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from subgraphs.users.mail import ConsoleMailer, Mail, MailNotSent, SmtpMailer
from subgraphs.users.mail_texts import MailKind, write_mail

from .conftest import UsersClient

MAIL = Mail("ada@example.com", "Grüße", "Hello Ada,\n\n.a line that begins with a dot\n")


class Inbox:
    """An SMTP server's handler that keeps what it is given, and refuses who is not there."""

    def __init__(self) -> None:
        self.received: list[Message] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 there is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.received.append(message_from_bytes(envelope.content))
        return "250 OK"


def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    is_known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"tandem", b"secret")
    return AuthResult(success=is_known, handled=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# aiosmtpd warns that passwords go in the clear: on the loopback they may.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    """A real SMTP server that wants a user and a password."""
    handler, port = Inbox(), free_port()
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=port,
        authenticator=authenticate,
        auth_required=True,
        auth_require_tls=False,
    )
    controller.start()
    yield handler, port
    controller.stop()


async def test_smtp_carries_a_mail_as_it_is(inbox: tuple[Inbox, int]) -> None:
    handler, port = inbox
    mailer = SmtpMailer("Tandem <no-reply@tandem.example>", "127.0.0.1", port, "tandem", "secret")
    await mailer.send(MAIL)
    (message,) = handler.received
    assert (message["To"], message["From"]) == ("ada@example.com", "Tandem <no-reply@tandem.example>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert str(message["Message-ID"]).endswith("@tandem.example>")
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == MAIL.text


@pytest.mark.parametrize(
    ("to", "password"), [("nobody@example.com", "secret"), ("ada@example.com", "wrong"), ("ada@example.com", None)]
)
async def test_what_the_server_refuses_is_reported_as_not_sent(
    inbox: tuple[Inbox, int], to: str, password: str | None
) -> None:
    handler, port = inbox
    user = "tandem" if password else None
    with pytest.raises(MailNotSent):
        await SmtpMailer("a@example.com", "127.0.0.1", port, user, password).send(Mail(to, "Hi", "Text"))
    assert handler.received == []


async def test_a_server_that_is_not_there_is_reported_as_not_sent() -> None:
    with pytest.raises(MailNotSent, match=r"127\.0\.0\.1"):
        await SmtpMailer("a@example.com", "127.0.0.1", free_port()).send(MAIL)


async def test_a_line_break_in_an_address_or_subject_never_becomes_a_header(inbox: tuple[Inbox, int]) -> None:
    handler, port = inbox
    mailer = SmtpMailer("a@example.com", "127.0.0.1", port, "tandem", "secret")
    for mail in (
        Mail("ada@example.com\nBcc: eve@example.com", "Hi", "x"),
        Mail("ada@example.com", "Hi\nBcc: e@e.e", "x"),
    ):
        with pytest.raises(MailNotSent):
            await mailer.send(mail)
    assert handler.received == []


async def test_the_console_driver_prints_the_mail() -> None:
    output = io.StringIO()
    await ConsoleMailer(output).send(MAIL)
    assert "mail to ada@example.com: Grüße" in output.getvalue()
    assert MAIL.text in output.getvalue()


def test_a_link_carries_its_token_where_browsers_send_it_to_nobody() -> None:
    mail = write_mail(
        MailKind.RESET_PASSWORD, to="ada@example.com", name="Ada", web_url="https://tandem.example/", token="a b"
    )
    assert "https://tandem.example/reset-password#token=a%20b" in mail.text


async def test_a_mail_that_could_not_be_sent_is_tried_again_later(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    users.mailer.failures = 100
    while await users.services.post_room.send_next():
        pass
    assert [mail for mail in users.mailer.sent if mail.to == ada.person["email"]] == []
    users.mailer.failures = 0
    async with users.runtime.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE users.mail_requests SET next_attempt_at = now()")
    await ada.mails_to(ada.person["email"])


async def test_replicas_that_send_at_the_same_time_send_each_mail_once(users: UsersClient) -> None:
    people = [await users.signed_up(f"Ada {number}") for number in range(4)]
    await asyncio.gather(*(users.services.post_room.send_next() for _ in range(8)))
    for person in people:
        await users.mails_to(person.person["email"])
