"""Our matching services in one process, as wired for real except the skill, which is given: what one replica can do without HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from subgraphs.kit.database import Database
from subgraphs.kit.events import Outbox
from subgraphs.kit.signals import PostgresSignals
from subgraphs.matching.enqueueing import Enqueueing
from subgraphs.matching.matchmaker import Matchmaker
from subgraphs.matching.models import Match
from subgraphs.matching.models import Outbox as OutboxTable
from subgraphs.matching.pairing import PairingOutcome
from subgraphs.matching.rules import Language, PairingRules, SkillLevel
from subgraphs.matching.service import MatchingService
from subgraphs.matching.settings import MatchingSettings
from subgraphs.matching.skills import Skill
from subgraphs.matching.streams import Streams
from subgraphs.matching.work import UnitsOfWork

from .population import Arrival

POOL_SIZE = 12
PATIENCE = 3.0  # seconds to wait for pairs when nobody arrives any more


class GivenSkills:
    """Everybody is in the middle; asking the users service is not what is measured."""

    async def of(self, user_id: UUID) -> Skill:
        return Skill(SkillLevel.INTERMEDIATE, is_known=True)


class WatchedMatchmaker(Matchmaker):
    """Notes when each person's pair was committed."""

    paired_at: dict[UUID, float]
    pairs: int

    async def pair(self, language: Language) -> PairingOutcome:
        outcome = await super().pair(language)
        now = time.perf_counter()
        self.pairs += len(outcome.pairs)
        for pair in outcome.pairs:
            self.paired_at[pair.seeker.user_id] = self.paired_at[pair.partner.user_id] = now
        return outcome


class NoFormation:
    """Questions and sessions are other services' work."""

    def submit(self, match: Match | UUID) -> None:
        return None


@dataclass(slots=True)
class Replica:
    """One replica's services."""

    matching: MatchingService
    matchmaker: WatchedMatchmaker
    database: Database
    asked_at: dict[UUID, float] = field(default_factory=dict)

    async def ask(self, arrival: Arrival) -> None:
        self.asked_at[arrival.user_id] = time.perf_counter()
        await self.matching.request_match(arrival.user_id, arrival.wish)

    def waits(self) -> list[float]:
        """Seconds from asking to the committed pair, sorted."""
        paired = self.matchmaker.paired_at
        return sorted(paired[user_id] - asked for user_id, asked in self.asked_at.items() if user_id in paired)


@asynccontextmanager
async def replica(database_url: str) -> AsyncIterator[Replica]:
    """A running replica."""
    settings = MatchingSettings(_env_file=None, database_url=database_url)
    database = Database(database_url, pool_size=POOL_SIZE)
    signals = PostgresSignals(database_url, "matching")
    await signals.start()
    streams = Streams(database, signals)
    units = UnitsOfWork(database, Outbox(OutboxTable, "matching"), streams)
    matchmaker = WatchedMatchmaker(units, PairingRules(), ready_check=0)
    matchmaker.paired_at, matchmaker.pairs = {}, 0
    units.search, units.formation = matchmaker, NoFormation()
    enqueueing = Enqueueing(units, settings.ticket_lifetime)
    matching = MatchingService(database, units, streams, enqueueing, GivenSkills(), settings)
    tasks = [asyncio.create_task(run()) for run in (enqueueing.run, matchmaker.run)]
    try:
        yield Replica(matching, matchmaker, database)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await signals.aclose()
        await database.dispose()


async def at_full_speed(replica: Replica, people: Sequence[Arrival], at_once: int) -> float:
    """Let everybody ask, `at_once` at a time; the seconds until the last pair that could be made was made."""
    waiting = list(reversed(people))

    async def worker() -> None:
        while waiting:
            await replica.ask(waiting.pop())

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(worker())
    return await _settled(replica, started)


async def at_a_rate(replica: Replica, people: Sequence[Arrival], rate: float) -> float:
    """Let people ask at random moments, `rate` a second on average in an even grid; nobody waits for anybody's answer."""
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number, arrival in enumerate(people):
            await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
            group.create_task(replica.ask(arrival))
    return await _settled(replica, started)


async def _settled(replica: Replica, started: float) -> float:
    """Wait until everybody who asked has a partner, or no pair was made for a while; the seconds until the last pair."""
    paired, pairs, since = replica.matchmaker.paired_at, replica.matchmaker.pairs, time.perf_counter()
    open_asks = set(replica.asked_at)
    while time.perf_counter() - since < PATIENCE and open_asks:
        await asyncio.sleep(0.02)
        if replica.matchmaker.pairs != pairs:
            pairs, since = replica.matchmaker.pairs, time.perf_counter()
            open_asks.difference_update(paired)
    return max(paired.values(), default=started) - started
