"""Turn an Authorization header into a Viewer: access tokens of our own users subgraph and of Supabase, checked as RFC 8725 asks."""

from __future__ import annotations

import asyncio
import base64
import hmac
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

import aiohttp
import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from .errors import NotAllowed, NotAuthenticated

LEEWAY = 30  # seconds of clock difference tolerated, as RFC 8725 deployments do
KEYS_MAX_AGE = 600.0  # seconds; Supabase's clients cache its keys as long
REFETCH_PAUSE = 10.0  # seconds between two fetches forced by an unknown kid, so that forged kids cannot make us a flood
KEYS_TIMEOUT = 3.0  # seconds to fetch a key set
ASYMMETRIC_ALGORITHMS = ["EdDSA", "Ed25519", "ES256", "RS256"]
CHECK_LASTS = (
    30.0  # seconds for which a signature is not checked again: who types sends his token several times a second
)
TOKENS_REMEMBERED = 10_000  # some 10 MB
SERVICE_HEADER = "x-tandem-service"
SECRET_HEADER = "x-gateway-secret"
SIGNATURE = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")
SIGNATURE_LASTS = 60  # seconds, and as much for a clock that goes wrong


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. `user_id` is None for a visitor; `service` names the subgraph that calls on its own behalf."""

    user_id: UUID | None = None
    roles: frozenset[str] = frozenset()
    session_id: str | None = None
    expires_at: float | None = None
    """When the token ends, in seconds since the epoch."""
    service: str | None = None
    issuer: str | None = None
    email: str | None = None
    name: str | None = None

    @property
    def is_authenticated(self) -> bool:
        return self.user_id is not None

    def has_role(self, role: str) -> bool:
        return role in self.roles

    def require_user(self) -> UUID:
        """The person's id. Raises NotAuthenticated for visitors."""
        if self.user_id is None:
            raise NotAuthenticated
        return self.user_id

    def require_role(self, *roles: str) -> UUID:
        """The person's id. Raises NotAllowed unless one of these roles is held."""
        user_id = self.require_user()
        if not self.roles.intersection(roles):
            raise NotAllowed(f"This needs the role {' or '.join(roles)}.")
        return user_id

    def require_service(self) -> str:
        """The calling subgraph's name. Raises NotAllowed for people."""
        if self.service is None:
            raise NotAllowed("Only other services of Tandem may ask this.")
        return self.service


ANONYMOUS = Viewer()


class TokenKeys(Protocol):
    """Where the keys come from that sign tokens of one issuer."""

    async def get(self, kid: str | None) -> KeySet:
        """The current keys; fetched anew when `kid` is not among those known."""
        ...


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """One issuer whose tokens are accepted: the exact `iss`, the `aud`, the algorithms, the keys."""

    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    keys: TokenKeys
    roles_claim: str = "roles"
    token_types: frozenset[str] = frozenset({"at+jwt"})
    """Accepted values of the `typ` header (RFC 9068 calls access tokens at+jwt); Supabase says JWT."""


class RemoteKeys:
    """The key set at a URL (JWKS), cached, fetched again when it is old or a kid is unknown. It keeps old keys while the URL is down."""

    def __init__(self, url: str, *, headers: Mapping[str, str] | None = None) -> None:
        self.url = url
        self._headers = dict(headers or {})
        self._keys: KeySet | None = None
        self._fetched_at = 0.0
        self._lock = asyncio.Lock()

    async def get(self, kid: str | None) -> KeySet:
        if self._keys is None or self._is_stale(kid):
            async with self._lock:
                if self._keys is None or self._is_stale(kid):
                    await self._fetch()
        if self._keys is None:
            raise NotAuthenticated("Tokens cannot be checked right now; try again in a moment.")
        return self._keys

    def _is_stale(self, kid: str | None) -> bool:
        age = time.monotonic() - self._fetched_at
        if age > KEYS_MAX_AGE:
            return True
        known = {key.kid for key in self._keys.keys} if self._keys else set()
        return kid not in known and age > REFETCH_PAUSE

    async def _fetch(self) -> None:
        try:
            timeout = aiohttp.ClientTimeout(total=KEYS_TIMEOUT)
            async with (
                aiohttp.ClientSession(timeout=timeout) as client,
                client.get(self.url, headers=self._headers) as response,
            ):
                response.raise_for_status()
                self._keys = KeySet.import_key_set(await response.json())
                self._fetched_at = time.monotonic()
        except (aiohttp.ClientError, TimeoutError, ValueError, JoseError):
            if self._keys is not None:
                # Old keys are better than none; ask again after the pause.
                self._fetched_at = time.monotonic() - KEYS_MAX_AGE + REFETCH_PAUSE


