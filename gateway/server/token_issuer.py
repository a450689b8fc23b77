"""TokenIssuer: whether a token is one that this issuer has signed for us; its keys, and when they are read again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import orjson
import structlog
from joserfc import jwk, jws
from joserfc.errors import JoseError

from .refusals import Unauthenticated
from .settings_safety import IssuerSettings

logger = structlog.get_logger("gateway")

# Between two reads of the keys because of an unknown `kid`: a stranger must not make us ask without end.
UNKNOWN_KEY_PAUSE = 10.0


class KeySource(Protocol):
    """Where published keys come from."""

    async def read(self) -> Mapping[str, Any]:
        """Return a JSON Web Key Set. Raises OSError or ValueError when there is none."""
        ...


class TokenIssuer:
    """One issuer; keys are read on first use, kept, and read again when they are old or a token names a new one."""

    def __init__(
        self, settings: IssuerSettings, source: KeySource | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        if source is None and settings.jwks_url is not None:
            # Its HTTP client takes a quarter of a second to import, and not every gateway reads keys.
            from ..transport.json_document import JsonDocument

            source = JsonDocument(settings.jwks_url)
        self._source = source
        self._clock = clock
        self._shared_key = jwk.OctKey.import_key(settings.secret.get_secret_value()) if settings.secret else None
        self._keys: dict[str | None, jwk.Key] = {}
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None
        self.generation = 0
        """Counts the changes of the keys: what was verified under an older one must be verified again."""

    @property
    def name(self) -> str | None:
        """The `iss` of its tokens; None takes any."""
        return self._settings.issuer

    @property
    def is_stale(self) -> bool:
        """Whether its keys are so old that they must be read before a token is believed."""
        return self._source is not None and self._clock() - self._read_at > self._settings.jwks_refresh

    async def verify(self, token: str, header: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the claims of a token that it has signed for us; times are the caller's to check. Raises Unauthenticated."""
        algorithm = header.get("alg")
        if algorithm == "HS256" and self._shared_key is not None:
            claims = _verified_claims(token, self._shared_key, "HS256")
        # The key decides, not the token: a public key is never used as a shared secret, "none" is no algorithm.
        elif (
            self._source is None
            or not isinstance(algorithm, str)
            or algorithm.startswith("HS")
            or algorithm not in self._settings.algorithms
        ):
            raise Unauthenticated("The token's algorithm is not accepted.")
        else:
            claims = _verified_claims(token, await self._key_for(header.get("kid")), algorithm)
        self._check_issuer_and_audience(claims)
        return claims

    async def _key_for(self, key_id: str | None) -> jwk.Key:
        age = self._clock() - self._read_at
        if self.is_stale or (key_id not in self._keys and age > UNKNOWN_KEY_PAUSE):
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
            logger.warning("jwks.unreadable", issuer=self.name, problem=str(error) or type(error).__name__)
            # Not at once again for each request.
            self._read_at = max(self._read_at, self._clock() - self._settings.jwks_refresh + UNKNOWN_KEY_PAUSE)
            return
        if keys.keys() != self._keys.keys():
            # Tokens of a key that is gone must not live on in anybody's memory.
            self.generation += 1
        self._keys = keys
        self._read_at = self._clock()

    def _check_issuer_and_audience(self, claims: Mapping[str, Any]) -> None:
        settings = self._settings
        if settings.issuer is not None and claims.get("iss") != settings.issuer:
            raise Unauthenticated("The token is from another issuer.")
        if settings.audience is None:
            return
        audience = claims.get("aud")
        if settings.audience not in (audience if isinstance(audience, list) else [audience]):
            raise Unauthenticated("The token is for another audience.")


def _verified_claims(token: str, key: jwk.Key, algorithm: str) -> Mapping[str, Any]:
    try:
        payload = jws.deserialize_compact(token, key, algorithms=[algorithm]).payload
        claims = orjson.loads(payload)
    except (JoseError, ValueError) as error:
        raise Unauthenticated("The token's signature does not fit.") from error
    if not isinstance(claims, dict):
        raise Unauthenticated("The token has no claims.")
    return claims
