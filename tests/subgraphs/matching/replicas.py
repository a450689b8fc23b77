"""Real replicas of the matching subgraph, each a process of its own that can be killed and started again."""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess

import aiohttp

from subgraphs.__main__ import serve

from .crashing import FORKS
from .doubles import SERVICE_SECRET

START_TIMEOUT = 180.0  # seconds; imports take long where many processes share few cores


def _serve(environment: dict[str, str]) -> None:
    os.environ.update(environment)
    serve("matching")


@dataclass(slots=True)
class Replica:
    """One process. Its port stays the same over its lives."""

    environment: dict[str, str]
    port: int
    process: BaseProcess | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.is_alive()

    async def start(self) -> None:
        self.process = FORKS.Process(target=_serve, args=(self.environment | {"PORT": str(self.port)},), daemon=True)
        self.process.start()
        async with asyncio.timeout(START_TIMEOUT), aiohttp.ClientSession() as client:
            while not await self._is_ready(client):
                assert self.is_running, "a replica ended while it started"
                await asyncio.sleep(0.1)

    async def kill(self) -> None:
        """SIGKILL: no goodbye to anybody."""
        if self.process is not None:
            self.process.kill()
            await asyncio.to_thread(self.process.join)

    async def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            await asyncio.to_thread(self.process.join)

    async def _is_ready(self, client: aiohttp.ClientSession) -> bool:
        try:
            async with client.get(f"{self.url}/ready") as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False


@dataclass(slots=True)
class Fleet:
    """Several replicas on one database."""

    replicas: list[Replica] = field(default_factory=list)
    kills: int = 0

    @classmethod
    async def started(cls, count: int, database_url: str, neighbours_url: str, **settings: str) -> Fleet:
        environment = {
            "DATABASE_URL": database_url,
            "USER_SERVICE_URL": neighbours_url,
            "QUESTION_SERVICE_URL": neighbours_url,
            "SERVICE_SECRET": SERVICE_SECRET,
            "LOG_LEVEL": "ERROR",
            **settings,
        }
        fleet = cls([Replica(environment, _free_port()) for _ in range(count)])
        await asyncio.gather(*(replica.start() for replica in fleet.replicas))
        return fleet

    async def keep_killing(self, chance: random.Random, done: Callable[[], int], interval: int) -> None:
        """Kill a replica at random after each `interval` operations or so, and start it again at once; `done` counts operations."""
        next_kill = interval
        while True:
            await asyncio.sleep(0.02)
            if done() < next_kill:
                continue
            # Anywhere in an operation, not at its end.
            await asyncio.sleep(chance.uniform(0, 0.1))
            replica = chance.choice(self.replicas)
            await replica.kill()
            self.kills += 1
            await replica.start()
            next_kill = done() + int(interval * chance.uniform(0.5, 1.5))

    async def stop(self) -> None:
        await asyncio.gather(*(replica.stop() for replica in self.replicas))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
