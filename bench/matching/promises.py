"""Measure what reliability promises of waiting: how soon a pair is told, when a ticket expires, and what becomes of a cut connection.

    python -m bench.matching.promises [--people 1000] [--write]

One matching replica as a process of its own on a private PostgreSQL, its neighbours in this process, one socket per person. Three crowds,
one after the other: pairs who fit each other; people who fit nobody, with tickets of 30 seconds; and people whose sockets are cut, of
whom every other one comes back after 9 seconds. Beside each stand the processor seconds of the replica, of the clients and of PostgreSQL,
and how late the clients' own loop was at most: what they say of the replica is right to within that.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import orjson
import psutil

from deploy.local.ports import free_block
from deploy.local.postgres import start_private_postgres
from subgraphs.kit import migrations

from .cpu import server_cpu
from .neighbours import access_token, serving_neighbours

RESULTS = Path(__file__).parent / "promises.json"
START_TIMEOUT = 120.0  # seconds
EVENT_TIMEOUT = 120.0  # seconds
LOOP_LOOK = 0.01  # seconds between looks at how late the clients are
LIFETIME = 30.0  # seconds that a ticket waits here
ABSENCE = 9.0  # seconds after which those come back who do: less than the grace of 10
PAIRS_PER_SECOND = 10.0
ASKS_PER_SECOND = 60.0
OPENED_AT_ONCE = 20  # sockets
SETTLED = 0.05  # seconds that an answer takes once all have begun to follow
SETTLE_TIMEOUT = 60.0  # seconds
ASK = "mutation ($input: RequestMatchInput!) { requestMatch(input: $input) { __typename ... on MatchTicket { id } } }"
FOLLOW = """subscription ($after: MatchEventCursorInput) { matchEvents(after: $after) {
    __typename epoch seq ... on MatchCancelled { reason } ... on MatchMade { match { session { id } } } } }"""
WAITING = "{ queueStatus { ticket { id } } }"


@dataclass(slots=True)
class Person:
    """One person with one socket, and when each kind of event came."""

    url: str
    client: aiohttp.ClientSession
    id: UUID = field(default_factory=uuid4)
    token: str = ""
    ticket_id: str | None = None
    asked_at: float = 0.0
    heard_at: dict[str, float] = field(default_factory=dict)
    cursor: dict[str, Any] | None = None
    socket: aiohttp.ClientWebSocketResponse | None = None
    listening: asyncio.Task[None] | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self) -> None:
        """Open the socket and subscribe, from the last event known."""
        self.token = self.token or access_token(self.id)
        self.socket = await self.client.ws_connect(f"{self.url}/graphql", protocols=["graphql-transport-ws"])
        await self.socket.send_json({"type": "connection_init", "payload": {"authorization": f"Bearer {self.token}"}})
        await self.socket.receive_json()
        operation = {"query": FOLLOW, "variables": {"after": self.cursor}}
        await self.socket.send_json({"type": "subscribe", "id": "1", "payload": operation})
        self.listening = asyncio.create_task(self._listen(self.socket))

    def cut(self) -> None:
        """Lose the connection without a word of goodbye."""
        assert self.socket is not None
        assert self.listening is not None
        self.listening.cancel()
        transport = self.socket._response.connection.transport  # type: ignore[union-attr]
        assert transport is not None
        transport.abort()

    async def ask(self, **wish: Any) -> None:
        values = {"input": {"language": "PYTHON", "difficulty": "EASY", "topics": ["Arrays"]} | wish}
        self.asked_at = time.perf_counter()
        self.ticket_id = (await self.send(ASK, values))["requestMatch"]["id"]

    async def send(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self.token}"}
        body = {"query": query, "variables": variables or {}}
        async with self.client.post(f"{self.url}/graphql", json=body, headers=headers) as response:
            data: dict[str, Any] = (await response.json())["data"]
            return data

    async def heard(self, type: str) -> float:
        """When the first event of this type came, waited for."""
        async with asyncio.timeout(EVENT_TIMEOUT):
            while type not in self.heard_at:
                self.changed.clear()
                await self.changed.wait()
        return self.heard_at[type]

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            frame = message.json()
            if frame["type"] == "ping":
                await socket.send_json({"type": "pong"})
            elif frame["type"] == "next":
                event = frame["payload"]["data"]["matchEvents"]
                self.cursor = {"epoch": event["epoch"], "seq": event["seq"]}
                self.heard_at.setdefault(event["__typename"], time.perf_counter())
                self.changed.set()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1000, help="in each crowd; a fifth of it has its sockets cut")
    parser.add_argument("--write", action="store_true", help="write promises.json beside this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tandem-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = start_private_postgres(Path(folder) / "postgres")
        try:
            asyncio.run(server.create_database("promises"))
            for history in ("bus", "matching"):
                migrations.upgrade(history, server.url("promises"))
            result = asyncio.run(_measure(server.url("promises"), options.people, Path(folder) / "postgres"))
        finally:
            server.stop()
    sys.stdout.write(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode() + "\n")
    if options.write:
        RESULTS.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2) + b"\n")


async def _measure(database_url: str, people: int, data_folder: Path) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        first = free_block(2)
        neighbours = await stack.enter_async_context(serving_neighbours(first, database_url))
        url, replica = await stack.enter_async_context(_replica(first + 1, database_url, neighbours))
        client = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=60))
        )
        load = round(os.getloadavg()[0], 1)
        await _pairs(await _crowd(url, client, 20))  # warms up
        result: dict[str, Any] = {"people": people, "load": load}
        for name, measure, count in (
            ("pairs", _pairs, people),
            ("expiries", _expiries, people),
            ("cuts", _cuts, people // 5),
        ):
            crowd = await _crowd(url, client, count)
            watch = _Watch(replica, data_folder)
            async with watch:
                figures = await measure(crowd)
            result[name] = figures | watch.figures()
        return result


class _Watch:
    """What a crowd costs, and how late the clients are."""

    def __init__(self, replica: psutil.Process, data_folder: Path) -> None:
        self._replica = replica
        self._data_folder = data_folder
        self._before: dict[str, float] = {}
        self._after: dict[str, float] = {}
        self._latest = 0.0

    async def __aenter__(self) -> None:
        self._before = self._cpu()
        self._looking = asyncio.create_task(self._look())

    async def __aexit__(self, *_: object) -> None:
        self._looking.cancel()
        self._after = self._cpu()

    def figures(self) -> dict[str, Any]:
        used = {name: round(after - self._before[name], 1) for name, after in self._after.items()}
        return {"cpu_seconds": used, "clients_late_ms": round(self._latest * 1000)}

    def _cpu(self) -> dict[str, float]:
        return {
            "replica": sum(self._replica.cpu_times()[:2]),
            "clients": sum(psutil.Process().cpu_times()[:2]),
            "postgresql": server_cpu(self._data_folder),
        }

    async def _look(self) -> None:
        while True:
            due = time.perf_counter() + LOOP_LOOK
            await asyncio.sleep(LOOP_LOOK)
            self._latest = max(self._latest, time.perf_counter() - due)


@asynccontextmanager
async def _replica(port: int, database_url: str, neighbours: str) -> AsyncIterator[tuple[str, psutil.Process]]:
    environment = {
        "PORT": str(port),
        "DATABASE_URL": database_url,
        "USER_SERVICE_URL": neighbours,
        "QUESTION_SERVICE_URL": neighbours,
        "SERVICE_SECRET": "of-the-bench",
        "LOG_LEVEL": "ERROR",
        "TICKET_LIFETIME": f"PT{LIFETIME:.0f}S",
    }
    command = (sys.executable, "-m", "subgraphs", "serve", "matching")
    process = await asyncio.create_subprocess_exec(*command, env=os.environ | environment)
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(START_TIMEOUT), aiohttp.ClientSession() as client:
            while not await _is_ready(client, url):
                await asyncio.sleep(0.1)
        yield url, psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _is_ready(client: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with client.get(f"{url}/ready") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


async def _crowd(url: str, client: aiohttp.ClientSession, count: int) -> list[Person]:
    """So many people who follow their events."""
    people, turn = [Person(url, client) for _ in range(count)], asyncio.Semaphore(OPENED_AT_ONCE)

    async def follow(person: Person) -> None:
        async with turn:
            await person.follow()

    await asyncio.gather(*(follow(person) for person in people))
    # What it costs that a thousand come at once is not what is measured.
    async with asyncio.timeout(SETTLE_TIMEOUT):
        while await _answer_time(people[0]) > SETTLED:
            await asyncio.sleep(0.2)
    return people


async def _answer_time(person: Person) -> float:
    started = time.perf_counter()
    await person.send(WAITING)
    return time.perf_counter() - started


async def _pairs(people: Sequence[Person]) -> dict[str, Any]:
    """From the second one's request until both know of partner and session."""

    async def pair(number: int, one: Person, other: Person) -> float:
        await asyncio.sleep(number / PAIRS_PER_SECOND)
        await one.ask(preferences={"role": "CANDIDATE"})
        await one.heard("MatchQueued")
        await other.ask(preferences={"role": "INTERVIEWER"})
        return max(await one.heard("MatchMade"), await other.heard("MatchMade")) - other.asked_at

    couples = zip(people[::2], people[1::2], strict=True)
    waits = sorted(await asyncio.gather(*(pair(number, *both) for number, both in enumerate(couples))))
    await _leave(people)
    return {"pairs_per_second": PAIRS_PER_SECOND, **_milliseconds(waits)}


