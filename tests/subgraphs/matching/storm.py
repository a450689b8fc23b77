"""A crowd on three replicas that are killed at random, among neighbours that do what neighbours do, until everything has come to rest."""

from __future__ import annotations

import asyncio
import json
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp

from subgraphs.kit.database import Database
from subgraphs.kit.postgres_bus import PostgresBus
from subgraphs.matching.settings import MatchingSettings

from .checker import violations
from .crowd import Crowd, Member, keep_acting
from .deeds import act, answer_proposals, block
from .doubles import Neighbours, running, serving
from .neighbourhood import Accounts, LivelyCollaboration
from .record import Record, read_record
from .replicas import Fleet
from .trouble import Trouble

QUIET_TIMEOUT = 180.0  # seconds for everything that is under way to come to its end, on a busy machine
STAGES = (
    '[{"name":"EXACT","after":0,"skill_distance":1},{"name":"ADJACENT","after":2,"difficulty_distance":1,"skill_distance":1},'
    '{"name":"ANY_TOPIC","after":4,"difficulty_distance":1,"skill_distance":2,"any_topic":true}]'
)
# Places in line are told seldom: they are no events, and most of what many followers cost.
SETTINGS = {
    "MATCHING_STAGES": STAGES,
    "RECENT_PENALTY": "1",
    "POSITION_INTERVAL": "20",
    "INVITATION_LIFETIME": "PT30S",
    "QUESTION_PATIENCE": "PT3S",
    "LOG_LEVEL": "CRITICAL",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a storm."""

    record: Record
    wrong: list[str]
    crowd: Crowd
    trouble: Trouble
    kills: int
    seconds: float
    """How long the crowd acted."""

    def __str__(self) -> str:
        accepted = sum(one.status == "accepted" for one in self.record.invitations.values())
        return (
            f"{self.crowd.operations} operations in {self.seconds:.0f} s, {len(self.record.tickets)} tickets, "
            f"{len(self.record.matches)} matches ({accepted} of invitations), {len(self.crowd.blocks)} blocks, "
            f"{self.trouble.suspensions} suspensions, {len(self.trouble.accounts.deleted)} deletions, "
            f"{self.trouble.repeats} repeats, {self.trouble.outages} outages, {self.kills} kills"
        )


async def storm(
    database_url: str,
    *,
    people: int,
    operations: int,
    kill_interval: int,
    seed: int,
    trouble_rate: float = 0.03,
    ready_check: float = 0,
) -> Outcome:
    """Let a crowd act while replicas die; what everything was like when it had come to rest, and what was wrong with it."""
    chance = random.Random(seed)
    async with AsyncExitStack() as stack:
        neighbours = Neighbours()
        neighbours.url = await stack.enter_async_context(serving(neighbours.app()))
        collaboration = LivelyCollaboration(lambda: PostgresBus(database_url), chance=chance)
        await stack.enter_async_context(running(collaboration.run()))
        bus, database = PostgresBus(database_url), Database(database_url)
        await bus.start()
        stack.push_async_callback(bus.aclose)
        stack.push_async_callback(database.dispose)
        fleet = await Fleet.started(3, database_url, neighbours.url, **SETTINGS, READY_CHECK_SECONDS=str(ready_check))
        stack.push_async_callback(fleet.stop)
        client = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        crowd = Crowd(fleet, client, collaboration, chance, (Member.follow, answer_proposals), neighbours.skills)
        stack.push_async_callback(crowd.leave)
        for _ in range(people):
            crowd.join()
        for one, other in zip(crowd.members[::4], crowd.members[1::4], strict=False):
            await block(one, other.id)
        trouble = Trouble(crowd, Accounts(bus, chance), neighbours, database, chance, rate=trouble_rate)
        began = time.monotonic()
        await _rage(crowd, trouble, operations, kill_interval)
        seconds = time.monotonic() - began
        record, wrong = await _settle(crowd, trouble)
        if not wrong:
            # Whoever was suspended is told now what the log says of the time before.
            await trouble.reinstate_all()
            record, wrong = await _settle(crowd, trouble)
        return Outcome(record, wrong, crowd, trouble, fleet.kills, seconds)


async def _rage(crowd: Crowd, trouble: Trouble, operations: int, kill_interval: int) -> None:
    killer = asyncio.create_task(crowd.fleet.keep_killing(crowd.chance, lambda: crowd.operations, kill_interval))
    await keep_acting(crowd, act, trouble.stir, operations, at_once=16)
    assert not killer.done(), killer.exception()
    killer.cancel()
    await asyncio.gather(killer, return_exceptions=True)
    for replica in crowd.fleet.replicas:
        if not replica.is_running:
            await replica.start()
    await trouble.end()
    crowd.is_over = True


async def _settle(crowd: Crowd, trouble: Trouble) -> tuple[Record, list[str]]:
    """The record when everything has come to rest, or has not for too long."""
    settings = MatchingSettings(
        _env_file=None,
        database_url=trouble.database.url.render_as_string(hide_password=False),
        matching_stages=json.loads(STAGES),
        recent_penalty=float(SETTINGS["RECENT_PENALTY"]),
    )
    deadline = time.monotonic() + QUIET_TIMEOUT
    while True:
        await asyncio.sleep(2)
        async with trouble.database.session() as session:
            record = await read_record(session)
        wrong = violations(record, crowd, trouble.accounts, settings.pairing_rules)
        # What is only late comes to its end; what must never be does not go away.
        if not wrong or crowd.mistakes or time.monotonic() > deadline:
            return record, wrong
