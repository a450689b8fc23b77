"""People who ask, cancel, extend and leave at random on whatever replica answers, and remember what they were told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from .clients import EVENTS
from .doubles import access_token
from .replicas import Fleet

CALL_TIMEOUT = aiohttp.ClientTimeout(total=5)
CANCEL = "mutation { cancelMatch { __typename } }"
EXTEND = "mutation { extendTicket { __typename } }"
CURSOR = "cursor { epoch seq }"
CURRENT = f"{{ currentMatch {{ id status }} queueStatus {{ ticket {{ id {CURSOR} }} }} }}"
ASK = f"""mutation ($input: RequestMatchInput!) {{ requestMatch(input: $input) {{
    __typename ... on MatchTicket {{ {CURSOR} }} ... on AlreadyQueued {{ ticket {{ {CURSOR} }} }} }} }}"""
LEAVE = "mutation ($id: ID!) { leaveMatch(matchId: $id) { __typename } }"
BLOCK = "mutation ($id: ID!) { blockUser(userId: $id) { __typename } }"


@dataclass(slots=True)
class Member:
    """One person: the own history of events is what the subscription told, across all replicas."""

    fleet: Fleet
    client: aiohttp.ClientSession
    chance: random.Random
    id: UUID = field(default_factory=uuid4)
    token: str = ""
    history: list[tuple[str, int, str]] = field(default_factory=list)
    """Epoch, number and type of every event that is replayed, in order of arrival."""
    start: dict[str, Any] | None = None
    """The cursor of the first ticket this person knew of: from there on every event must be told."""
    resyncs: int = 0
    answers: int = 0
    failures: int = 0

    def __post_init__(self) -> None:
        self.token = access_token(self.id, lifetime=7200)

    async def act(self) -> None:
        """One operation that makes sense right now, most of the time."""
        data = await self.send(CURRENT)
        if data is None:
            return
        self._know(data["queueStatus"]["ticket"])
        match = data["currentMatch"]
        if match is not None:
            if match["status"] == "ACTIVE" and self.chance.random() < 0.7:
                await self.send(LEAVE, id=match["id"])
        elif data["queueStatus"]["ticket"] is not None:
            await self.send(self.chance.choice([CANCEL, EXTEND, EXTEND, CURRENT]))
        else:
            wish = {
                "language": self.chance.choice(["PYTHON", "PYTHON", "JAVA"]),
                "difficulty": self.chance.choice(["EASY", "MEDIUM"]),
                "topics": self.chance.choice([[], ["Arrays"], ["Graphs", "Arrays"]]),
                "preferences": {"role": self.chance.choice(["ANY", "ANY", "CANDIDATE", "INTERVIEWER"])},
            }
            answer = await self.send(ASK, input=wish)
            if answer is not None:
                self._know(answer["requestMatch"].get("ticket") or answer["requestMatch"])

    async def send(self, query: str, **variables: Any) -> dict[str, Any] | None:
        """The data, or None when the replica died: what it did before dying is for the others to find out."""
        url = f"{self.chance.choice(self.fleet.replicas).url}/graphql"
        headers = {"authorization": f"Bearer {self.token}"}
        body = {"query": query, "variables": variables}
        try:
            async with self.client.post(url, json=body, headers=headers, timeout=CALL_TIMEOUT) as response:
                data: dict[str, Any] | None = (await response.json()).get("data")
        except (aiohttp.ClientError, TimeoutError, ValueError):
            data = None
        self.answers += data is not None
        self.failures += data is None
        return data

    async def follow(self) -> None:
        """Follow the events for ever, going on at the last cursor on another replica whenever one dies."""
        while True:
            try:
                await self._follow_once(self.chance.choice(self.fleet.replicas).url)
            except (aiohttp.ClientError, TimeoutError, ValueError, TypeError, OSError):
                await asyncio.sleep(0.05)

    async def _follow_once(self, url: str) -> None:
        async with self.client.ws_connect(f"{url}/graphql", protocols=["graphql-transport-ws"]) as ws:
            await ws.send_json({"type": "connection_init", "payload": {"authorization": f"Bearer {self.token}"}})
            await ws.receive_json(timeout=5)
            after = {"epoch": self.history[-1][0], "seq": self.history[-1][1]} if self.history else self.start
            await ws.send_json(
                {"type": "subscribe", "id": "1", "payload": {"query": EVENTS, "variables": {"after": after}}}
            )
            async for message in ws:
                frame = message.json()
                if frame["type"] == "ping":
                    await ws.send_json({"type": "pong"})
                elif frame["type"] == "next":
                    self._remember(frame["payload"]["data"]["matchEvents"])

    def _know(self, ticket: dict[str, Any] | None) -> None:
        if self.start is None and ticket is not None and "cursor" in ticket:
            self.start = ticket["cursor"]

    def _remember(self, event: dict[str, Any]) -> None:
        if event["__typename"] == "MatchResync":
            self.resyncs += 1
        elif event["__typename"] != "MatchPosition":
            self.history.append((event["epoch"], event["seq"], event["__typename"]))


async def keep_acting(members: Sequence[Member], operations: int, at_once: int) -> None:
    """Let random members act until together they had that many operations answered or lost."""
    chance = members[0].chance
    free = asyncio.Semaphore(at_once)
    idle = set(range(len(members)))

    async def act(position: int) -> None:
        async with free:
            await members[position].act()
        idle.add(position)

    async with asyncio.TaskGroup() as group:
        while sum(member.answers + member.failures for member in members) < operations:
            if not idle or free.locked():
                await asyncio.sleep(0.005)
                continue
            position = chance.choice(sorted(idle))
            idle.discard(position)
            group.create_task(act(position))
