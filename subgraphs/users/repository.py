"""Every SQL statement on accounts, what admins did to them, signing keys and allowances."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.pagination import Page, PageRequest, SortKey, fetch_page
from ..kit.repository import Repository
from .models import Allowance, AuditEntry, SigningKey, User
from .rules import AccountStatus, Role

KEYS_LOCK = 0x7A6E_1001  # taken to make a signing key, so that replicas which start together make one
ADMINS_LOCK = 0x7A6E_1002  # taken before there is one admin fewer, so that two of them cannot remove each other
GRAM = 3  # characters; a shorter search reads the accounts in the order of the list until the page is full
MAX_KEYS = 20  # kept and published at most; rotation leaves two or three


class UserOrder(StrEnum):
    """How a list of accounts is sorted."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which accounts an admin wants to see: all conditions together. `search` is a part of a name or address."""

    search: str = ""
    roles: tuple[Role, ...] = ()
    status: AccountStatus | None = None


class UserRepository(Repository[User]):
    model = User

    async def get_for_update(self, id: UUID) -> User | None:
        return await self.session.get(User, id, with_for_update=True, populate_existing=True)

    async def find_by_email(self, email: str) -> User | None:
        return await self.session.scalar(select(User).where(User.email == email))

    async def add_if_new(self, user: User) -> bool:
        """Insert the account unless its id or its address is there already; True when it was inserted."""
        values = {"id": user.id, "email": user.email, "name": user.name, "role": user.role, "issuer": user.issuer}
        statement = insert(User).values(**values, email_verified_at=user.email_verified_at)
        result = await self.session.execute(statement.on_conflict_do_nothing().returning(User.id))
        return result.first() is not None

    async def page(self, wanted: UserFilter, order: UserOrder, request: PageRequest) -> Page[User]:
        """Accounts for an admin. Deleted ones are only listed when they are asked for."""
        return await fetch_page(self.session, _filtered(select(User), wanted), _ORDERS[order], request)

    async def count(self, wanted: UserFilter) -> int:
        return await self.session.scalar(_filtered(select(func.count()).select_from(User), wanted)) or 0

    async def lock_admins(self) -> set[UUID]:
        """The ids of those who are admins now. Until the end of the transaction nobody else makes one fewer."""
        await self.session.execute(select(func.pg_advisory_xact_lock(ADMINS_LOCK)))
        statement = select(User.id).where(User.role == Role.ADMIN)
        statement = statement.where(User.suspended_at.is_(None), User.deleted_at.is_(None))
        return set(await self.session.scalars(statement))


def _filtered(statement: Select[Any], wanted: UserFilter) -> Select[Any]:
    if wanted.search:
        # Lower case by the database on both sides: it and Python disagree about some letters.
        pattern = func.lower("%" + re.sub(r"([\\%_])", r"\\\1", wanted.search) + "%")
        statement = statement.where(or_(func.lower(User.name).like(pattern), User.email.like(pattern)))
        if len(wanted.search) >= GRAM:
            # What the index finds: who has all the three letters in a row of the search, somewhere.
            grams = func.users.grams(wanted.search, type_=ARRAY(Text))
            statement = statement.where(User.search_grams.contains(grams))
    if wanted.roles:
        statement = statement.where(User.role.in_(wanted.roles))
    if wanted.status is AccountStatus.SUSPENDED:
        statement = statement.where(User.suspended_at.is_not(None), User.deleted_at.is_(None))
    elif wanted.status is AccountStatus.DELETED:
        statement = statement.where(User.deleted_at.is_not(None))
    elif wanted.status is AccountStatus.ACTIVE:
        statement = statement.where(User.suspended_at.is_(None), User.deleted_at.is_(None))
    else:
        statement = statement.where(User.deleted_at.is_(None))
    return statement


_ORDERS = {
    UserOrder.NEWEST: (
        SortKey("created_at", User.created_at, descending=True),
        SortKey("id", User.id, descending=True),
    ),
    UserOrder.OLDEST: (SortKey("created_at", User.created_at), SortKey("id", User.id)),
    UserOrder.NAME: (SortKey("name", User.name), SortKey("id", User.id)),
}


class AuditRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def add(self, *, actor_id: UUID | None, action: str, user_id: UUID, details: dict[str, Any]) -> None:
        self.session.add(AuditEntry(actor_id=actor_id, action=action, user_id=user_id, details=details))

    async def page(self, user_id: UUID | None, request: PageRequest) -> Page[AuditEntry]:
        """What was done, newest first: to everybody, or to one account."""
        return await fetch_page(self.session, _audited(select(AuditEntry), user_id), _AUDIT_ORDER, request)

    async def count(self, user_id: UUID | None) -> int:
        return await self.session.scalar(_audited(select(func.count()).select_from(AuditEntry), user_id)) or 0


_AUDIT_ORDER = (SortKey("seq", AuditEntry.seq, descending=True),)


def _audited(statement: Select[Any], user_id: UUID | None) -> Select[Any]:
    return statement if user_id is None else statement.where(AuditEntry.user_id == user_id)


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

    async def purge(self, before: datetime) -> None:
        await self.session.execute(delete(Allowance).where(Allowance.free_at < before))

    async def reset(self, key: str) -> None:
        await self.session.execute(delete(Allowance).where(Allowance.key == key))
