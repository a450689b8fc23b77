"""Places in line: told beside everything else, a few at a time, each follower the newest one, and only when it is news."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from subgraphs.kit.database import Database
from subgraphs.kit.driver_session import driver_statement
from subgraphs.matching.board import Estimate, Place, QueueBoard, estimate
from subgraphs.matching.models import MatchRequest
from subgraphs.matching.places import Places, Seat, is_news
from subgraphs.matching.rules import Difficulty, Language, PairingRules, SkillLevel, Ticket
from subgraphs.matching.streams import Waker
from subgraphs.matching.ticket_statements import waiting_tickets_of

from .tickets import database_time, insert_tickets

UNKNOWN = Estimate(None, None, 0)


class Line:
    """People who wait in one line, all of whom follow, and how often their tickets were looked up."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.lookups = 0
        self.places = Places(QueueBoard(database, PairingRules(), max_age=0.0), self._waiting_tickets, interval=0.0)
        self.seats: list[Seat] = []

    async def join(self, count: int, stack: ExitStack) -> None:
        async with self._database.transaction() as session:
            now = await database_time(session)
            tickets = [_ticket(now - timedelta(seconds=count - number)) for number in range(count)]
            await insert_tickets(session, tickets)
        for ticket in tickets:
            waker = Waker()
            waker.queue = asyncio.Queue()
            self.seats.append(stack.enter_context(self.places.seat(ticket.user_id, waker)))
            self.places.find(self.seats[-1])

    async def first_leaves(self, count: int) -> None:
        async with self._database.transaction() as session:
            gone = [seat.user_id for seat in self.seats[:count]]
            statement = text("UPDATE matching.match_requests SET status = 'cancelled' WHERE user_id = ANY(:ids)")
            await session.execute(statement, {"ids": gone})

    def take(self) -> list[int | None]:
        """The positions that would be told now, by seat."""
        return [place.position if (place := seat.take()) else None for seat in self.seats]

    async def _waiting_tickets(self, user_ids: Sequence[UUID]) -> dict[UUID, MatchRequest]:
        self.lookups += 1
        async with driver_statement(self._database) as driver:
            return await waiting_tickets_of(driver, user_ids)


async def test_everybody_is_told_once_a_few_at_a_time_and_looked_up_together(database: Database) -> None:
    line = Line(database)
    with ExitStack() as stack:
        await line.join(30, stack)
        told = []
        for _ in range(3):
            await line.places.tell(most=10)
            told.append([position for position in line.take() if position is not None])
        assert [len(positions) for positions in told] == [10, 10, 10]
        assert sorted(position for positions in told for position in positions) == list(range(1, 31))
        await line.places.tell(most=10)
        assert set(line.take()) == {None}
        assert line.lookups == 1


async def test_whoever_does_not_read_is_woken_once_and_gets_the_newest_place(database: Database) -> None:
    line = Line(database)
    with ExitStack() as stack:
        await line.join(3, stack)
        await line.places.tell(most=10)
        await line.first_leaves(1)
        line.seats[0].leave()
        async with asyncio.timeout(30):
            # The lines are read again after fifty times what reading them takes.
            while (place := line.seats[2].place) is None or place.position != 2:
                await line.places.tell(most=10)
                await asyncio.sleep(0.01)
        assert line.take() == [None, 1, 2]
        queue = line.seats[2].waker.queue
        assert queue is not None
        assert queue.qsize() == 1


async def test_who_does_not_wait_any_more_is_told_nothing(database: Database) -> None:
    line = Line(database)
    with ExitStack() as stack:
        await line.join(3, stack)
        await line.places.tell(most=10)
        for seat in line.seats:
            seat.leave()
        assert line.take() == [None, None, None]
        await line.places.tell(most=10)
        assert line.take() == [None, None, None]


@pytest.mark.parametrize(
    ("before", "after", "age", "is_told"),
    [
        (Place(3, 9, UNKNOWN), Place(2, 9, UNKNOWN), 2, True),
        (Place(3, 9, UNKNOWN), Place(3, 9, UNKNOWN), 3600, False),
        (Place(300, 900, UNKNOWN), Place(290, 890, UNKNOWN), 2, False),
        (Place(300, 900, UNKNOWN), Place(290, 890, UNKNOWN), 21, True),
        (Place(300, 900, UNKNOWN), Place(280, 900, UNKNOWN), 2, True),
        (Place(3, 900, UNKNOWN), Place(3, 990, UNKNOWN), 2, True),
        (Place(3, 9, UNKNOWN), Place(3, 9, Estimate(30.0, 60.0, 9)), 2, True),
        (Place(3, 9, Estimate(30.0, 60.0, 9)), Place(3, 9, Estimate(20.0, 50.0, 9)), 10, False),
        (Place(3, 9, Estimate(30.0, 60.0, 9)), Place(3, 9, Estimate(30.0, 60.0, 9)), 10, True),
    ],
)
def test_a_place_is_news_when_it_changed_as_far_as_anybody_can_use(
    before: Place, after: Place, age: float, is_told: bool
) -> None:
    assert is_news(before, after, age) is is_told


def test_an_estimate_is_the_middle_and_the_ninth_tenth_of_those_who_waited_at_least_as_long() -> None:
    waits = [float(wait) for wait in range(1, 12)]
    assert estimate(waits, 0.0) == Estimate(6.0, 10.0, 11)
    assert estimate(waits, 6.5) == Estimate(2.5, 4.1, 5)
    assert estimate(waits, 9.0) == Estimate(None, None, 3)


def _ticket(created_at: datetime) -> Ticket:
    return Ticket(
        id=uuid4(),
        user_id=uuid4(),
        language=Language.PYTHON,
        difficulty=Difficulty.EASY,
        skill=SkillLevel.BEGINNER,
        topics=frozenset(),
        created_at=created_at,
    )
