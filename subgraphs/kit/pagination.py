"""Keyset pagination with opaque cursors: no row is lost or repeated when rows are inserted while a client pages."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Select, and_, cast, func, or_, select, true, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from .errors import InvalidInput

T = TypeVar("T")
R = TypeVar("R")
M = TypeVar("M")

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`first` items after the item that the opaque cursor `after` names."""

    first: int = DEFAULT_PAGE_SIZE
    after: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.first <= MAX_PAGE_SIZE:
            raise InvalidInput(f"first is {self.first}; it must be from 1 to {MAX_PAGE_SIZE}.", field="first")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page in order, each item with its cursor, and whether more follow."""

    items: tuple[T, ...]
    cursors: tuple[str, ...]
    has_next_page: bool

    def map(self, change: Callable[[T], R]) -> Page[R]:
        return Page(tuple(change(item) for item in self.items), self.cursors, self.has_next_page)


@dataclass(frozen=True, slots=True)
class SortKey:
    """One column of the order. The last key of an order must be unique (the id), so that the order is total."""

    name: str
    column: Any
    descending: bool = False


async def fetch_page(
    session: AsyncSession,
    statement: Select[*tuple[Any, ...]],
    keys: Sequence[SortKey],
    request: PageRequest,
    *,
    scalars: bool = True,
) -> Page[Any]:
    """Run `statement` for one page in the order of `keys`. The columns of the keys are read from the rows by their name.

    With `scalars=False` rows are returned whole (for statements that select more than one entity) and the keys must be labelled
    columns of the row. Raises InvalidInput when the cursor is not one of this order.
    """
    if request.after is not None:
        statement = statement.where(_after(keys, decode_cursor(request.after, keys)))
    statement = statement.order_by(*(key.column.desc() if key.descending else key.column.asc() for key in keys))
    result = await session.execute(statement.limit(request.first + 1))
    rows = list(result.scalars().all()) if scalars else list(result.all())
    return _page_of(rows, keys, request)


async def fetch_pages(
    session: AsyncSession,
    model: type[M],
    parent: Any,
    parents: Collection[UUID],
    keys: Sequence[SortKey],
    request: PageRequest,
    *conditions: ColumnElement[bool],
) -> dict[UUID, Page[M]]:
    """The same page of the rows of many parents, in one statement that reads no more of each than the page. `parent` is the column with
    the parent's id. Raises InvalidInput when the cursor is not one of this order.
    """
    asked = select(func.unnest(cast(list(set(parents)), ARRAY(PG_UUID(as_uuid=True)))).label("id")).subquery()
    statement = select(model).where(parent == asked.c.id, *conditions)
    if request.after is not None:
        statement = statement.where(_after(keys, decode_cursor(request.after, keys)))
    order = [key.column.desc() if key.descending else key.column.asc() for key in keys]
    rows_of_one = statement.order_by(*order).limit(request.first + 1).lateral()
    row = aliased(model, rows_of_one)
    columns = [rows_of_one.c[key.column.key] for key in keys]
    order = [c.desc() if key.descending else c.asc() for key, c in zip(keys, columns, strict=True)]
    found = await session.execute(select(asked.c.id, row).join(row, true()).order_by(asked.c.id, *order))
    rows: dict[UUID, list[M]] = {id: [] for id in parents}
    for id, item in found:
        rows[id].append(item)
    return {id: _page_of(items, keys, request) for id, items in rows.items()}


async def fetch_counts(
    session: AsyncSession, parent: Any, parents: Collection[UUID], *conditions: ColumnElement[bool]
) -> dict[UUID, int]:
    """How many rows each of many parents has, in one statement. `parent` is the column with the parent's id."""
    statement = select(parent, func.count()).where(parent.in_(set(parents)), *conditions).group_by(parent)
    found = {row[0]: row[1] for row in await session.execute(statement)}
    return {id: found.get(id, 0) for id in parents}


def encode_cursor(keys: Sequence[SortKey], values: Sequence[Any]) -> str:
    """The cursor of a row: its key values and the order they belong to, opaque to clients."""
    shape = ",".join(f"{'-' if key.descending else ''}{key.name}" for key in keys)
    return base64.urlsafe_b64encode(orjson.dumps([shape, *values], default=str)).decode().rstrip("=")


def decode_cursor(cursor: str, keys: Sequence[SortKey]) -> list[Any]:
    """The key values in a cursor of this order. Raises InvalidInput when it is none, or of another order."""
    shape = ",".join(f"{'-' if key.descending else ''}{key.name}" for key in keys)
    try:
        found_shape, *values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if found_shape == shape and len(values) == len(keys):
            return [_typed(key, value) for key, value in zip(keys, values, strict=True)]
    except (ValueError, TypeError, OverflowError):
        pass
    raise InvalidInput(
        "after is not a cursor of this list and order; pass an endCursor that the same query returned, or leave it out.",
        field="after",
    )


def _page_of(rows: Sequence[Any], keys: Sequence[SortKey], request: PageRequest) -> Page[Any]:
    """The page in rows of which one more was read than it holds."""
    items = rows[: request.first]
    cursors = tuple(encode_cursor(keys, [getattr(item, key.name) for key in keys]) for item in items)
    return Page(tuple(items), cursors, has_next_page=len(rows) > request.first)


def _typed(key: SortKey, value: Any) -> Any:
    python_type = key.column.type.python_type
    if value is None:
        return None
    if python_type is datetime:
        return datetime.fromisoformat(value).astimezone(UTC)  # raises OverflowError where PostgreSQL's driver would
    if python_type is UUID:
        return UUID(value)
    if python_type is float:
        return float(value)
    if not isinstance(value, python_type):
        raise TypeError(f"{key.name} is a {python_type.__name__}")
    return value


def _after(keys: Sequence[SortKey], values: Sequence[Any]) -> ColumnElement[bool]:
    if len({key.descending for key in keys}) == 1:
        # One direction: a row comparison, which PostgreSQL answers with a single index range.
        row = tuple_(*(key.column for key in keys))
        return row < tuple_(*values) if keys[0].descending else row > tuple_(*values)
    alternatives = []
    for position, (key, value) in enumerate(zip(keys, values, strict=True)):
        equal = [earlier.column == known for earlier, known in zip(keys[:position], values[:position], strict=True)]
        alternatives.append(and_(*equal, key.column < value if key.descending else key.column > value))
    return or_(*alternatives)
