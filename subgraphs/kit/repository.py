"""The base of every repository: one session, typed lookups, and constraint names turned into domain errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from .errors import DomainError, InvalidInput
from .models import Model

M = TypeVar("M", bound=Model)

UNSTORABLE = frozenset({"22021", "22P05"})  # character_not_in_repertoire, untranslatable_character (a NUL within JSON)


class Repository(Generic[M]):
    """Every SQL statement of a subgraph lives in a subclass. It never commits: the service owns the transaction."""

    model: type[M]

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get(self, id: UUID) -> M | None:
        return await self.session.get(self.model, id)

    async def get_many(self, ids: Iterable[UUID]) -> dict[UUID, M]:
        """The rows of these ids, by id; those that do not exist are left out."""
        identifier: Any = self.model.__table__.c.id
        result = await self.session.scalars(select(self.model).where(identifier.in_(set(ids))))
        return {row.id: row for row in result}  # type: ignore[attr-defined]

    async def add(self, row: M, *, on_conflict: Mapping[str, DomainError] | None = None) -> M:
        """Insert a row and read back what the database filled in. `on_conflict` maps constraint names to the errors they mean."""
        with conflicts_as(on_conflict or {}):
            self.session.add(row)
            await self.session.flush()
        await self.session.refresh(row)
        return row


@contextmanager
def conflicts_as(errors: Mapping[str, DomainError]) -> Iterator[None]:
    """Raise the domain error that a violated constraint stands for; other violations pass through as they are."""
    try:
        yield
    except IntegrityError as error:
        name = constraint_name(error)
        if name is not None and name in errors:
            raise errors[name] from error
        raise


def storage_refusal(error: BaseException | None) -> InvalidInput | None:
    """What to tell a person whose text PostgreSQL cannot store (it has no NUL character); None for every other failure."""
    if not isinstance(error, DBAPIError):
        return None
    cause: BaseException | None = error.orig
    while cause is not None:
        if getattr(cause, "sqlstate", None) in UNSTORABLE:
            return InvalidInput("A text contains a NUL character or another one that cannot be stored; leave it out.")
        cause = cause.__cause__
    return None


def constraint_name(error: IntegrityError) -> str | None:
    """The name of the constraint that PostgreSQL reports as violated."""
    cause: BaseException | None = error.orig
    while cause is not None:
        name = getattr(cause, "constraint_name", None)
        if isinstance(name, str):
            return name
        cause = cause.__cause__
    return None