@dataclass(frozen=True, slots=True)
class FixedKeys:
    """Keys known from the start: the users subgraph's own, or Supabase's legacy shared secret."""

    key_set: KeySet

    @classmethod
    def from_secret(cls, secret: str) -> FixedKeys:
        return cls(KeySet([OctKey.import_key(secret)]))

    async def get(self, kid: str | None) -> KeySet:
        return self.key_set


@dataclass(slots=True)
class TokenVerifier:
    """Checks access tokens against the trusted issuers. A token's own header never chooses the algorithm or the issuer's keys."""

    issuers: list[TrustedIssuer] = field(default_factory=list)
    is_signed_out: Callable[[Viewer], bool] = lambda viewer: False
    """Whether a log-in was ended although its token is good (`sign_outs.SignOuts.is_out`)."""

    _checked: dict[str, tuple[Viewer, float]] = field(default_factory=dict)
    """Tokens whose signature was good, until when (monotonic seconds) it counts as checked."""

    async def verify(self, token: str) -> Viewer:
        """The viewer that the token stands for. Raises NotAuthenticated with the reason, never a detail of the check."""
        viewer, until = self._checked.get(token, (None, 0.0))
        if viewer is None or time.monotonic() > until or _has_run_out(viewer):
            viewer = await self._check(token)
            if len(self._checked) >= TOKENS_REMEMBERED:
                self._checked.clear()
            self._checked[token] = viewer, time.monotonic() + CHECK_LASTS
        if self.is_signed_out(viewer):
            raise NotAuthenticated("You have been signed out; log in again.")
        return viewer

    async def _check(self, token: str) -> Viewer:
        claims_issuer, header = _peek(token)
        for trusted in self.issuers:
            if trusted.issuer == claims_issuer and header.get("alg") in trusted.algorithms:
                return await self._verify_with(trusted, token, header)
        raise NotAuthenticated("The access token is not one of this system.")

    async def _verify_with(self, trusted: TrustedIssuer, token: str, header: Mapping[str, Any]) -> Viewer:
        if str(header.get("typ", "")).lower() not in trusted.token_types:
            raise NotAuthenticated("The token is not an access token.")
        kid = header.get("kid")
        keys = await trusted.keys.get(kid if isinstance(kid, str) else None)
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": trusted.issuer},
            aud={"essential": True, "value": trusted.audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            claims = jwt.decode(token, keys, algorithms=list(trusted.algorithms)).claims
            registry.validate(claims)
            return _viewer_from(claims, trusted)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotAuthenticated("The access token is expired or not valid; log in again or refresh it.") from error


def bearer_token(authorization: str | None) -> str | None:
    """The token in `Authorization: Bearer ...`; None without the header. Raises NotAuthenticated for any other scheme."""
    if not authorization:
        return None
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated("The Authorization header is not of the form 'Bearer <token>'.")
    return token.strip()


def proves_secret(given: str | None, secret: str, now: float) -> bool:
    """Whether a header shows that its sender knows the secret: by the secret itself, or by `t=<unix seconds>,v1=<HMAC-SHA256 of t>`."""
    if given is None:
        return False
    signed = SIGNATURE.fullmatch(given)
    if signed is None:
        return secrets_equal(given, secret)
    expected = hmac.new(secret.encode(), signed[1].encode(), sha256).hexdigest()
    return secrets_equal(signed[2], expected) and abs(now - int(signed[1])) <= SIGNATURE_LASTS


def secrets_equal(given: str | None, expected: str) -> bool:
    """Compare in constant time."""
    return given is not None and hmac.compare_digest(given.encode(), expected.encode())


def _has_run_out(viewer: Viewer) -> bool:
    return viewer.expires_at is not None and time.time() > viewer.expires_at + LEEWAY


def _peek(token: str) -> tuple[str, Mapping[str, Any]]:
    """The unverified issuer and header: only to choose which trusted issuer's rules apply."""
    try:
        head, body, _ = token.split(".")
        header = orjson.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        claims = orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return str(claims["iss"]), dict(header)
    except (ValueError, KeyError, TypeError) as error:
        raise NotAuthenticated("The access token is not a JSON web token.") from error


def _viewer_from(claims: Mapping[str, Any], trusted: TrustedIssuer) -> Viewer:
    roles: Any = claims
    for part in trusted.roles_claim.split("."):
        roles = roles.get(part, {}) if isinstance(roles, Mapping) else {}
    names = [roles] if isinstance(roles, str) else roles if isinstance(roles, list) else []
    return Viewer(
        user_id=UUID(str(claims["sub"])),
        roles=frozenset(str(name) for name in names),
        session_id=str(claims["sid"]) if "sid" in claims else claims.get("session_id"),
        expires_at=float(claims["exp"]),
        issuer=trusted.issuer,
        email=claims.get("email"),
    )
