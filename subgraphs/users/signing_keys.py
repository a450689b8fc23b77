"""The key pairs that sign access tokens: kept in the database, shared by all replicas, replaced without anybody noticing.

    published ──LEAD──▶ signs ──signing_key_lifetime──▶ the next one signs ──AFTERLIFE──▶ deleted

A new key stands in the key set for LEAD before it signs, so that every cache of the set has it by then.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import orjson
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.jwk import ECKey, KeySet
from prometheus_client import Gauge

from ..kit.auth import KEYS_MAX_AGE
from ..kit.database import Database
from ..kit.errors import SettingsError
from .models import SigningKey
from .repository import SigningKeyRepository

logger = structlog.get_logger(__name__)
SIGNING_KEY_AGE = Gauge(
    "tandem_signing_key_age_seconds", "Time for which the key that signs access tokens has been in use"
)

ALGORITHM = "ES256"
CURVE = "P-256"
LEAD = timedelta(seconds=2 * KEYS_MAX_AGE)  # twice as long as anybody caches the key set
AFTERLIFE = timedelta(hours=2)  # more than the longest access token's life, and leeway
CACHE_AGE = 30.0  # seconds a replica may miss a new key; far less than LEAD
UNKNOWN_KID_PAUSE = 5.0  # seconds between two looks for an unknown kid, so that forged kids cost nothing
NONCE_BYTES = 12  # of AES-GCM


@dataclass(frozen=True, slots=True)
class _Loaded:
    """The keys as they were at `read_at` (seconds of the monotonic clock), newest first."""

    keys: tuple[tuple[datetime, ECKey], ...]
    public: KeySet
    read_at: float


class SigningKeys:
    """The keys of this system. Is a `kit.auth.TokenKeys`."""

    def __init__(
        self,
        database: Database,
        *,
        secret: str | None,
        lifetime: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._cipher = AESGCM(_encryption_key(secret)) if secret else None
        self._lifetime = lifetime
        self._clock = clock
        self._loaded: _Loaded | None = None
        self._lock = asyncio.Lock()

    async def current(self) -> ECKey:
        """The private key that signs now."""
        keys = (await self._load(CACHE_AGE)).keys
        now = self._clock()
        active = [key for active_from, key in keys if active_from <= now]
        # None is active yet where the very first one was made by a replica whose clock is ahead of ours.
        return active[0] if active else keys[-1][1]

    async def get(self, kid: str | None) -> KeySet:
        loaded = await self._load(CACHE_AGE)
        if kid not in {key.kid for _, key in loaded.keys}:
            loaded = await self._load(UNKNOWN_KID_PAUSE)
        return loaded.public

    async def public_key_set(self) -> dict[str, Any]:
        """The JWKS document: public halves only."""
        keys = (await self._load(CACHE_AGE)).public.keys
        return {"keys": [{**key.as_dict(private=False), "use": "sig", "alg": ALGORITHM} for key in keys]}

    async def rotate(self) -> bool:
        """Make the next key when it is time and delete the dead ones. Any number of replicas may call it; True when one was made."""
        now = self._clock()
        async with self._database.transaction() as session:
            repository = SigningKeyRepository(session)
            await repository.lock()
            rows = await repository.list_newest_first()
            is_due = not rows or rows[0].active_from + self._lifetime <= now + LEAD
            if is_due:
                # The very first key signs at once: nobody has cached a key set without it.
                await repository.add(self._new_row(now, active_from=now + LEAD if rows else now))
            signing = next((row for row in rows if row.active_from <= now), None)
            SIGNING_KEY_AGE.set((now - signing.active_from).total_seconds() if signing else 0)
            dead = _dead_kids(rows, now)
            if dead:
                await repository.delete(dead)
        if is_due or dead:
            self._loaded = None
            logger.info("signing_keys.rotated", made=is_due, deleted=dead)
        return is_due

    async def _load(self, max_age: float) -> _Loaded:
        loaded = self._loaded
        if loaded is not None and time.monotonic() - loaded.read_at <= max_age:
            return loaded
        async with self._lock:
            loaded = self._loaded
            if loaded is None or time.monotonic() - loaded.read_at > max_age:
                loaded = self._loaded = await self._read()
        return loaded

    async def _read(self) -> _Loaded:
        rows = await self._rows()
        if not rows:
            await self.rotate()
            rows = await self._rows()
        keys = tuple((row.active_from, self._key_from(row)) for row in rows)
        public = KeySet([ECKey.import_key(key.as_dict(private=False)) for _, key in keys])
        return _Loaded(keys, public, time.monotonic())

    async def _rows(self) -> list[SigningKey]:
        async with self._database.session() as session:
            return await SigningKeyRepository(session).list_newest_first()

    def _new_row(self, now: datetime, *, active_from: datetime) -> SigningKey:
        key = ECKey.generate_key(CURVE, auto_kid=True)
        private = orjson.dumps(key.as_dict(private=True))
        kid = str(key.kid)
        if self._cipher is not None:
            nonce = os.urandom(NONCE_BYTES)
            private = nonce + self._cipher.encrypt(nonce, private, kid.encode())
        return SigningKey(
            kid=kid,
            public_key=dict(key.as_dict(private=False)),
            private_key=private,
            is_encrypted=self._cipher is not None,
            created_at=now,
            active_from=active_from,
        )

    def _key_from(self, row: SigningKey) -> ECKey:
        private = row.private_key
        if row.is_encrypted:
            try:
                if self._cipher is None:
                    raise InvalidTag
                private = self._cipher.decrypt(private[:NONCE_BYTES], private[NONCE_BYTES:], row.kid.encode())
            except InvalidTag as error:
                raise SettingsError(
                    f"SIGNING_KEY_SECRET is not the one that encrypted signing key {row.kid}; "
                    "set that one, or delete the key's row (everybody must log in again then)"
                ) from error
        return ECKey.import_key(orjson.loads(private))


async def keep_rotating(rotate: Callable[[], Awaitable[object]], *, pause: float = 600.0) -> None:
    """Look every `pause` seconds, for ever; LEAD is longer than that."""
    while True:
        await rotate()
        await asyncio.sleep(pause)


def _dead_kids(rows: list[SigningKey], now: datetime) -> list[str]:
    """Keys whose successor has signed for so long that no token of theirs can be alive."""
    return [older.kid for newer, older in pairwise(rows) if newer.active_from + AFTERLIFE <= now]


def _encryption_key(secret: str) -> bytes:
    return HKDF(hashes.SHA256(), length=32, salt=None, info=b"tandem signing keys").derive(secret.encode())
