"""Values in SQL in the form that PostgreSQL plans well with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, cast, literal_column
from sqlalchemy.dialects.postgresql import UUID as PostgresUUID


def literals(statuses: Sequence[StrEnum]) -> list[ColumnElement[str]]:
    """Statuses written into the SQL: PostgreSQL sees that a partial index applies only when they are no parameters."""
    return [literal_column(f"'{status.value}'") for status in statuses]


def uuids(ids: Iterable[UUID]) -> Any:
    """An array parameter whose type the server can tell."""
    return cast(list(ids), ARRAY(PostgresUUID(as_uuid=True)))
