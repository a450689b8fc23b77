"""Keyset pagination on a real PostgreSQL: nothing is lost or repeated, also while rows are inserted."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Insert, delete, insert, select

from subgraphs.kit.database import Database
from subgraphs.kit.errors import InvalidInput
from subgraphs.kit.pagination import PageRequest, SortKey, decode_cursor, encode_cursor, fetch_page
from subgraphs.questions.models import Outbox

KEYS = (
    SortKey("type", Outbox.type),
    SortKey("occurred_at", Outbox.occurred_at, descending=True),
    SortKey("seq", Outbox.seq),
)
START = datetime(2026, 1, 1, tzinfo=UTC)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=25),
    inserted=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=5),
    size=st.integers(1, 7),
)
def test_pages_hold_each_row_once_while_others_are_inserted(
    module_database_url: str, rows: list[tuple[str, int]], inserted: list[tuple[str, int]], size: int
) -> None:
    async def run() -> None:
        database = Database(module_database_url, pool_size=2)
        try:
            async with database.transaction() as session:
                await session.execute(delete(Outbox))
                for kind, hours in rows:
                    await session.execute(_insertion(kind, hours))
                before = set((await session.scalars(select(Outbox.seq))).all())
            seen: list[int] = []
            waiting = list(inserted)
            request = PageRequest(size)
            while True:
                async with database.session() as session:
                    page = await fetch_page(session, select(Outbox), KEYS, request)
                seen += [row.seq for row in page.items]
                if not page.has_next_page:
                    break
                request = PageRequest(size, page.cursors[-1])
                if waiting:
                    async with database.transaction() as session:
                        await session.execute(_insertion(*waiting.pop()))
            assert len(seen) == len(set(seen))
            assert before <= set(seen)
        finally:
            await database.dispose()

    asyncio.run(run())


@given(noise=st.text(max_size=60))
def test_any_other_text_is_no_cursor(noise: str) -> None:
    with pytest.raises(InvalidInput, match="not a cursor"):
        decode_cursor(noise, KEYS)


def test_a_cursor_with_a_time_that_no_database_has_is_refused() -> None:
    made_up = encode_cursor(KEYS, ["a", "0001-01-01T00:00:00+23:59", 1])
    with pytest.raises(InvalidInput, match="not a cursor"):
        decode_cursor(made_up, KEYS)


@pytest.mark.parametrize("first", [0, -1, 101])
def test_page_sizes_are_bounded(first: int) -> None:
    with pytest.raises(InvalidInput, match="must be from 1 to 100"):
        PageRequest(first)


def _insertion(kind: str, hours: int) -> Insert:
    values = {
        "event_id": uuid4(),
        "type": kind,
        "subject": "s",
        "data": {},
        "occurred_at": START + timedelta(hours=hours),
    }
    return insert(Outbox).values(values)
