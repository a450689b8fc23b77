"""Who counts as gone: nobody whose signs of life could not be written, or were overtaken by a clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from subgraphs.kit.database import Database
from subgraphs.matching.presence import Watch

from .clients import Person
from .conftest import MakeSystem, System

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        # One look a second, by the clock of this process and by the database's.
        ([(1, 1)] * 13, [False] * 11 + [True] * 2),
        # The database was away, or stood still, for a minute; then everybody gets the whole time again.
        ([(1, 1)] * 12 + [(60, 60)] + [(1, 1)] * 11, [False] * 11 + [True] * 2 + [False] * 11),
        # Its clock was put forward, and then back.
        ([(1, 1)] * 12 + [(1, 60)] + [(1, 1)] * 11, [False] * 11 + [True] * 2 + [False] * 11),
        ([(1, 1)] * 12 + [(1, -60)] + [(1, 1)], [False] * 11 + [True] * 3),
    ],
)
def test_absences_count_once_everybody_had_time_for_a_sign_of_life(
    steps: list[tuple[float, float]], expected: list[bool]
) -> None:
    watch, now, database_time = Watch(timedelta(seconds=11), interval=0.25), 100.0, NOON
    told = []
    for seconds, by_the_database in steps:
        told.append(watch.look(now, database_time))
        now += seconds
        database_time += timedelta(seconds=by_the_database)
    assert told == expected


async def test_whoever_comes_back_after_a_long_outage_still_has_the_place(
    make_system: MakeSystem, fresh_database_url: str
) -> None:
    first: System = await make_system(disconnect_grace=timedelta(seconds=4), upkeep_interval=3600)
    ada = first.person()
    async with ada.following():
        ticket = await ada.request()
        await ada.event("MatchQueued")
    await _all_were_seen_long_ago(fresh_database_url, ada.id)
    second: System = await make_system(disconnect_grace=timedelta(seconds=4))
    back = Person(second.urls[0], user_id=ada.id)
    async with back.following():
        await back.event("MatchQueued")
        await asyncio.sleep(1)  # time enough for upkeep to have thrown her out
        status = await back.ask("{ queueStatus { ticket { id } } }")
    assert status["queueStatus"]["ticket"] == {"id": ticket["id"]}


async def _all_were_seen_long_ago(database_url: str, user_id: UUID) -> None:
    database = Database(database_url)
    async with asyncio.timeout(30):
        seen = 0
        while not seen:
            async with database.transaction() as session:
                statement = text("""
                    WITH seen AS (UPDATE matching.followers SET seen_at = seen_at - interval '1 hour' WHERE user_id = :id RETURNING 1)
                    SELECT count(*) FROM seen
                """)
                seen = (await session.execute(statement, {"id": user_id})).scalar_one()
                ticket = text("UPDATE matching.match_requests SET created_at = created_at - interval '2 hours'")
                await session.execute(ticket)
    await database.dispose()
