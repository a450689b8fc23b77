"""Keyset pagination with opaque cursors: no row is lost or repeated when rows are inserted while a client pages."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Select, and_, or_, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from .errors import InvalidInput

T = TypeVar("T")
R = TypeVar("R")

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
    items = rows[: request.first]
    cursors = tuple(encode_cursor(keys, [getattr(item, key.name) for key in keys]) for item in items)
    return Page(tuple(items), cursors, has_next_page=len(rows) > request.first)


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
