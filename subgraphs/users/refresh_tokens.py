"""Refresh tokens without I/O: making, hashing, deriving a successor, and judging one that comes in (RFC 9700, section 4.14).

t1 -used-> t2 -used-> t3        each token is used once; a family is one AuthSession
t1 again within 10 s            the answer was lost: t2 again, the same one, while nobody has used it
t1 again later, or t2 was used  somebody else has a copy: the whole family ends
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from enum import Enum, auto

REFRESH_GRACE = timedelta(seconds=10)  # as Supabase Auth's reuse interval
TOKEN_BYTES = 32
SALT_BYTES = 16
PREFIX = "tdr_"  # lets secret scanners find a leaked one


class RefreshVerdict(Enum):
    """What to do with a refresh token."""

    ROTATE = auto()
    REPEAT = auto()
    REUSED = auto()
    INVALID = auto()


def new_refresh_token() -> str:
    return PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def new_salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)


def refresh_token_hash(token: str) -> bytes:
    """What is stored. The token has 256 random bits, so a plain SHA-256 cannot be guessed back."""
    return hashlib.sha256(token.encode()).digest()


def successor_of(token: str, salt: bytes) -> str:
    """The token that follows: whoever has lost it can derive it again from the old one, and our database alone cannot."""
    derived = hmac.digest(token.encode(), salt, "sha256")
    return PREFIX + urlsafe_b64encode(derived).decode().rstrip("=")


def judge_refresh(
    *,
    expires_at: datetime,
    used_at: datetime | None,
    is_successor_used: bool,
    session_expires_at: datetime,
    session_revoked_at: datetime | None,
    now: datetime,
) -> RefreshVerdict:
    if session_revoked_at is not None or session_expires_at <= now:
        return RefreshVerdict.INVALID
    if used_at is None:
        return RefreshVerdict.ROTATE if now < expires_at else RefreshVerdict.INVALID
    # Replicas' clocks differ by a little, so `now` may lie before `used_at`.
    if now - used_at <= REFRESH_GRACE and not is_successor_used:
        return RefreshVerdict.REPEAT
    return RefreshVerdict.REUSED
