"""Hash and check passwords with argon2id as OWASP asks, in threads, so many at a time and no more."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane; 22 ms here.
MEMORY_COST = 19456  # KiB
TIME_COST = 2
PARALLELISM = 1


class Passwords:
    """One per process: the semaphore bounds memory and CPU however many people log in at once."""

    def __init__(self, *, concurrency: int) -> None:
        self._hasher = PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_COST, parallelism=PARALLELISM)
        self._slots = asyncio.Semaphore(concurrency)
        # Checked for people who do not exist, so that the answer takes as long as for those who do.
        self._decoy = self._hasher.hash("nobody's password")

    async def hash(self, password: str) -> str:
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def hash_nobody_knows(self) -> str:
        """A hash that no password fits, and that takes as long to check as any other: for accounts whose password is yet to be chosen."""
        return await self.hash(secrets.token_urlsafe(32))

    async def is_match(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the one. Takes the same time for `None` (no such account, or one without a password)."""
        async with self._slots:
            is_match = await asyncio.to_thread(self._check, password_hash or self._decoy, password)
        return is_match and password_hash is not None

    def needs_rehash(self, password_hash: str) -> bool:
        """True for a hash made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _check(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
