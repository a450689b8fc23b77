"""People who look for partners at random on whatever replica answers, follow their events, go away and come back, and remember it all."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import aiohttp

from .clients import EVENTS
from .doubles import access_token
from .neighbourhood import LivelyCollaboration
from .replicas import Fleet

CALL_TIMEOUT = aiohttp.ClientTimeout(total=5)
Behaviour: TypeAlias = Callable[["Member"], Coroutine[Any, Any, None]]
GRACE = 10.0  # seconds for which the place of somebody who went away is kept (DISCONNECT_GRACE)


@dataclass(slots=True)
class BlockSpan:
    """One block as its maker knows of it, by the clock; what is None was never answered, or never done."""

    begun: float
    since: float | None = None
    lifting: float | None = None
    lifted: float | None = None

    def is_certain(self, at: float) -> bool:
        """Whether nobody may be paired at this time: after the block was answered, and well before lifting it was asked for."""
        return self.since is not None and self.since < at and (self.lifting is None or at < self.lifting - 5)

    def is_possible(self, at: float) -> bool:
        """Whether pairing may have seen the block at about this time."""
        return self.begun - 5 < at and (self.lifted is None or at < self.lifted + 5)


@dataclass(frozen=True, slots=True)
class Link:
    """What the inviter gives away."""

    invitation_id: str
    token: str
    inviter_id: UUID


@dataclass(slots=True)
class Crowd:
    """All people, those that were deleted too, and what they know together."""

    fleet: Fleet
    client: aiohttp.ClientSession
    collaboration: LivelyCollaboration
    chance: random.Random
    behaviours: Sequence[Behaviour]
    """What every member does all the time."""
    skills: dict[UUID, str]
    """What the users service says of them."""
    members: list[Member] = field(default_factory=list)
    retired: list[Member] = field(default_factory=list)
    links: deque[Link] = field(default_factory=lambda: deque(maxlen=30))
    blocks: dict[frozenset[UUID], list[BlockSpan]] = field(default_factory=dict)
    accepted: dict[str, set[tuple[str, UUID]]] = field(default_factory=dict)
    """By invitation, the matches that were answered to those who accepted it, and to whom."""
    closed: dict[str, str] = field(default_factory=dict)
    """By invitation, the status that was answered to whoever withdrew or declined it."""
    mistakes: list[str] = field(default_factory=list)
    """Answers that nobody must ever get."""
    done: Counter[str] = field(default_factory=Counter)
    """How often each answer came."""
    operations: int = 0
    is_over: bool = False
    """From then on everybody stays and listens."""

    @property
    def everybody(self) -> list[Member]:
        return self.members + self.retired

    def join(self) -> Member:
        """Somebody new."""
        member = Member(self)
        self.skills[member.id] = self.chance.choice(["BEGINNER", "INTERMEDIATE", "INTERMEDIATE", "ADVANCED"])
        member.tasks = [asyncio.create_task(behaviour(member)) for behaviour in self.behaviours]
        self.members.append(member)
        return member

    def retire(self, member: Member) -> None:
        """A deleted person's client gives up."""
        if member in self.members:
            self.members.remove(member)
            self.retired.append(member)
            for task in member.tasks:
                task.cancel()

    async def leave(self) -> None:
        """Everybody's client ends."""
        tasks = [task for member in self.everybody for task in member.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(slots=True, eq=False)
class Member:
    """One person: the own history of events is what the subscription told, across all replicas."""

    crowd: Crowd
    id: UUID = field(default_factory=uuid4)
    token: str = ""
    history: list[tuple[str, int, str]] = field(default_factory=list)
    """Epoch, number and type of every event that is replayed, in order of arrival."""
    start: dict[str, Any] | None = None
    """The cursor of the first ticket this person knew of: from there on every event must be told."""
    resyncs: int = 0
    tickets: set[str] = field(default_factory=set)
    """All tickets that this person was told of."""
    sessions: dict[str, str | None] = field(default_factory=dict)
    """By match, the session that MatchMade told of."""
    partners: deque[UUID] = field(default_factory=lambda: deque(maxlen=5))
    invited: deque[str] = field(default_factory=lambda: deque(maxlen=5))
    """Rematches that somebody asked for."""
    own: deque[str] = field(default_factory=lambda: deque(maxlen=5))
    """Invitations this person made."""
    blocking: dict[UUID, BlockSpan] = field(default_factory=dict)
    has_blocked: set[UUID] = field(default_factory=set)
    """Nobody blocks the same person twice, so that one answer says all about one block."""
    proposals: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.token = access_token(self.id, lifetime=7200)

    async def send(self, query: str, *, key: str | None = None, **variables: Any) -> dict[str, Any] | None:
        """The data, or None when the replica died (what it did before dying is for the others to find out) or refused the person."""
        chance = self.crowd.chance
        url = f"{chance.choice(self.crowd.fleet.replicas).url}/graphql"
        headers = {"authorization": f"Bearer {self.token}"} | ({"idempotency-key": key} if key else {})
        body = {"query": query, "variables": variables}
        data: dict[str, Any] | None = None
        try:
            async with self.crowd.client.post(url, json=body, headers=headers, timeout=CALL_TIMEOUT) as response:
                answer = await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError):
            self.crowd.done["no answer"] += 1
        else:
            data = answer.get("data")
            self._judge(answer.get("errors") or [])
        self.crowd.operations += 1
        return data

    async def do(self, query: str, *, key: str | None = None, **variables: Any) -> dict[str, Any] | None:
        """The one thing that a mutation answers, counted by its type; None as in `send`."""
        data = await self.send(query, key=key, **variables)
        if data is None:
            return None
        ((name, result),) = data.items()
        self.crowd.done[f"{name}: {result.get('code') or result['__typename']}"] += 1
        found: dict[str, Any] = result
        return found

    def know(self, ticket: dict[str, Any] | None) -> None:
        """Remember a ticket that was answered, and from where on events must be told."""
        if ticket is not None and "cursor" in ticket:
            self.tickets.add(ticket["id"])
            if self.start is None:
                self.start = ticket["cursor"]

    async def follow(self) -> None:
        """Follow the events for ever, going on at the last cursor on another replica whenever one dies; away for a while now and then."""
        chance = self.crowd.chance
        while True:
            try:
                async with asyncio.timeout(None if self.crowd.is_over else chance.uniform(10, 60)):
                    await self._follow_once(chance.choice(self.crowd.fleet.replicas).url)
            except TimeoutError:
                # Most come back soon; some find their place gone.
                is_long = chance.random() < 0.1
                await self._stay_away(chance.uniform(GRACE, GRACE * 1.6) if is_long else chance.uniform(0, GRACE / 4))
            except (aiohttp.ClientError, ValueError, TypeError, OSError):
                await asyncio.sleep(0.05)

    async def _stay_away(self, seconds: float) -> None:
        back = time.monotonic() + seconds
        while time.monotonic() < back and not self.crowd.is_over:
            await asyncio.sleep(0.2)

    async def _follow_once(self, url: str) -> None:
        async with self.crowd.client.ws_connect(f"{url}/graphql", protocols=["graphql-transport-ws"]) as ws:
            await ws.send_json({"type": "connection_init", "payload": {"authorization": f"Bearer {self.token}"}})
            async with asyncio.timeout(5):
                await ws.receive_json()
            after = {"epoch": self.history[-1][0], "seq": self.history[-1][1]} if self.history else self.start
            await ws.send_json(
                {"type": "subscribe", "id": "1", "payload": {"query": EVENTS, "variables": {"after": after}}}
            )
            async for message in ws:
                frame = message.json()
                if frame["type"] == "ping":
                    await ws.send_json({"type": "pong"})
                elif frame["type"] == "next":
                    self._judge(frame["payload"].get("errors") or [])
                    self._remember(frame["payload"]["data"]["matchEvents"])
                elif frame["type"] == "error":
                    self._judge(frame["payload"])
                    break
        # Refused, most likely: suspended people try again until they are reinstated.
        await asyncio.sleep(0.5)

    def _judge(self, errors: list[dict[str, Any]]) -> None:
        """A refusal is an answer as any other; everything else that is no typed result is a mistake of the service."""
        for error in errors:
            code = error.get("extensions", {}).get("code")
            self.crowd.done[f"error: {code}"] += 1
            if code != "UNAUTHENTICATED":
                self.crowd.mistakes.append(f"{self.id} was answered {error}")

    def _remember(self, event: dict[str, Any]) -> None:
        kind = event["__typename"]
        if kind == "MatchResync":
            self.resyncs += 1
        elif kind != "MatchPosition":
            self.history.append((event["epoch"], event["seq"], kind))
        match = event.get("match") or {}
        if kind == "MatchMade":
            self.sessions[match["id"]] = (match["session"] or {}).get("id")
            if match["partner"] is not None:
                self.partners.append(UUID(match["partner"]["id"]))
        elif kind == "MatchInvited" and event["invitation"] is not None:
            self.invited.append(event["invitation"]["id"])
        elif kind == "MatchProposed":
            self.proposals.put_nowait(match["id"])


async def keep_acting(
    crowd: Crowd, act: Callable[[Member], Awaitable[None]], meddle: Callable[[], None], operations: int, at_once: int
) -> None:
    """Let random members act until together they had that many operations answered or lost; `meddle` is called before each act."""
    free = asyncio.Semaphore(at_once)
    busy: set[Member] = set()

    async def act_alone(member: Member) -> None:
        async with free:
            await act(member)
        busy.discard(member)

    async with asyncio.TaskGroup() as group:
        while crowd.operations < operations:
            member = crowd.chance.choice(crowd.members)
            if member in busy or free.locked():
                await asyncio.sleep(0.005)
                continue
            meddle()
            busy.add(member)
            group.create_task(act_alone(member))
