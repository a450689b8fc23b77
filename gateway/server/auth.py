"""Authenticator: from a bearer token to verified claims (RFC 7519, with the advice of RFC 8725)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Protocol

import orjson
import structlog
from joserfc import jwk, jws
from joserfc.errors import JoseError

from ..transport.json_document import JsonDocument
from .refusals import Unauthenticated
from .request import Caller
from .settings import JwtSettings

logger = structlog.get_logger("gateway")

# Between two reads of the keys because of an unknown `kid`: a stranger must not make us ask without end.
UNKNOWN_KEY_PAUSE = 10.0
# Verified tokens are remembered for this many entries: a signature costs 100 µs and more, a look-up less than one.
REMEMBERED_TOKENS = 10_000
_MAX_TOKEN_LENGTH = 8 * 1024


class KeySource(Protocol):
    """Where published keys come from."""

    async def read(self) -> Mapping[str, Any]:
        """Return a JSON Web Key Set. Raises OSError or ValueError when there is none."""
        ...


class Authenticator:
    """Verifies tokens; keys are read on first use, kept, and read again when they are old or a token
    names a new one.
    """

    def __init__(self, settings: JwtSettings, source: KeySource | None) -> None:
        self._settings = settings
        self._source = source
        self._types = frozenset(name.lower().removeprefix("application/") for name in settings.types)
        self._shared_key = jwk.OctKey.import_key(settings.secret.get_secret_value()) if settings.secret else None
        self._keys: dict[str | None, jwk.Key] = {}
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None
        self._remembered: dict[str, Mapping[str, Any]] = {}

    @classmethod
    def from_settings(cls, settings: JwtSettings) -> Authenticator | None:
        """Return what the settings describe; None when there are no keys, and so nobody can be told apart."""
        if settings.jwks_url is None and settings.secret is None:
            return None
        return cls(settings, JsonDocument(settings.jwks_url) if settings.jwks_url else None)

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

    async def verify(self, token: str) -> Mapping[str, Any]:
        """Return the claims of a valid token. Raises Unauthenticated."""
        if len(token) > _MAX_TOKEN_LENGTH:
            raise Unauthenticated("The token is too long.")
        claims = self._remembered.get(token)
        if claims is None:
            claims = await self._verify_signature(token)
            self._check_issuer_and_audience(claims)
            if len(self._remembered) >= REMEMBERED_TOKENS:
                self._remembered.clear()
            self._remembered[token] = claims
        self._check_times(claims)
        return claims

    async def _verify_signature(self, token: str) -> Mapping[str, Any]:
        try:
            header = jws.extract_compact(token.encode()).headers()
        except (JoseError, ValueError) as error:
            raise Unauthenticated("The token is not a JSON Web Token.") from error
        algorithm = header.get("alg")
        self._check_header(header)
        if algorithm == "HS256" and self._shared_key is not None:
            return _verified_claims(token, self._shared_key, "HS256")
        # The key decides, not the token: a public key is never used as a shared secret, "none" is no algorithm.
        if not isinstance(algorithm, str) or algorithm not in self._settings.algorithms or self._source is None:
            raise Unauthenticated("The token's algorithm is not accepted.")
        if algorithm.startswith("HS"):
            raise Unauthenticated("The token's algorithm is not accepted.")
        return _verified_claims(token, await self._key_for(header.get("kid")), algorithm)

    def _check_header(self, header: Mapping[str, Any]) -> None:
        kind = header.get("typ", "JWT")
        if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in self._types:
            raise Unauthenticated("The token is of another type.")
        if "crit" in header:
            raise Unauthenticated("The token demands an extension that is not supported.")

    async def _key_for(self, key_id: str | None) -> jwk.Key:
        age = time.monotonic() - self._read_at
        if age > self._settings.jwks_refresh or (key_id not in self._keys and age > UNKNOWN_KEY_PAUSE):
            await self._read_keys()
        key = self._keys.get(key_id)
        # A single published key needs no name.
        if key is None and key_id is None and len(self._keys) == 1:
            key = next(iter(self._keys.values()))
        if key is None:
            raise Unauthenticated("The token was signed with a key that is not known.")
        return key

    async def _read_keys(self) -> None:
        """Read the keys once, however many requests wait for them. What cannot be read leaves the old ones in use."""
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_from_source())
            self._reading.add_done_callback(lambda _: setattr(self, "_reading", None))
        await asyncio.shield(self._reading)

    async def _read_from_source(self) -> None:
        assert self._source is not None
        try:
            published = await self._source.read()
            keys = {}
            for value in published.get("keys", []):
                # Keys for encryption and symmetric keys have no place here (RFC 8725, 3.5).
                if value.get("use", "sig") == "sig" and value.get("kty") != "oct":
                    keys[value.get("kid")] = jwk.import_key(value)
        except (OSError, ValueError, JoseError, AttributeError, TypeError) as error:
            logger.warning("jwks.unreadable", problem=str(error) or type(error).__name__)
            # Not at once again for each request.
            self._read_at = max(self._read_at, time.monotonic() - self._settings.jwks_refresh + UNKNOWN_KEY_PAUSE)
            return
        if keys.keys() != self._keys.keys():
            # Tokens of a key that is gone must not live on in the memory.
            self._remembered.clear()
        self._keys = keys
        self._read_at = time.monotonic()

    def _check_issuer_and_audience(self, claims: Mapping[str, Any]) -> None:
        settings = self._settings
        if settings.issuer is not None and claims.get("iss") != settings.issuer:
            raise Unauthenticated("The token is from another issuer.")
        if settings.audience is None:
            return
        audience = claims.get("aud")
        if settings.audience not in (audience if isinstance(audience, list) else [audience]):
            raise Unauthenticated("The token is for another audience.")

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now, leeway = time.time(), self._settings.leeway
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


def _verified_claims(token: str, key: jwk.Key, algorithm: str) -> Mapping[str, Any]:
    try:
        payload = jws.deserialize_compact(token, key, algorithms=[algorithm]).payload
        claims = orjson.loads(payload)
    except (JoseError, ValueError) as error:
        raise Unauthenticated("The token's signature does not fit.") from error
    if not isinstance(claims, dict):
        raise Unauthenticated("The token has no claims.")
    return claims
