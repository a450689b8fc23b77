"""People who arrive while the system is disturbed: they sign up, look for a partner, and some leave their session and look again.

Whatever they are not answered they ask again, as an app does, so that many a request is made twice.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from deploy.local.demo_operations import END_SESSION, LOG_IN

from .crowd import ASK, PATIENCE, NotDone, Person

OPEN_SESSION = "{ mySessions(first: 1) { edges { node { id status } } } }"
# A language of their own: whoever of them waits at the end must not meet the two of the journey.
WISH = {"language": "JAVA", "difficulty": "EASY", "topics": []}
PAUSE = 0.4  # seconds between one arrival and the next
LEAVING = 0.4  # how likely somebody leaves with each arrival
WAITING = frozenset({"MatchTicket", "AlreadyQueued", "AlreadyInMatch"})
"""What `requestMatch` answers to whoever waits now, or does so no more."""


@dataclass(slots=True)
class Newcomers:
    """Everybody who has arrived."""

    url: str
    http: aiohttp.ClientSession
    people: list[Person] = field(default_factory=list)
    """Those whose account was acknowledged."""
    seekers: list[Person] = field(default_factory=list)
    """Those whose search was acknowledged."""
    left: int = 0
    """Sessions that somebody ended, acknowledged."""
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    async def keep_arriving(self) -> None:
        """One after the other, for ever; what each does goes on beside."""
        while True:
            self._begin(self._arrive())
            if self.seekers and random.random() < LEAVING:
                self._begin(self._leave(random.choice(self.seekers)))
            await asyncio.sleep(PAUSE)

    async def settle(self) -> None:
        """Wait until everybody who wanted something was answered. Raises what went wrong with anybody."""
        await asyncio.gather(*self._under_way)

    async def require_accounts(self) -> None:
        """Whoever was told to be signed up can log in."""
        for person in self.people:
            answer = await person.ask(LOG_IN, input={"email": person.email, "password": person.password})
            assert answer["logIn"]["__typename"] == "AuthPayload", answer

    def _begin(self, what: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(what)
        self._under_way.add(task)
        # One that failed stays, to be seen.
        task.add_done_callback(lambda done: self._under_way.discard(done) if done.exception() is None else None)

    async def _arrive(self) -> None:
        person = Person(self.url, self.http)
        try:
            await person.sign_up()
        except NotDone:
            return  # perhaps there is an account, but nothing was promised
        self.people.append(person)
        await _look_for_partner(person)
        self.seekers.append(person)

    async def _leave(self, person: Person) -> None:
        """End the session one is in, and look for the next partner."""
        edges = (await _until_answered(person, OPEN_SESSION))["mySessions"]["edges"]
        if not edges or edges[0]["node"]["status"] != "ACTIVE":
            return
        answer = await _until_answered(person, END_SESSION, input={"sessionId": edges[0]["node"]["id"]})
        if answer["endSession"]["__typename"] == "Session":
            self.left += 1
        await _look_for_partner(person)


async def _look_for_partner(person: Person) -> None:
    answer = await _until_answered(person, ASK, input=WISH)
    assert answer["requestMatch"]["__typename"] in WAITING, answer


async def _until_answered(person: Person, document: str, **variables: Any) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await person.ask(document, **variables)
            except NotDone:
                await asyncio.sleep(random.uniform(0.1, 0.5))