async def _expiries(people: Sequence[Person]) -> dict[str, Any]:
    """How long after its lifetime each of so many tickets is told to have expired; they fit nobody."""

    async def wait(number: int, person: Person) -> float:
        await asyncio.sleep(number / ASKS_PER_SECOND)
        await person.ask(preferences={"role": "CANDIDATE"})
        return await person.heard("MatchExpired") - person.asked_at - LIFETIME

    late = sorted(await asyncio.gather(*(wait(number, person) for number, person in enumerate(people))))
    await _leave(people)
    return {"asks_per_second": ASKS_PER_SECOND, "earliest_ms": round(late[0] * 1000), **_milliseconds(late)}


async def _cuts(people: Sequence[Person]) -> dict[str, Any]:
    """Cut everybody's socket; who comes back keeps the ticket, the others' are cancelled: so many seconds after the cut."""
    for person in people:
        await person.ask(preferences={"role": "CANDIDATE"})
        await person.heard("MatchQueued")
    back, gone = people[::2], people[1::2]
    cut_at = time.perf_counter()
    for person in people:
        person.cut()
    cancelled: dict[UUID, float] = {}

    async def watch(person: Person) -> None:
        while (await person.send(WAITING))["queueStatus"]["ticket"] is not None:
            await asyncio.sleep(0.25)
        cancelled[person.id] = time.perf_counter() - cut_at

    await asyncio.sleep(ABSENCE)
    await asyncio.gather(*(person.follow() for person in back))
    await asyncio.gather(*(watch(person) for person in gone))
    kept = [(await person.send(WAITING))["queueStatus"]["ticket"] for person in back]
    await _leave(back)
    return {
        "came_back": len(back),
        "kept_the_ticket": sum(ticket == {"id": person.ticket_id} for ticket, person in zip(kept, back, strict=True)),
        "gone": len(gone),
        **_milliseconds(sorted(cancelled.values())),
    }


async def _leave(people: Sequence[Person]) -> None:
    for person in people:
        if person.socket is not None and person.listening is not None:
            person.listening.cancel()
            await person.socket.close()


def _milliseconds(values: Sequence[float]) -> dict[str, int]:
    shares = {"p50_ms": 0.5, "p99_ms": 0.99, "max_ms": 1.0}
    return {
        name: round(values[min(len(values) - 1, int(len(values) * share))] * 1000) for name, share in shares.items()
    }


if __name__ == "__main__":
    main()
