"""Who of those that follow here is told the place in line, and when: beside everything else, a few at a time, and only what is news."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeAlias
from uuid import UUID

import structlog

from .board import Place, QueueBoard
from .models import MatchRequest
from .streams import Waker

logger = structlog.get_logger(__name__)

TICK = 0.1  # seconds between two looks at who is due
FOUND_PER_TICK = 200  # tickets read for people who have begun to wait
LOOKS_PER_TICK, LOOKS_AT_ONCE = 500, 50  # places compared with what was told; each takes some microseconds
TOLD_PER_TICK = 10  # places told: a hundred a second, of all people together; each takes most of a millisecond
LATE = 0.05  # seconds that a tick may be late; when it is more, the process has more important things to do
NOTICEABLE = 20  # a place has changed when it has by a 20th
EXACT_AFTER = 20.0  # seconds after which it has when it has at all
ESTIMATE_SHARE, ESTIMATE_SECONDS = 0.25, 5.0  # how far an estimate may be off before it is told anew

TicketsOf: TypeAlias = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, MatchRequest]]]


class Seat:
    """One follower. Of several places that could not be told yet it keeps the newest."""

    __slots__ = ("due_at", "place", "place_at", "ticket", "untold", "user_id", "waker", "wants")

    def __init__(self, user_id: UUID, waker: Waker) -> None:
        self.user_id = user_id
        self.waker = waker
        self.wants = False
        self.ticket: MatchRequest | None = None
        self.due_at = 0.0
        self.place: Place | None = None
        self.place_at = 0.0
        self.untold: Place | None = None

    def leave(self) -> None:
        """The person does not wait (any more)."""
        self.wants, self.ticket, self.place, self.untold = False, None, None, None

    def take(self) -> Place | None:
        """The place to tell now, if there is one."""
        untold, self.untold = self.untold, None
        return untold

    def offer(self, place: Place, now: float) -> bool:
        """Have the place told if it is news."""
        if self.place is not None and not is_news(self.place, place, now - self.place_at):
            return False
        if self.untold is None:
            self.waker.wake()
        self.place, self.place_at, self.untold = place, now, place
        return True


class Places:
    """All seats of this replica. Whoever waits is looked at every `interval` seconds, later where too many are due."""

    def __init__(self, board: QueueBoard, waiting_tickets: TicketsOf, interval: float) -> None:
        self._board = board
        self._waiting_tickets = waiting_tickets
        self._interval = interval
        self._seats: set[Seat] = set()
        self._new: deque[Seat] = deque()
        self._waiting: deque[Seat] = deque()
        """Whoever is due first stands first: all are looked at after the same interval."""
        self._wake = asyncio.Event()

    @contextmanager
    def seat(self, user_id: UUID, waker: Waker) -> Iterator[Seat]:
        """A seat while the block runs; nothing is told before `find`."""
        seat = Seat(user_id, waker)
        self._seats.add(seat)
        try:
            yield seat
        finally:
            seat.leave()
            self._seats.discard(seat)

    def find(self, seat: Seat) -> None:
        """This person may wait now: look for the ticket."""
        seat.leave()
        seat.wants = True
        self._new.append(seat)
        self._wake.set()

    async def run(self) -> None:
        """Tell places for ever."""
        while True:
            if not self._new and not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            planned = time.monotonic() + TICK
            await asyncio.sleep(TICK)
            is_late = time.monotonic() - planned > LATE
            await self.tell(1 if is_late else TOLD_PER_TICK)

    async def tell(self, most: int) -> None:
        """Have so many places told, of those who are due and of whom there is news; whoever waited longest for it first."""
        await self._find_tickets()
        started = time.monotonic()
        for _ in range(LOOKS_PER_TICK // LOOKS_AT_ONCE):
            if most <= 0 or not self._waiting or self._waiting[0].due_at > started:
                return
            most -= await self._tell_some(most, started)

    async def _find_tickets(self) -> None:
        seats = [self._new.popleft() for _ in range(min(FOUND_PER_TICK, len(self._new)))]
        seats = [seat for seat in seats if seat.wants]
        if not seats:
            return
        try:
            tickets = await self._waiting_tickets([seat.user_id for seat in seats])
        except Exception:
            # What is told here is a courtesy; the database is asked again.
            self._new.extend(seats)
            raise
        for seat in seats:
            if seat.wants and seat.ticket is None:
                seat.ticket = tickets.get(seat.user_id)
                if seat.ticket is not None:
                    seat.due_at = time.monotonic()
                    self._waiting.appendleft(seat)

    async def _tell_some(self, most: int, now: float) -> int:
        """How many were told of those who are due next."""
        due: list[tuple[Seat, MatchRequest]] = []
        while self._waiting and self._waiting[0].due_at <= now and len(due) < LOOKS_AT_ONCE:
            seat = self._waiting.popleft()
            if seat.ticket is not None:
                due.append((seat, seat.ticket))
        try:
            places = await self._board.places_of([ticket for _, ticket in due])
        except Exception:
            self._waiting.extendleft(seat for seat, _ in reversed(due))
            raise
        told, later = 0, list[Seat]()
        for (seat, ticket), place in zip(due, places, strict=True):
            if seat.ticket is not ticket:
                continue
            if told == most:
                later.append(seat)
                continue
            told += seat.offer(place, now)
            seat.due_at = now + self._interval
            self._waiting.append(seat)
        self._waiting.extendleft(reversed(later))
        return told


def is_news(told: Place, place: Place, age: float) -> bool:
    """Whether somebody who was told a place `age` seconds ago should be told this one."""
    if age >= EXACT_AFTER:
        return (told.position, told.waiting) != (place.position, place.waiting) or _is_off(told, place, age)
    return (
        abs(place.position - told.position) >= max(1, told.position // NOTICEABLE)
        or abs(place.waiting - told.waiting) >= max(1, told.waiting // NOTICEABLE)
        or _is_off(told, place, age)
    )


def _is_off(told: Place, place: Place, age: float) -> bool:
    """Whether the estimate is another one than the one that was told, counted down since."""
    before, after = told.estimate.typical, place.estimate.typical
    if before is None or after is None:
        return before is not after
    return abs(after - (before - age)) > max(ESTIMATE_SECONDS, ESTIMATE_SHARE * before)
