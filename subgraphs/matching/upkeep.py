"""What is due, on any replica: searches again after a stage began, expiries, answers that did not come, steps that a dead replica left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any, TypeAlias

import structlog

from ..kit.database import Database
from ..kit.driver_session import DriverSession, driver_statement
from .dissolving import end_match
from .formation import Formation
from .invitations import Invitations
from .match_repository import MatchRepository
from .matchmaker import Matchmaker
from .metrics import TICKETS_WAITING
from .models import MatchRequest, MatchStatus
from .people_repository import PeopleRepository
from .presence import Watch
from .ready_check import ReadyCheck
from .repository import TicketRepository, find_due
from .rules import Difficulty, Language
from .settings import MatchingSettings
from .streams import TRIM_BATCH, Streams
from .ticket_statements import cancel_forsaken, expire_due
from .work import UnitsOfWork

logger = structlog.get_logger(__name__)

BATCH = 200
FORMING_LEASE = timedelta(seconds=2)
SLOW_INTERVAL = 5.0  # seconds between looks for what is never urgent
TRIM_BATCHES, TRIM_PAUSE = 50, 0.05  # of events in one round, and seconds between two

Task: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


class Upkeep:
    """Each task is one short transaction that locks what it takes (`SKIP LOCKED`), so replicas share the work."""

    def __init__(
        self,
        database: Database,
        units: UnitsOfWork,
        streams: Streams,
        matchmaker: Matchmaker,
        formation: Formation,
        ready_check: ReadyCheck,
        invitations: Invitations,
        settings: MatchingSettings,
    ) -> None:
        self._database = database
        self._units = units
        self._streams = streams
        self._matchmaker = matchmaker
        self._formation = formation
        self._ready_check = ready_check
        self._invitations = invitations
        self._settings = settings
        self._watch = Watch(settings.absence, settings.upkeep_interval)
        self._running: set[str] = set()

    async def run(self) -> None:
        """Do what is due, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._do_slow())
            while True:
                for task in await self._find_due():
                    self._begin(group, task)
                await asyncio.sleep(self._settings.upkeep_interval)

    async def _find_due(self) -> Sequence[Task]:
        """What people wait for."""
        async with driver_statement(self._database) as driver:
            due = await find_due(driver, self._settings.absence)
        may_judge = self._watch.look(time.monotonic(), due.at)
        tasks: tuple[tuple[bool, Task], ...] = (
            (due.searches, self._search_again),
            (due.expiries, self._expire),
            (due.absences and may_judge, self._cancel_forsaken),
            (due.proposals, self._time_out),
            (due.formations, self._form_again),
        )
        return [task for is_due, task in tasks if is_due]

    def _begin(self, group: asyncio.TaskGroup, task: Task) -> None:
        """No task waits for another, however much that has to do; none runs twice at the same time."""
        if task.__name__ not in self._running:
            self._running.add(task.__name__)
            group.create_task(self._do(task))

    async def _do(self, task: Task) -> None:
        """One failing task must not keep the others from being done."""
        try:
            await task()
        except Exception:
            logger.exception("upkeep.failed", task=task.__name__)
        finally:
            self._running.discard(task.__name__)

    async def _do_slow(self) -> None:
        """What nobody waits for, for ever."""
        tasks = (self._count_waiting, self._end_forgotten, self._trim, self._invitations.expire, self._erase_traces)
        while True:
            for task in tasks:
                await self._do(task)
            await asyncio.sleep(SLOW_INTERVAL)

    async def _search_again(self) -> None:
        async with self._database.session() as session:
            languages = await TicketRepository(session).due_languages()
        for language in languages:
            self._matchmaker.look_for(Language(language))

    async def _expire(self) -> None:
        await self._all_batches(lambda driver: expire_due(driver, BATCH))

    async def _cancel_forsaken(self) -> None:
        await self._all_batches(lambda driver: cancel_forsaken(driver, self._settings.absence, BATCH))

    async def _all_batches(self, close: Callable[[DriverSession], Awaitable[Sequence[MatchRequest]]]) -> None:
        """Close tickets until no full batch is left: of a thousand that are due at once none waits for the next round."""
        is_full = True
        while is_full:
            async with self._units.statement() as driver:
                closed = await close(driver)
            await self._units.after(told=[ticket.user_id for ticket in closed])
            is_full = len(closed) == BATCH

    async def _time_out(self) -> None:
        async with self._database.session() as session:
            overdue = await MatchRepository(session).overdue_proposals(BATCH)
        for match_id in overdue:
            await self._ready_check.time_out(match_id)

    async def _form_again(self) -> None:
        async with self._units.begin() as unit:
            unit.forming.extend(await MatchRepository(unit.session).lease_forming(BATCH, FORMING_LEASE))

    async def _count_waiting(self) -> None:
        async with self._database.session() as session:
            waiting = await TicketRepository(session).count_waiting()
        for difficulty in Difficulty:
            TICKETS_WAITING.labels(difficulty.value).set(waiting.get(difficulty.value, 0))

    async def _end_forgotten(self) -> None:
        async with self._database.session() as session:
            forgotten = await MatchRepository(session).forgotten(self._settings.match_lifetime, BATCH)
        for match_id in forgotten:
            async with self._units.begin() as unit:
                await end_match(unit, match_id, "FORGOTTEN", only=(MatchStatus.OPENING, MatchStatus.ACTIVE))

    async def _erase_traces(self) -> None:
        async with self._database.transaction() as session:
            await PeopleRepository(session).erase_traces()

    async def _trim(self) -> None:
        """As many as are written, and no burst."""
        for _ in range(TRIM_BATCHES):
            if await self._streams.trim(self._settings.event_lifetime.total_seconds(), TRIM_BATCH) < TRIM_BATCH:
                return
            await asyncio.sleep(TRIM_PAUSE)
