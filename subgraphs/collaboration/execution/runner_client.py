"""How the subgraph asks the runner: a port, the socket behind it, a runner of our own as a child, and none at all."""

from __future__ import annotations

import asyncio
import itertools
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson
import structlog
from prometheus_client import Gauge

from ..errors import ExecutionUnavailable
from .jobs import Job, JobResult

logger = structlog.get_logger(__name__)

CONNECT_TIMEOUT = 2.0  # seconds
ASK_TIMEOUT = 5.0  # seconds for the list of toolchains
RUNS_IN_LINE = Gauge("tandem_runner_queue", "Runs handed to the runner that are not finished")
RUN_TIMEOUT = 180.0  # seconds for a job, waiting in line included
TOOLCHAINS_MAX_AGE = 30.0  # seconds the list is believed
MAX_LINE = 16 * 1024 * 1024  # bytes of one answer
RESTART_PAUSE = 2.0  # seconds before a runner that died is started again
ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A language that code can be run in, and what runs it."""

    language: str
    version: str


class Runner(Protocol):
    """Runs jobs, one at a time or several, each in a sandbox."""

    async def toolchains(self) -> list[Toolchain]:
        """What can be run; empty when nothing can."""
        ...

    async def run(self, job: Job) -> JobResult:
        """Raises ExecutionUnavailable when it cannot be run here and now."""
        ...

    async def aclose(self) -> None: ...


class NoRunner:
    """Stands for a runner where none is wanted."""

    async def toolchains(self) -> list[Toolchain]:
        return []

    async def run(self, job: Job) -> JobResult:
        raise ExecutionUnavailable("Running code is not available here: no sandboxed runner is configured.")

    async def aclose(self) -> None:
        return None


class SocketRunner:
    """The runner at an address: a path of a unix socket, or host:port."""

    def __init__(self, address: str, secret: str) -> None:
        self._address = address
        self._secret = secret
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._connecting = asyncio.Lock()
        self._ids = itertools.count()
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._toolchains: tuple[float, list[Toolchain]] | None = None

    async def toolchains(self) -> list[Toolchain]:
        known = self._toolchains
        if known is not None and time.monotonic() - known[0] < (TOOLCHAINS_MAX_AGE if known[1] else 0.5):
            return known[1]
        try:
            answer = await self._ask({"ask": "toolchains"}, ASK_TIMEOUT)
        except ExecutionUnavailable:
            return []
        found = [Toolchain(name, version) for name, version in answer.get("toolchains", {}).items()]
        self._toolchains = (time.monotonic(), found)
        return found

    async def run(self, job: Job) -> JobResult:
        with RUNS_IN_LINE.track_inprogress():
            answer = await self._ask({"ask": "run", "job": job.to_json()}, RUN_TIMEOUT)
        if "refused" in answer:
            raise ExecutionUnavailable(f"The code was not run: {answer['refused']}.")
        return JobResult.from_json(answer["result"])

    async def aclose(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        self._lose("the subgraph stops")

    async def _ask(self, request: dict[str, Any], timeout: float) -> dict[str, Any]:
        number = next(self._ids)
        answered: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._asked[number] = answered
        try:
            async with asyncio.timeout(timeout):
                writer = await self._connected()
                writer.write(orjson.dumps({"id": number, "secret": self._secret, **request}) + b"\n")
                await writer.drain()
                return await answered
        except (OSError, TimeoutError) as error:
            raise ExecutionUnavailable("The runner does not answer; try again in a moment.") from error
        finally:
            self._asked.pop(number, None)
            answered.cancel()

    async def _connected(self) -> asyncio.StreamWriter:
        async with self._connecting:
            if self._writer is None:
                async with asyncio.timeout(CONNECT_TIMEOUT):
                    if "/" in self._address:
                        reader, writer = await asyncio.open_unix_connection(self._address, limit=MAX_LINE)
                    else:
                        host, _, port = self._address.rpartition(":")
                        reader, writer = await asyncio.open_connection(host, int(port), limit=MAX_LINE)
                self._writer = writer
                self._reading = asyncio.create_task(self._read(reader))
            return self._writer

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError, ValueError):
            while line := await reader.readline():
                answer = orjson.loads(line)
                waiting = self._asked.get(answer["id"])
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)
        self._lose("the runner went away")

    def _lose(self, why: str) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self._toolchains = None
        for waiting in self._asked.values():
            if not waiting.done():
                waiting.set_exception(ConnectionResetError(why))


class ChildRunner(SocketRunner):
    """A runner started as a child of this process, on a socket that only we can reach; started again when it dies."""

    def __init__(self, *, workers: int, languages: Sequence[str]) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tandem-runner-"))
        self._workers = workers
        self._languages = languages
        self._child_secret = secrets.token_hex(32)
        super().__init__(str(self._folder / "socket"), self._child_secret)

    async def keep_running(self) -> None:
        """Start the child, and again whenever it ends; for ever."""
        while True:
            with suppress(FileNotFoundError):
                os.unlink(self._address)
            # Nothing of our environment: the runner needs no database and no secret but this one.
            environment = {
                "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
                "PYTHONPATH": str(ROOT),
                "RUNNER_SECRET": self._child_secret,
            }
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "subgraphs.collaboration.execution",
                f"--socket={self._address}",
                f"--workers={self._workers}",
                f"--languages={','.join(self._languages)}",
                "--stop-with-parent",
                env=environment,
                cwd=self._folder,
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                status = await child.wait()
            finally:
                if child.returncode is None:
                    child.terminate()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(5):
                            await child.wait()
                    if child.returncode is None:
                        child.kill()
            logger.warning("runner.ended", status=status)
            await asyncio.sleep(RESTART_PAUSE)

    async def aclose(self) -> None:
        await super().aclose()
        shutil.rmtree(self._folder, ignore_errors=True)
