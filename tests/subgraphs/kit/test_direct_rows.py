"""Lookups by id on the driver itself: the same rows as a session's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import String, inspect
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.exc import DetachedInstanceError
from sqlalchemy.schema import CreateSchema

from subgraphs.kit.database import Database
from subgraphs.kit.direct_rows import rows_by_id
from subgraphs.kit.models import HasId, HasTimestamps, Model, metadata_for
from subgraphs.kit.read_replica import ReplicatedDatabase
from subgraphs.kit.repository import Repository


class Base(Model):
    __abstract__ = True
    metadata = metadata_for("looked_up")


class Thing(HasId, HasTimestamps, Base):
    __tablename__ = "things"

    name: Mapped[str] = mapped_column(String(50))
    labels: Mapped[list[str]]
    settings: Mapped[dict[str, Any]]
    large: Mapped[str] = mapped_column(deferred=True, deferred_raiseload=True)


class Things(Repository[Thing]):
    model = Thing


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    database = Database(fresh_database_url)
    async with database.engine.begin() as connection:
        await connection.execute(CreateSchema("looked_up"))
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.dispose()


@pytest.fixture
async def ids(database: Database) -> list[UUID]:
    async with database.transaction() as session:
        things = [
            Thing(id=uuid4(), name=f"Ünsal {number}", labels=["a", "ß"], settings={"depth": [number, None]}, large="…")
            for number in range(3)
        ]
        session.add_all(things)
    return [thing.id for thing in things]


async def test_a_row_is_what_a_session_would_have_found(database: Database, ids: list[UUID]) -> None:
    found = await rows_by_id(database, Thing, [*ids, ids[0], uuid4()])
    async with database.session() as session:
        expected = await Things(session).get_many(ids)

    assert found.keys() == expected.keys() == set(ids)
    names = [attribute.key for attribute in inspect(Thing).column_attrs if attribute.key != "large"]
    for id in ids:
        assert {name: getattr(found[id], name) for name in names} == {
            name: getattr(expected[id], name) for name in names
        }
        assert inspect(found[id]).detached


async def test_what_is_deferred_is_not_taken_for_empty(database: Database, ids: list[UUID]) -> None:
    found = await rows_by_id(database, Thing, ids)
    with pytest.raises((DetachedInstanceError, InvalidRequestError)):
        _ = found[ids[0]].large


async def test_nobody_is_asked_about_nothing() -> None:
    assert await rows_by_id(Database("postgresql://nobody@127.0.0.1:1/none"), Thing, []) == {}


async def test_where_reads_may_lag_the_replica_is_asked(database: Database, ids: list[UUID]) -> None:
    empty = Database("postgresql://nobody@127.0.0.1:1/none")
    lagging = ReplicatedDatabase(empty, Database(database.url.render_as_string(hide_password=False)))
    try:
        assert (await rows_by_id(lagging, Thing, ids)).keys() == set(ids)
    finally:
        await lagging.dispose()
