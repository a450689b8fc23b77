"""A replica of the collaboration subgraph as a process of its own, to be killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import aiohttp

from tests.subgraphs.collaboration.people import Person

ROOT = Path(__file__).resolve().parents[3]


class Replica:
    """A real process that serves collaboration."""

    def __init__(self, stage: Any, neighbours_url: str) -> None:
        self._neighbours = stage.neighbours
        self._environment = {
            **os.environ,
            "DATABASE_URL": stage.settings.database_url,
            "USER_SERVICE_URL": neighbours_url,
            "QUESTION_SERVICE_URL": neighbours_url,
            "EXECUTION": "off",
            "JOIN_GRACE": str(stage.settings.join_grace),
            "LOG_LEVEL": "ERROR",
        }
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""

    def client_of(self, person: Person) -> Person:
        """The person at this replica, with a token that is fresh: on a busy machine the kills take longer than a token lives."""
        return Person(person.id, self._neighbours.token(person.id), self.url, person.client)

    async def start(self) -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "subgraphs",
            "serve",
            "collaboration",
            env={**self._environment, "PORT": str(port)},
            cwd=ROOT,
        )
        url = f"http://127.0.0.1:{port}"
        async with aiohttp.ClientSession() as client, asyncio.timeout(180):
            while True:
                assert self._process.returncode is None, "the replica did not start"
                with contextlib.suppress(aiohttp.ClientError):
                    async with client.get(f"{url}/health") as response:
                        if response.status == 200:
                            break
                await asyncio.sleep(0.05)
        self.url = url

    async def kill(self) -> None:
        self.url = ""
        if self._process is not None and self._process.returncode is None:
            os.kill(self._process.pid, signal.SIGKILL)
            await self._process.wait()
