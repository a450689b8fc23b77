"""What can be told about the queue: places in line, estimates with their basis, why somebody waits, and the operators' figures."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import merge
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.database import Database
from ..kit.driver_session import driver_connection
from .models import MatchRequest
from .outlook import Crowd, Outlook, outlook
from .partner_search import bonds_of, ticket_from
from .people_repository import PeopleRepository
from .queue_repository import QueueRepository
from .repository import TicketRepository
from .rules import Language, PairingRules, stage_at

SAMPLE_SIZE = 200  # waits an estimate is made of, the newest ones of the bucket
MIN_SAMPLE = 5  # below this there is no estimate, only the figures
SAMPLE_AGE = 3600.0  # seconds; older waits say nothing about now
CROWD_SIZE = 2000  # longest-waiting tickets of each language that an explanation looks at
LINE_MARKS = 500  # tickets read of each line; places in a line of up to twice as many are exact
LINE_SHARE = (
    50  # the lines are read again after this many times what reading them took, so that it stays a fiftieth of the time
)


@dataclass(frozen=True, slots=True)
class Depth:
    """How many wait in one bucket."""

    language: str
    difficulty: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """How much longer it will take, in seconds, by the waits of others: of those who waited at least as long as this ticket has."""

    typical: float | None
    """Half of them found a partner within this time; None when the sample is too small."""
    patient: float | None
    """Nine in ten did."""
    sample_size: int


@dataclass(frozen=True, slots=True)
class Place:
    """A place in line within the bucket: position 1 has waited longest."""

    position: int
    waiting: int
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """Everything that answers "why am I waiting?"; the parts about a ticket are None for somebody who does not wait."""

    depths: tuple[Depth, ...]
    ticket: MatchRequest | None = None
    stage: int = 0
    stage_names: tuple[str, ...] = ()
    next_stage_at: datetime | None = None
    place: Place | None = None
    no_shows: int = 0


@dataclass(frozen=True, slots=True)
class Throughput:
    """What the queue did in a window of time."""

    seconds: int
    matches_made: int
    tickets_matched: int
    tickets_expired: int
    tickets_cancelled: int
    tickets_declined: int
    wait_percentiles: tuple[float, float, float] | None
    people_in_matches: int
    oldest_ticket_at: datetime | None
    depths: tuple[Depth, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """One bucket's line: how many wait, and when every `step`-th of them came, the first one first."""

    total: int
    step: int
    marks: Sequence[datetime]

    def place_of(self, created_at: datetime) -> int:
        """How many came before that, to within a step."""
        return min(bisect_left(self.marks, created_at) * self.step, self.total)


NO_LINE = _Line(0, 1, ())
NOBODY = Crowd({})


@dataclass(slots=True)
class _Cached:
    lines: dict[tuple[str, str], _Line] = field(default_factory=dict)
    lines_until: float = float("-inf")
    waits: dict[tuple[str, str], tuple[float, list[float]]] = field(default_factory=dict)
    crowd: Crowd = NOBODY
    crowd_until: float = float("-inf")


