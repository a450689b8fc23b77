"""A bounded line in which people take turns: whoever has many jobs waiting does not keep the others from theirs."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class QueueFull(Exception):
    """Raised when no more may wait; the message says whose limit it is."""


class FairQueue(Generic[T]):
    """Items by person; persons in turn, each person's items in order."""

    def __init__(self, max_waiting: int, max_per_person: int) -> None:
        self._max_waiting = max_waiting
        self._max_per_person = max_per_person
        self._lines: OrderedDict[str, deque[T]] = OrderedDict()
        self._count = 0
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return self._count

    def put(self, person: str, item: T) -> None:
        """Raises QueueFull."""
        if self._count >= self._max_waiting:
            raise QueueFull("too many runs wait on this machine; try again in a moment")
        line = self._lines.get(person)
        if line is not None and len(line) >= self._max_per_person:
            raise QueueFull(f"{self._max_per_person} of your runs wait already; wait for one of them")
        if line is None:
            line = self._lines[person] = deque()
        line.append(item)
        self._count += 1
        self._filled.set()

    async def get(self) -> T:
        """The next item; waits for one. The person it belongs to goes to the end of the line."""
        while not self._lines:
            self._filled.clear()
            await self._filled.wait()
        person, line = next(iter(self._lines.items()))
        item = line.popleft()
        self._count -= 1
        if line:
            self._lines.move_to_end(person)
        else:
            del self._lines[person]
        return item
