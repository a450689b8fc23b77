"""What an account may look like and who may see what of it: pure decisions."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email

from ..kit.errors import InvalidInput

MAX_EMAIL = 255  # characters, as the column
MAX_NAME = 80
MIN_PASSWORD = 8  # NIST SP 800-63B: length is what counts; no rules on kinds of characters
MAX_PASSWORD = 200  # argon2 takes more, but nobody types it
MAX_BIO = 2000
MAX_URL = 500
MAX_LINKS = 10
MAX_TOPICS = 30
MAX_TOPIC = 50
DELETED_NAME = "Deleted user"
# fmt: off
_COMMON_PASSWORDS = frozenset((
    "password", "password1", "password123", "passw0rd", "12345678", "123456789", "1234567890", "qwertyui",
    "qwerty123", "qwertyuiop", "11111111", "00000000", "iloveyou", "letmein1", "welcome1", "welcome123", "admin123",
    "abc12345", "abcd1234", "1q2w3e4r", "1qaz2wsx", "football", "baseball", "sunshine", "princess", "trustno1",
    "superman", "changeme", "internet", "computer",
))
# fmt: on


class Role(StrEnum):
    """What a person may do; each role may all that those before it may."""

    USER = "user"
    MODERATOR = "moderator"
    ADMIN = "admin"


class SkillLevel(StrEnum):
    """How a rating is shown to people."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class Language(StrEnum):
    """A programming language that sessions can be held in."""

    PYTHON = "PYTHON"
    JAVASCRIPT = "JAVASCRIPT"
    JAVA = "JAVA"
    CPP = "CPP"
    C = "C"


class AccountStatus(StrEnum):
    """What has become of an account."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


def normalised_email(text: str, field: str = "input.email") -> str:
    """The address in the one form in which it is stored and compared. Raises InvalidInput when it is none."""
    if len(text) > MAX_EMAIL:
        raise InvalidInput(f"The e-mail address has {len(text)} characters; {MAX_EMAIL} are the most.", field=field)
    try:
        # test_environment: names under .test are fine, as we never ask the DNS.
        checked = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise InvalidInput(f"This is not an e-mail address: {error}", field=field) from error
    return checked.normalized.lower()


def normalised_password(text: str) -> str:
    """One form for what looks the same on different keyboards (NFKC, as NIST SP 800-63B asks)."""
    return unicodedata.normalize("NFKC", text)


def checked_password(text: str, *, email: str, name: str = "", field: str = "input.password") -> str:
    """A new password, normalised. Raises InvalidInput when it is short, too long, common, or the person's own address or name."""
    password = normalised_password(text)
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise InvalidInput(
            f"The password has {len(password)} characters; it must have from {MIN_PASSWORD} to {MAX_PASSWORD}.",
            field=field,
        )
    lowered = password.lower()
    if lowered in _COMMON_PASSWORDS or len(set(lowered)) < 3:
        raise InvalidInput("This password is one of the first that anyone would try; take another.", field=field)
    if lowered in (email, email.partition("@")[0], name.lower()):
        raise InvalidInput("The password must not be your own address or name.", field=field)
    return password


def checked_name(text: str) -> str:
    """A name to show. Raises InvalidInput when it is empty, too long, or has characters that cannot be seen."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not 1 <= len(name) <= MAX_NAME:
        raise InvalidInput(
            f"The name has {len(name)} characters; it must have from 1 to {MAX_NAME}.", field="input.name"
        )
    if any(unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs") for character in name):
        raise InvalidInput("The name has characters that cannot be seen; leave them out.", field="input.name")
    return name


def checked_profile(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The given profile fields (Python names of the columns), each checked. Raises InvalidInput naming the first bad one."""
    return {name: _PROFILE_RULES[name](value) for name, value in changes.items()}


def skill_level_from(text: str | None) -> SkillLevel:
    return SkillLevel(text) if text else SkillLevel.BEGINNER


def may_see_private(viewer_id: UUID | None, viewer_roles: frozenset[str], user_id: UUID) -> bool:
    """Address, role and the like are for the person and for admins."""
    return viewer_id == user_id or Role.ADMIN in viewer_roles


def account_status(*, is_suspended: bool, is_deleted: bool) -> AccountStatus:
    if is_deleted:
        return AccountStatus.DELETED
    return AccountStatus.SUSPENDED if is_suspended else AccountStatus.ACTIVE


def _checked_profile_name(text: str | None) -> str:
    if text is None:
        raise InvalidInput("A name can be changed, but not be cleared; leave it out to keep it.", field="input.name")
    return checked_name(text)


def _checked_bio(text: str | None) -> str:
    bio = (text or "").strip()
    if len(bio) > MAX_BIO:
        raise InvalidInput(f"The bio has {len(bio)} characters; {MAX_BIO} are the most.", field="input.bio")
    return bio


def _checked_avatar_url(text: str | None) -> str | None:
    return _checked_url(text, "input.avatarUrl") if text else None


def _checked_url(text: str, field: str) -> str:
    """An https address that a browser can show. `javascript:` and the like must never get into a page."""
    try:
        parts = urlsplit(text.strip())
        is_good = parts.scheme in ("https", "http") and bool(parts.hostname) and not parts.username
    except ValueError:
        is_good = False
    if not is_good or len(text) > MAX_URL or any(character.isspace() for character in text.strip()):
        raise InvalidInput(
            f"This is not a web address of up to {MAX_URL} characters, like https://example.org/me.", field=field
        )
    return text.strip()


def _checked_time_zone(text: str | None) -> str | None:
    if not text:
        return None
    if text not in available_timezones():
        raise InvalidInput(f"{text!r} is not a time zone; take a name like Europe/Berlin.", field="input.timeZone")
    return text


def _checked_links(links: list[str] | None) -> list[str]:
    given = links or []
    if len(given) > MAX_LINKS:
        raise InvalidInput(f"There are {len(given)} links; {MAX_LINKS} are the most.", field="input.links")
    return _without_repeats([_checked_url(link, f"input.links.{position}") for position, link in enumerate(given)])


def _checked_languages(languages: list[Language] | None) -> list[str]:
    return _without_repeats([Language(language).value for language in languages or []])


def _checked_topics(topics: list[str] | None) -> list[str]:
    given = [" ".join(topic.split()) for topic in topics or []]
    if len(given) > MAX_TOPICS:
        raise InvalidInput(f"There are {len(given)} topics; {MAX_TOPICS} are the most.", field="input.preferredTopics")
    for position, topic in enumerate(given):
        if not 1 <= len(topic) <= MAX_TOPIC:
            raise InvalidInput(
                f"A topic has from 1 to {MAX_TOPIC} characters.", field=f"input.preferredTopics.{position}"
            )
    return _without_repeats(given)


def _without_repeats(items: list[str]) -> list[str]:
    return list(dict.fromkeys(items))


_PROFILE_RULES: dict[str, Callable[[Any], Any]] = {
    "name": _checked_profile_name,
    "bio": _checked_bio,
    "avatar_url": _checked_avatar_url,
    "time_zone": _checked_time_zone,
    "preferred_languages": _checked_languages,
    "preferred_topics": _checked_topics,
    "links": _checked_links,
}
