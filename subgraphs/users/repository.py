"""Every SQL statement on accounts, signing keys and allowances. Sessions and refresh tokens are in session_repository."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.repository import Repository
from .models import Allowance, SigningKey, User

KEYS_LOCK = 0x7A6E_1001  # taken to make a signing key, so that replicas which start together make one
MAX_KEYS = 20  # kept and published at most; rotation leaves two or three


class UserRepository(Repository[User]):
    model = User

    async def get_for_update(self, id: UUID) -> User | None:
        return await self.session.get(User, id, with_for_update=True, populate_existing=True)

    async def find_by_email(self, email: str) -> User | None:
        return await self.session.scalar(select(User).where(User.email == email))

    async def add_if_new(self, user: User) -> bool:
        """Insert the account unless its id is there already; True when it was inserted."""
        values = {"id": user.id, "email": user.email, "name": user.name, "role": user.role, "issuer": user.issuer}
        statement = insert(User).values(**values, email_verified_at=user.email_verified_at)
        result = await self.session.execute(statement.on_conflict_do_nothing(index_elements=["id"]).returning(User.id))
        return result.first() is not None


class SigningKeyRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def lock(self) -> None:
        """Until the end of the transaction nobody else makes a key."""
        await self.session.execute(select(func.pg_advisory_xact_lock(KEYS_LOCK)))

    async def list_newest_first(self) -> list[SigningKey]:
        statement = select(SigningKey).order_by(SigningKey.active_from.desc(), SigningKey.kid)
        return list(await self.session.scalars(statement.limit(MAX_KEYS)))

    async def add(self, key: SigningKey) -> None:
        self.session.add(key)
        await self.session.flush()

    async def delete(self, kids: list[str]) -> None:
        await self.session.execute(delete(SigningKey).where(SigningKey.kid.in_(kids)))


# GCRA for several keys in one statement. A key's row is updated, and so returned, only while its allowance lasts.
_TAKE = text("""
    INSERT INTO users.allowances AS known (key, free_at)
    SELECT key, now() + make_interval(secs => step)
    FROM unnest(CAST(:keys AS text[]), CAST(:steps AS float8[])) AS given (key, step) ORDER BY key
    ON CONFLICT (key) DO UPDATE
    SET free_at = greatest(known.free_at, now()) + (excluded.free_at - now())
    WHERE greatest(known.free_at, now()) + (excluded.free_at - now()) <= now() + make_interval(secs => :window)
    RETURNING key
""")


class AllowanceRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def take(self, limits: Mapping[str, int], window: timedelta) -> set[str]:
        """Use one of each allowance (key -> how many per window); the keys that had one left."""
        seconds = window.total_seconds()
        keys = sorted(limits)
        parameters = {"keys": keys, "steps": [seconds / limits[key] for key in keys], "window": seconds}
        return set((await self.session.execute(_TAKE, parameters)).scalars())

    async def free_at(self, key: str) -> datetime | None:
        return await self.session.scalar(select(Allowance.free_at).where(Allowance.key == key))

    async def reset(self, key: str) -> None:
        await self.session.execute(delete(Allowance).where(Allowance.key == key))
