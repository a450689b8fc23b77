"""Idempotency keys: the same creating call, sent again within a day, does nothing and gives the first call's result.

async with database.transaction() as session:
    known = await keys.recall(session, call)         # a second call waits here until the first has committed
    if known is not None:
        return await load(known)
    thing = await create(session)
    await keys.remember(session, call, {"id": str(thing.id)})
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Index, String, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from .errors import Conflict, InvalidInput
from .events import JsonObject
from .retention import Purge, purge_where

MAX_KEY_LENGTH = 100
LIFETIME = timedelta(days=1)


class IdempotencyKeyReused(Conflict):
    """Raised when a key comes back with other input: a client's mistake that must not pass as success."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self) -> None:
        super().__init__("This idempotency key was used for another call; take a new key for a new call.")


class IdempotencyRow:
    """A creating call that was done. Derive `class Idempotency(IdempotencyRow, Base)` beside the outbox."""

    __tablename__ = "idempotency_keys"

    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    operation: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(MAX_KEY_LENGTH), primary_key=True)
    fingerprint: Mapped[bytes]
    result: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index, ...]:
        # Built anew for each subgraph: an index belongs to one table.
        return (Index("ix_idempotency_keys_created_at", "created_at"),)


@dataclass(frozen=True, slots=True)
class IdempotentCall:
    """One creating call: whose, which operation, under which key, with which input (a hash of it)."""

    owner: str
    operation: str
    key: str
    fingerprint: bytes


def idempotent_call(
    key: str | None, *, owner: UUID | None, operation: str, request: JsonObject
) -> IdempotentCall | None:
    """The call that a key stands for; None without a key. Leave secrets out of `request`. Raises InvalidInput for a bad key."""
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_KEY_LENGTH or not key.isprintable():
        raise InvalidInput(
            f"An idempotency key has from 1 to {MAX_KEY_LENGTH} printable characters.", field="idempotencyKey"
        )
    fingerprint = hashlib.sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS, default=str)).digest()
    return IdempotentCall(str(owner) if owner else "visitor", operation, key, fingerprint)


@dataclass(frozen=True, slots=True)
class IdempotencyKeys:
    """The keys of one subgraph, in a table of its own; used inside the transaction of the call."""

    row_class: type[IdempotencyRow]

    async def recall(self, session: AsyncSession, call: IdempotentCall | None) -> JsonObject | None:
        """What the first call left with `remember`; None when this is the first. Raises IdempotencyKeyReused.

        The row is inserted at once: of two calls at the same time the second waits for the first one's transaction.
        """
        if call is None:
            return None
        row = self.row_class
        known = {"owner": call.owner, "operation": call.operation, "key": call.key}
        statement = insert(row).values(**known, fingerprint=call.fingerprint)
        # A key older than a day is as good as new.
        statement = statement.on_conflict_do_update(
            index_elements=["owner", "operation", "key"],
            set_={"fingerprint": call.fingerprint, "result": None, "created_at": func.now()},
            where=row.created_at < func.now() - LIFETIME,
        )
        if (await session.execute(statement.returning(row.key))).first() is not None:
            return None
        found = (await session.execute(select(row.fingerprint, row.result).filter_by(**known))).one()
        if found.fingerprint != call.fingerprint:
            raise IdempotencyKeyReused
        result: JsonObject = found.result or {}
        return result

    async def result(self, session: AsyncSession, call: IdempotentCall | None) -> JsonObject | None:
        """What an earlier call left, without beginning one: for calls with checks that a repeated one shall not meet again.

        Raises IdempotencyKeyReused. None is no promise: `recall` decides, in the transaction of the call.
        """
        if call is None:
            return None
        row = self.row_class
        statement = select(row.fingerprint, row.result).filter_by(
            owner=call.owner, operation=call.operation, key=call.key
        )
        found = (await session.execute(statement.where(row.created_at >= func.now() - LIFETIME))).one_or_none()
        if found is None:
            return None
        if found.fingerprint != call.fingerprint:
            raise IdempotencyKeyReused
        result: JsonObject | None = found.result
        return result

    async def forget(self, session: AsyncSession, owner: UUID) -> None:
        """Delete the calls of somebody who is erased."""
        await session.execute(delete(self.row_class).where(self.row_class.owner == str(owner)))

    async def remember(self, session: AsyncSession, call: IdempotentCall | None, result: JsonObject) -> None:
        """Keep what is needed to give the same answer again: ids, never secrets."""
        if call is None:
            return
        row = self.row_class
        statement = update(row).where(row.owner == call.owner, row.operation == call.operation, row.key == call.key)
        await session.execute(statement.values(result=result))

    @property
    def purge(self) -> Purge:
        """The keys that are older than a day."""
        row = self.row_class
        return purge_where(row, lambda: row.created_at < func.now() - LIFETIME)
