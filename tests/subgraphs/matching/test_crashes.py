"""R52: whoever dies between a pair and its session, there is exactly one session, and both people are told once."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from subgraphs.kit.database import Database

from .conftest import MakeSystem, System
from .crashing import CrashPoint, crash

RECOVERY_TIMEOUT = 120.0  # seconds, on a busy machine
MATCHES = """
    SELECT id, status, session_id, user1_id, user2_id,
           (SELECT count(*) FROM bus.events WHERE type = 'match.created' AND subject = matches.id::text) AS told
    FROM matching.matches
"""
TOLD = "SELECT user_id, count(*) AS times FROM matching.match_events WHERE type = 'made' GROUP BY 1"


async def all_active(database: Database, count: int) -> None:
    async with asyncio.timeout(RECOVERY_TIMEOUT):
        while True:
            async with database.session() as session:
                statuses = Counter((await session.execute(text("SELECT status FROM matching.matches"))).scalars())
            if statuses == {"active": count}:
                return
            await asyncio.sleep(0.2)


async def survive(make_system: MakeSystem, crashes: int) -> None:
    system: System = await make_system(replicas=0)
    people: list[tuple[UUID, UUID]] = []
    for number in range(crashes):
        point = list(CrashPoint)[number % len(CrashPoint)]
        people.append((uuid4(), uuid4()))
        await asyncio.to_thread(crash, point, system.database_url, system.neighbours.url, people[-1])
    await system.add_replica()
    database = Database(system.database_url)
    await all_active(database, crashes)
    async with database.session() as session:
        matches = (await session.execute(text(MATCHES))).all()
        told = {row.user_id: row.times for row in await session.execute(text(TOLD))}
    await database.dispose()
    assert {frozenset((match.user1_id, match.user2_id)) for match in matches} == {frozenset(pair) for pair in people}
    assert all(match.told == 1 for match in matches)
    assert {str(match.id): str(match.session_id) for match in matches} == system.collaboration.sessions
    assert told == {user_id: 1 for pair in people for user_id in pair}


@pytest.mark.timeout(300)
async def test_a_process_that_dies_at_any_point_leaves_one_session_per_pair(make_system: MakeSystem) -> None:
    await survive(make_system, crashes=4)


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_a_hundred_crashes_lose_and_double_nothing(make_system: MakeSystem) -> None:
    await survive(make_system, crashes=int(os.environ.get("CRASHES", "100")))
