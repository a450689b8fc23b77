"""Sign access tokens: JSON web tokens of the profile in RFC 9068, which every subgraph checks with `kit.auth`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from joserfc import jwt

from .signing_keys import ALGORITHM, SigningKeys

TOKEN_TYPE = "at+jwt"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A signed token and when it ends."""

    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Issues the access tokens of this system."""

    keys: SigningKeys
    issuer: str
    audience: str
    lifetime: timedelta

    async def issue(self, *, user_id: UUID, session_id: UUID, roles: Iterable[str], now: datetime) -> AccessToken:
        """A token for one person in one log-in session."""
        key = await self.keys.current()
        expires_at = (now + self.lifetime).replace(microsecond=0)
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": str(user_id),
            "sid": str(session_id),
            "roles": sorted(roles),
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "jti": uuid4().hex,
        }
        header = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": key.kid}
        return AccessToken(jwt.encode(header, claims, key, algorithms=[ALGORITHM]), expires_at)
