"""Real replicas of the matching subgraph, each a process of its own that can be killed and started again."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from .doubles import SERVICE_SECRET

ROOT = Path(__file__).resolve().parents[3]
START_TIMEOUT = 180.0  # seconds; imports take long where many processes share few cores


@dataclass(slots=True)
class Replica:
    """One process. Its port stays the same over its lives."""

    environment: dict[str, str]
    port: int
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "subgraphs", "serve", "matching",
            cwd=ROOT, env=os.environ | self.environment | {"PORT": str(self.port)}, stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(START_TIMEOUT), aiohttp.ClientSession() as client:
            while not await self._is_ready(client):
                assert self.process.returncode is None, "a replica ended while it started"
                await asyncio.sleep(0.1)

    async def kill(self) -> None:
        """SIGKILL: no goodbye to anybody."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(how)
            await self.process.wait()

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

    async def keep_killing(self, chance: random.Random, pause: float) -> None:
        """Kill one replica after the other, at random, each started again at once."""
        while True:
            await asyncio.sleep(pause * chance.uniform(0.5, 1.5))
            replica = chance.choice(self.replicas)
            await replica.kill()
            self.kills += 1
            await replica.start()

    async def stop(self) -> None:
        await asyncio.gather(*(replica.stop() for replica in self.replicas))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
