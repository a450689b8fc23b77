"""The mails we write: who gets which text."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import quote

from .mail import Mail


class MailKind(StrEnum):
    """What a mail is about."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"
    ALREADY_REGISTERED = "already_registered"
    PASSWORD_CHANGED = "password_changed"


def write_mail(kind: MailKind, *, to: str, name: str, web_url: str, token: str = "") -> Mail:
    """The mail of this kind. The token stands in the fragment of the link, which browsers send to nobody."""
    subject, body = _TEXTS[kind]
    link = f"{web_url.rstrip('/')}/{_PAGES[kind]}#token={quote(token)}" if token else web_url
    return Mail(to, subject, f"Hello {name},\n\n{body.format(link=link)}\n\nTandem\n")


_PAGES = {MailKind.VERIFY_EMAIL: "verify-email", MailKind.RESET_PASSWORD: "reset-password"}
_TEXTS = {
    MailKind.VERIFY_EMAIL: (
        "Confirm your e-mail address",
        "please confirm that this address is yours:\n\n  {link}\n\n"
        "The link is good for 24 hours. If you have not signed up, do nothing.",
    ),
    MailKind.RESET_PASSWORD: (
        "Choose a new password",
        "somebody, hopefully you, asked to choose a new password for your account:\n\n  {link}\n\n"
        "The link is good for one hour and for one use. If it was not you, do nothing: your password is unchanged.",
    ),
    MailKind.ALREADY_REGISTERED: (
        "You have an account already",
        "somebody, hopefully you, wanted to sign up with this address, but you have an account already.\n"
        "Log in at {link}, or choose a new password there if you have forgotten it.",
    ),
    MailKind.PASSWORD_CHANGED: (
        "Your password was changed",
        "the password of your account was changed, and all other devices were logged out.\n\n"
        "If it was not you, choose a new password at once: {link}",
    ),
}
