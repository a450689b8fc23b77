"""Authenticator: from a bearer token to verified claims (RFC 7519, with the advice of RFC 8725)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError

from .refusals import Unauthenticated
from .request import Caller
from .settings_safety import JwtSettings
from .token_issuer import TokenIssuer

# Verified tokens are remembered for this many entries: a signature costs 100 µs and more, a look-up less than one.
REMEMBERED_TOKENS = 10_000
_MAX_TOKEN_LENGTH = 8 * 1024


@dataclass(frozen=True, slots=True)
class _Verified:
    claims: Mapping[str, Any]
    issuer: TokenIssuer
    generation: int


class Authenticator:
    """Verifies tokens of one issuer or of several: the token's own `iss` only says whose rules it must stand."""

    def __init__(
        self, settings: JwtSettings, issuers: Sequence[TokenIssuer], clock: Callable[[], float] = time.time
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._issuers = tuple(issuers)
        self._types = frozenset(name.lower().removeprefix("application/") for name in settings.types)
        self._remembered: dict[str, _Verified] = {}

    @classmethod
    def from_settings(cls, settings: JwtSettings) -> Authenticator | None:
        """Return what the settings describe; None when there are no keys, and so nobody can be told apart."""
        issuers = [TokenIssuer(it) for it in settings.all_issuers]
        return cls(settings, issuers) if issuers else None

    async def authenticate(self, caller: Caller, headers: Mapping[bytes, bytes]) -> None:
        """Set the caller's claims. Raises Unauthenticated when the token is bad, or there is none and one is
        required.
        """
        value = headers.get(b"authorization", b"").decode("latin-1")
        if not value:
            if self._settings.required:
                raise Unauthenticated("This needs a token: send the header authorization: Bearer <token>.")
            return
        scheme, _, token = value.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("The authorization header must be: Bearer <token>.")
        claims = await self.verify(token.strip())
        caller.claims = claims
        expires_at = claims.get("exp")
        caller.expires_at = float(expires_at) if expires_at is not None else None

    def authenticate_at_once(self, caller: Caller, headers: Mapping[bytes, bytes]) -> bool:
        """Do the same where no key is needed for it: without a token, or with one that was verified before.

        Return False, with nothing done, otherwise. Raises Unauthenticated.
        """
        value = headers.get(b"authorization")
        if value is None:
            return not self._settings.required
        claims = self._recall(value.decode("latin-1").partition(" ")[2].strip())
        if claims is None or value[:7].lower() != b"bearer ":
            return False
        self._check_times(claims)
        caller.claims = claims
        caller.expires_at = float(claims["exp"])
        return True

    async def verify(self, token: str) -> Mapping[str, Any]:
        """Return the claims of a valid token. Raises Unauthenticated."""
        if len(token) > _MAX_TOKEN_LENGTH:
            raise Unauthenticated("The token is too long.")
        claims = self._recall(token)
        if claims is None:
            header, issuer = self._header_and_issuer(token)
            claims = await issuer.verify(token, header)
            if len(self._remembered) >= REMEMBERED_TOKENS:
                self._remembered.clear()
            self._remembered[token] = _Verified(claims, issuer, issuer.generation)
        self._check_times(claims)
        return claims

    def _recall(self, token: str) -> Mapping[str, Any] | None:
        known = self._remembered.get(token)
        if known is None or known.generation != known.issuer.generation or known.issuer.is_stale:
            return None
        return known.claims

    def _header_and_issuer(self, token: str) -> tuple[Mapping[str, Any], TokenIssuer]:
        try:
            unverified = jws.extract_compact(token.encode())
            header = unverified.headers()
            claims = orjson.loads(unverified.payload)
        except (JoseError, ValueError) as error:
            raise Unauthenticated("The token is not a JSON Web Token.") from error
        kind = header.get("typ", "JWT")
        if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in self._types:
            raise Unauthenticated("The token is of another type.")
        if "crit" in header:
            raise Unauthenticated("The token demands an extension that is not supported.")
        claimed = claims.get("iss") if isinstance(claims, dict) else None
        for issuer in self._issuers:
            if issuer.name is None or issuer.name == claimed:
                return header, issuer
        raise Unauthenticated("The token is from another issuer.")

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now, leeway = self._clock(), self._settings.leeway
        for name in ("exp", "nbf", "iat"):
            value = claims.get(name)
            if value is not None and (not isinstance(value, int | float) or isinstance(value, bool)):
                raise Unauthenticated(f"The token's '{name}' is not a number.")
        if "exp" not in claims or now > claims["exp"] + leeway:
            raise Unauthenticated(
                "The token has expired." if "exp" in claims else "The token does not say when it ends."
            )
        if now < claims.get("nbf", 0) - leeway or now < claims.get("iat", 0) - leeway:
            raise Unauthenticated("The token is not valid yet.")
