"""Measure the moment people judge us by: from a compatible person's arrival until both clients have their event, through the gateway.

    python -m bench.matching.gateway [--waiting 0,1000,10000,100000] [--replicas 1,3] [--pairs 60] [--rate 3] [--write]

The whole system as `./just up` starts it, on a private PostgreSQL: gateway, users, questions, matching, collaboration. One person
waits; the clock starts when the other one's `requestMatch` is sent and stops when the slower of the two sockets has `MatchMade` with
partner, question and session. The queue is full of people who want another topic.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import psutil

from deploy.local import demo_operations as operations
from deploy.local.graphql_client import GraphQLClient, Subscription
from deploy.local.plan import LocalSystem
from deploy.local.ports import free_block
from deploy.local.postgres import start_private_postgres
from deploy.local.up import DATABASE_NAME, running_system
from subgraphs.matching.topics import TOPICS

from .cpu import server_cpu
from .population import fill_database

RESULTS = Path(__file__).parent / "gateway.json"
PORTS = 200  # a block of free ports, with room for replicas
AT_ONCE = 2  # people who sign up at the same time
EVENT_TIMEOUT = 30.0  # seconds
WISH = {"language": "PYTHON", "difficulty": "EASY", "topics": ["Recursion"]}
OTHER_TOPICS = tuple(topic for topic in TOPICS if topic not in WISH["topics"])
UNLIMITED = {"SIGN_UP_LIMIT_PER_ADDRESS": "1000000", "LOGIN_LIMIT_PER_ADDRESS": "1000000"}


@dataclass(frozen=True, slots=True)
class Stage:
    """The running system."""

    url: str
    processes: dict[str, psutil.Process]
    postgres_folder: Path

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time so far, by process, with the children of each; PostgreSQL is one."""
        spent = {"postgres": server_cpu(self.postgres_folder)}
        for name, process in self.processes.items():
            for each in (process, *process.children(recursive=True)):
                times = each.cpu_times()
                spent[name] = spent.get(name, 0.0) + times.user + times.system
        return spent


@dataclass(slots=True)
class Person:
    """One signed-up person with a client of their own."""

    client: GraphQLClient
    wish: dict[str, Any]
    made_at: float = 0.0
    queued: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait_for_match(self, subscription: Subscription) -> None:
        while True:
            event = (await subscription.next(EVENT_TIMEOUT))["matchEvents"]
            if event["__typename"] == "MatchQueued":
                self.queued.set()
            elif event["__typename"] == "MatchMade":
                self.made_at = time.perf_counter()
                assert all(event["match"][name] for name in ("partner", "question", "session")), event
                return

    async def ask(self) -> None:
        answer = await self.client.execute(operations.REQUEST_MATCH, {"input": self.wish})
        assert answer["requestMatch"]["__typename"] == "MatchTicket", answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waiting", default="0,1000,10000,100000", help="lengths of the queue")
    parser.add_argument("--replicas", default="1,3", help="replicas of matching")
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--rate", type=float, default=3.0, help="pairs a second")
    parser.add_argument("--write", action="store_true", help="write gateway.json beside this file")
    options = parser.parse_args()
    os.environ.update(UNLIMITED)
    rows = []
    for replicas in (int(number) for number in options.replicas.split(",")):
        for waiting in (int(number) for number in options.waiting.split(",")):
            rows.append(asyncio.run(_measure(waiting, replicas, options.pairs, options.rate)))
            sys.stdout.write(orjson.dumps(rows[-1]).decode() + "\n")
            sys.stdout.flush()
    if options.write:
        RESULTS.write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2) + b"\n")


async def _measure(waiting: int, replicas: int, pairs: int, rate: float) -> dict[str, Any]:
    async with _system(replicas, waiting) as stage, aiohttp.ClientSession() as session:
        warm_up = await _sign_up(stage.url, session, 10)
        people = await _sign_up(stage.url, session, 2 * pairs)
        await _let_arrive(warm_up, 2.0)
        load, before, own = os.getloadavg()[0], stage.cpu_seconds(), time.process_time()
        waits = sorted(await _let_arrive(people, rate))
        spent = {name: seconds - before[name] for name, seconds in stage.cpu_seconds().items()}
        spent["clients"] = time.process_time() - own
    return {
        "waiting": waiting,
        "replicas": replicas,
        "pairs": len(waits),
        "pairs_per_second": rate,
        "p50_ms": round(_percentile(waits, 0.5) * 1000, 1),
        "p90_ms": round(_percentile(waits, 0.9) * 1000, 1),
        "p99_ms": round(_percentile(waits, 0.99) * 1000, 1),
        "load": round(load, 1),
        "cpu_ms_per_pair": {name: round(seconds * 1000 / pairs, 1) for name, seconds in sorted(spent.items())},
    }


@asynccontextmanager
async def _system(replicas: int, waiting: int) -> AsyncIterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="tandem-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        system = LocalSystem(Path(folder), first_port=free_block(PORTS), replicas={"matching": replicas})
        async with running_system(system, None, lambda line: None) as processes:
            server = await asyncio.to_thread(start_private_postgres, system.data_folder / "postgres")
            try:
                await fill_database(server.url(DATABASE_NAME), waiting, OTHER_TOPICS)
                yield Stage(
                    f"{system.url('gateway')}/graphql",
                    {each.spec.name: psutil.Process(each.process.pid) for each in processes},
                    server.data_folder,
                )
            finally:
                server.stop()


async def _sign_up(url: str, session: aiohttp.ClientSession, count: int) -> list[Person]:
    """People two by two: a candidate who waits, and an interviewer who comes."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def sign_up(number: int) -> Person:
        role = "INTERVIEWER" if number % 2 else "CANDIDATE"
        client = GraphQLClient(url, session)
        password = secrets.token_urlsafe(16)
        account = {"name": f"Person {number}", "email": f"{secrets.token_hex(8)}@example.org", "password": password}
        async with turn:
            await client.execute(operations.SIGN_UP, {"input": account})
            credentials = {"email": account["email"], "password": password}
            client.token = (await client.execute(operations.LOG_IN, {"input": credentials}))["logIn"]["accessToken"]
        return Person(client, WISH | {"preferences": {"role": role}})

    return list(await asyncio.gather(*(sign_up(number) for number in range(count))))


async def _let_arrive(people: Sequence[Person], rate: float) -> list[float]:
    """Seconds from the second one's request to the later of both events, of each pair; `rate` pairs arrive a second."""
    chance = random.Random(5)
    start = time.perf_counter()

    async def pair(number: int, first: Person, second: Person) -> float:
        await asyncio.sleep(max(0.0, start + (number + chance.random()) / rate - time.perf_counter()))
        async with (
            first.client.subscribe(operations.MATCH_EVENTS) as for_first,
            second.client.subscribe(operations.MATCH_EVENTS) as for_second,
            asyncio.TaskGroup() as group,
        ):
            group.create_task(first.wait_for_match(for_first))
            group.create_task(second.wait_for_match(for_second))
            await first.ask()
            await first.queued.wait()
            asked_at = time.perf_counter()
            await second.ask()
        return max(first.made_at, second.made_at) - asked_at

    couples = zip(people[::2], people[1::2], strict=True)
    return list(await asyncio.gather(*(pair(number, *both) for number, both in enumerate(couples))))


def _percentile(sorted_values: Sequence[float], share: float) -> float:
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


if __name__ == "__main__":
    main()
