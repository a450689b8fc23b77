"""Three real replicas, a real PostgreSQL, SIGKILL at random: the invariants of matching hold whatever dies when."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from contextlib import AsyncExitStack

import aiohttp
import pytest

from subgraphs.kit.database import Database
from subgraphs.kit.postgres_bus import PostgresBus
from subgraphs.matching.settings import MatchingSettings

from .checker import Record, read_record, violations
from .crowd import BLOCK, Member, keep_acting
from .doubles import Collaboration, Neighbours, running, serving
from .replicas import Fleet

QUIET_TIMEOUT = 120.0  # seconds for everything that is under way to come to its end, on a busy machine
STAGES = (
    '[{"name":"EXACT","after":0,"skill_distance":1},{"name":"ADJACENT","after":2,"difficulty_distance":1,"skill_distance":1},'
    '{"name":"ANY_TOPIC","after":4,"difficulty_distance":1,"skill_distance":2,"any_topic":true}]'
)
# Places in line are told seldom: they are no events, and most of what many followers cost.
SETTINGS = {"MATCHING_STAGES": STAGES, "RECENT_PENALTY": "1", "POSITION_INTERVAL": "20", "LOG_LEVEL": "CRITICAL"}


async def storm(
    database_url: str, *, people: int, operations: int, kill_interval: int, seed: int
) -> tuple[Record, list[str], Fleet]:
    """Let a crowd act while replicas die; the record, what was wrong with it, and the fleet."""
    chance = random.Random(seed)
    async with AsyncExitStack() as stack:
        neighbours = Neighbours()
        neighbours.url = await stack.enter_async_context(serving(neighbours.app()))
        collaboration = Collaboration(lambda: PostgresBus(database_url))
        await stack.enter_async_context(running(collaboration.run()))
        fleet = await Fleet.started(3, database_url, neighbours.url, **SETTINGS)
        stack.push_async_callback(fleet.stop)
        client = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        members = [Member(fleet, client, chance) for _ in range(people)]
        for one, other in zip(members[::4], members[1::4], strict=False):
            assert await one.send(BLOCK, id=str(other.id)) is not None
        for member in members:
            await stack.enter_async_context(running(member.follow()))
        killer = asyncio.create_task(
            fleet.keep_killing(chance, lambda: sum(each.answers + each.failures for each in members), kill_interval)
        )
        await keep_acting(members, operations, at_once=16)
        assert not killer.done(), killer.exception()
        killer.cancel()
        await asyncio.gather(killer, return_exceptions=True)
        for replica in fleet.replicas:
            if not replica.is_running:
                await replica.start()
        database = Database(database_url)
        settings = MatchingSettings(
            _env_file=None, database_url=database_url, matching_stages=json.loads(STAGES), recent_penalty=1
        )
        deadline = time.monotonic() + QUIET_TIMEOUT
        while True:
            await asyncio.sleep(2)
            async with database.session() as session:
                record = await read_record(session)
            wrong = violations(record, members, collaboration.sessions, settings.pairing_rules)
            # What is only late comes to its end; what must never be does not go away.
            if not wrong or time.monotonic() > deadline:
                break
        await database.dispose()
        return record, wrong, fleet


@pytest.mark.timeout(600)
async def test_nothing_is_lost_or_doubled_while_replicas_are_killed(fresh_database_url: str) -> None:
    record, wrong, fleet = await storm(fresh_database_url, people=16, operations=300, kill_interval=60, seed=7)
    assert wrong == []
    assert fleet.kills >= 1
    assert len(record.matches) >= 5


@pytest.mark.slow
@pytest.mark.timeout(7200)
async def test_nothing_is_lost_or_doubled_in_100_000_operations(fresh_database_url: str) -> None:
    operations = int(os.environ.get("CHAOS_OPERATIONS", "100000"))
    record, wrong, fleet = await storm(
        fresh_database_url, people=120, operations=operations, kill_interval=300, seed=11
    )
    print(f"{operations} operations, {len(record.tickets)} tickets, {len(record.matches)} matches, {fleet.kills} kills")
    assert wrong == []
    assert len(record.matches) >= operations / 50
