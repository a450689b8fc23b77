"""What happens to the crowd and to matching at random: accounts end, neighbours fall silent, the bus delivers things again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from subgraphs.kit.database import Database

from .crowd import Crowd, Member
from .doubles import Neighbours
from .neighbourhood import Accounts

MAX_SUSPENDED = 0.1  # of the members at a time
# What a consumer that died after handling and before noting it does to the others: everything since comes again. Not while it handles
# something: this would wait at the end of a line without end.
_GO_BACK = text("""
    UPDATE bus.consumers SET position = greatest(position - :events, 0)
    WHERE name = (SELECT name FROM bus.consumers WHERE name = :name FOR UPDATE SKIP LOCKED)
    RETURNING name
""")


@dataclass(slots=True)
class Trouble:
    """Call `stir` before every act; `end` when the crowd has finished."""

    crowd: Crowd
    accounts: Accounts
    neighbours: Neighbours
    database: Database
    chance: random.Random
    rate: float = 0.03
    """Of how many acts something happens."""
    suspensions: int = 0
    repeats: int = 0
    outages: int = 0
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Of what happens to accounts: the users service decides one thing after the other."""
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    def stir(self) -> None:
        if self.chance.random() < self.rate:
            happening = self.chance.choices(
                [self._suspend_or_reinstate, self._delete, self._repeat, self._fall_silent], [12, 3, 5, 1]
            )[0]
            self._start(happening())

    async def end(self) -> None:
        """Everything that began has ended: all neighbours answer, deleted people's clients have given up."""
        while self._under_way:
            ended, self._under_way = await asyncio.wait(self._under_way)
            for task in ended:
                task.result()

    async def reinstate_all(self) -> None:
        for user_id in tuple(self.accounts.suspended):
            await self.accounts.reinstate(user_id)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._under_way.add(asyncio.create_task(work))

    async def _suspend_or_reinstate(self) -> None:
        async with self._one_at_a_time:
            suspended = sorted(self.accounts.suspended)
            is_full = len(suspended) >= MAX_SUSPENDED * len(self.crowd.members)
            if suspended and (is_full or self.chance.random() < 0.4):
                await self.accounts.reinstate(self.chance.choice(suspended))
            else:
                self.suspensions += 1
                await self.accounts.suspend(self._somebody().id)

    async def _delete(self) -> None:
        """The token lives on for a while, and so does the client; somebody new comes."""
        async with self._one_at_a_time:
            member = self._somebody()
            await self.accounts.delete(member.id)
        self.crowd.join()
        await asyncio.sleep(self.chance.uniform(0, 5))
        self.crowd.retire(member)

    async def _repeat(self) -> None:
        """Deliver the newest events once more: twice, and after what came later."""
        for name in ("matching", "collaboration"):
            for _ in range(100):
                async with self.database.transaction() as session:
                    values = {"events": self.chance.randint(1, 30), "name": name}
                    if (await session.execute(_GO_BACK, values)).first() is not None:
                        self.repeats += 1
                        break
                await asyncio.sleep(0.02)

    async def _fall_silent(self) -> None:
        """Questions and users do not answer: for some time, or for longer than pairs are patient."""
        if self.neighbours.is_questions_down:
            return
        self.outages += 1
        self.neighbours.is_questions_down = self.neighbours.is_users_down = True
        await asyncio.sleep(self.chance.uniform(0.5, 6))
        self.neighbours.is_questions_down = self.neighbours.is_users_down = False

    def _somebody(self) -> Member:
        """Who is neither suspended nor deleted."""
        away = self.accounts.suspended | self.accounts.deleted
        return self.chance.choice([member for member in self.crowd.members if member.id not in away])
