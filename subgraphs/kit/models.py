"""The declarative base of a subgraph's tables, in its own PostgreSQL schema, and the columns that many tables share."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, Index, MetaData, String, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PostgresUUID
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def metadata_for(schema: str) -> MetaData:
    """The metadata of one subgraph: all its tables live in the PostgreSQL schema of its name."""
    return MetaData(schema=schema, naming_convention=NAMING_CONVENTION)


class Model(DeclarativeBase):
    """Abstract base; each subgraph derives `class Base(Model)` with `metadata = metadata_for("its name")`."""

    __abstract__ = True
    # What the database fills in (ids, `updated_at`) is read back with the write itself: a session that is over cannot be asked.
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012  (SQLAlchemy reads it from the class)

    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy reads it from the class)
        datetime: DateTime(timezone=True),
        UUID: PostgresUUID(as_uuid=True),
        dict[str, Any]: JSONB,
        list[str]: JSONB,
    }


class HasId:
    """A random UUID, made by the database where the caller brings none."""

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))


class HasTimestamps:
    """`created_at` and `updated_at`; a trigger keeps the second one true, whoever writes the row."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), server_onupdate=text("now()"))


class OutboxRow:
    """An event written in the transaction of what it tells of; the relay publishes it afterwards."""

    __tablename__ = "outbox"

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    event_id: Mapped[UUID] = mapped_column(unique=True)
    type: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(String(100))
    data: Mapped[dict[str, Any]]
    traceparent: Mapped[str | None] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(server_default=func.now())
    published_at: Mapped[datetime | None]

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index, ...]:
        # Built anew for each subgraph: an index belongs to one table.
        return (Index("ix_outbox_unpublished", "seq", postgresql_where=text("published_at IS NULL")),)


class InboxRow:
    """An event this subgraph has handled; its id makes a second delivery do nothing."""

    __tablename__ = "inbox"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(String(100))
    handled_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index, ...]:
        return (Index("ix_inbox_handled_at", "handled_at"),)


class SignOutRow:
    """A log-in (`session:<id>`) or a person (`user:<id>`) whose tokens are refused although they have not run out yet."""

    __tablename__ = "sign_outs"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index, ...]:
        return (Index("ix_sign_outs_ended_at", "ended_at"),)