class QueueBoard:
    """One replica's view of the queue, read at most every `max_age` seconds however many people look."""

    def __init__(self, database: Database, rules: PairingRules, max_age: float) -> None:
        self._database = database
        self._rules = rules
        self._max_age = max_age
        self._cached = _Cached()

    async def places_of(self, tickets: Sequence[MatchRequest]) -> list[Place]:
        """Each ticket's place in its bucket (language and difficulty) and how long it may take: of all with the same few statements."""
        async with self._database.session() as session:
            return [await self._place_of(session, ticket) for ticket in tickets]

    async def status_of(self, user_id: UUID) -> QueueStatus:
        """Why this person waits, or how the queue is for somebody who does not."""
        async with self._database.session() as session:
            ticket = await TicketRepository(session).live_of(user_id)
            reputation = await PeopleRepository(session).reputation(user_id)
            no_shows = reputation.no_shows if reputation is not None else 0
            depths = _depths(await self._lines(session))
            if ticket is None:
                return QueueStatus(depths, no_shows=no_shows)
            now = datetime.now(UTC)
            stage = stage_at(now - ticket.created_at, self._rules.stages)
            later = self._rules.stages[stage + 1 : stage + 2]
            return QueueStatus(
                depths=depths,
                ticket=ticket,
                stage=stage,
                stage_names=tuple(each.name for each in self._rules.stages),
                next_stage_at=ticket.created_at + timedelta(seconds=later[0].after) if later else None,
                place=await self._place_of(session, ticket),
                no_shows=no_shows,
            )

    async def throughput(self, seconds: int) -> Throughput:
        """What happened in the last `seconds`."""
        async with self._database.session() as session:
            queue = QueueRepository(session)
            closed, opened = await queue.closed_in(seconds), await queue.opened_in(seconds)
            return Throughput(
                seconds=seconds,
                matches_made=opened.made,
                tickets_matched=closed.matched,
                tickets_expired=closed.expired,
                tickets_cancelled=closed.cancelled,
                tickets_declined=closed.declined,
                wait_percentiles=tuple(closed.waits) if closed.matched else None,
                people_in_matches=opened.people,
                oldest_ticket_at=opened.oldest,
                depths=_depths(await self._lines(session)),
            )

    async def outlook_of(self, ticket: MatchRequest) -> Outlook:
        """Who fits the ticket now, and what relaxing each criterion would change."""
        now = datetime.now(UTC)
        async with self._database.session() as session:
            crowd = await self._crowd(session)
            bonds = await bonds_of(await driver_connection(session), ticket.user_id, now, self._rules)
            known = await QueueRepository(session).waiting_of([ticket.user_id, *bonds])
        return outlook(ticket_from(ticket), crowd, [ticket_from(other) for other in known], bonds, now, self._rules)

    async def _place_of(self, session: AsyncSession, ticket: MatchRequest) -> Place:
        bucket = (ticket.preferred_language, ticket.preferred_difficulty)
        line = (await self._lines(session)).get(bucket, NO_LINE)
        ahead = line.place_of(ticket.created_at)
        waits = await self._waits(session, bucket)
        waited = (datetime.now(UTC) - ticket.created_at).total_seconds()
        return Place(ahead + 1, max(line.total, ahead + 1), estimate(waits, waited))

    async def _lines(self, session: AsyncSession) -> dict[tuple[str, str], _Line]:
        started = time.monotonic()
        if started >= self._cached.lines_until:
            # Whoever asks meanwhile gets the old ones.
            self._cached.lines_until = float("inf") if self._cached.lines else float("-inf")
            try:
                rows = await QueueRepository(session).lines(LINE_MARKS)
                self._cached.lines = {
                    (row.language, row.difficulty): _Line(row.total, row.step, row.marks) for row in rows
                }
            finally:
                now = time.monotonic()
                self._cached.lines_until = now + max(self._max_age, LINE_SHARE * (now - started))
        return self._cached.lines

    async def _crowd(self, session: AsyncSession) -> Crowd:
        started = time.monotonic()
        if started >= self._cached.crowd_until:
            groups: dict[Language, dict[int, dict[frozenset[str], list[datetime]]]] = {}
            for row in await QueueRepository(session).groups(CROWD_SIZE):
                by_topics = groups.setdefault(Language(row.language), {}).setdefault(row.bucket, {})
                times = by_topics.setdefault(frozenset(row.topics), [])
                # The same topics can stand in another order.
                times[:] = merge(times, row.times)
            self._cached.crowd = Crowd(groups)
            now = time.monotonic()
            self._cached.crowd_until = now + max(self._max_age, LINE_SHARE * (now - started))
        return self._cached.crowd

    async def _waits(self, session: AsyncSession, bucket: tuple[str, str]) -> list[float]:
        read_at, waits = self._cached.waits.get(bucket, (float("-inf"), []))
        if time.monotonic() - read_at > self._max_age:
            waits = sorted(await QueueRepository(session).waits(*bucket, age=SAMPLE_AGE, limit=SAMPLE_SIZE))
            self._cached.waits[bucket] = (time.monotonic(), waits)
        return waits


def estimate(waits: Sequence[float], waited: float) -> Estimate:
    """What the sorted waits of others say about somebody who has waited `waited` seconds and found nobody yet."""
    shorter = bisect_left(waits, waited)
    longer = len(waits) - shorter
    if longer < MIN_SAMPLE:
        return Estimate(None, None, longer)
    typical, patient = (_percentile(waits, shorter, share) - waited for share in (0.5, 0.9))
    return Estimate(round(typical, 1), round(patient, 1), longer)


def _percentile(values: Sequence[float], start: int, share: float) -> float:
    """Of the sorted values from `start` on, between the two nearest."""
    position = start + share * (len(values) - 1 - start)
    below = int(position)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (position - below)


def _depths(lines: dict[tuple[str, str], _Line]) -> tuple[Depth, ...]:
    return tuple(Depth(language, difficulty, line.total) for (language, difficulty), line in sorted(lines.items()))
