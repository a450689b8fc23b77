"""Keep the processes of a running system alive: start again what dies, and replace everything one by one when asked."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import aiohttp

from .postgres import PrivatePostgres
from .postgres_server import PostgresFailed
from .processes import ManagedProcess, ProcessFailed

MAX_QUICK_DEATHS = 5  # in a row: a process that cannot live is not started for ever
QUICK = 3.0  # seconds of life below which a death counts as quick
POSTGRES_POLL = 0.25  # seconds between looks whether PostgreSQL lives
RETRY_PAUSE = 0.5  # seconds after PostgreSQL did not start again
REPLACE_ALL = signal.SIGUSR1  # asks for a rolling restart; SIGHUP is what a terminal sends that is closed
NOT_RUNNING = "No system runs on this data folder. Start it first: ./just up --replicas ..."

Say = Callable[[str], None]


@dataclass(slots=True)
class Supervisor:
    """Watches `processes`, which it changes in place."""

    processes: list[ManagedProcess]
    log_folder: Path
    say: Say
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _quick_deaths: dict[str, int] = field(default_factory=dict)
    _rolling: asyncio.Task[None] | None = None

    async def watch(self, stopped: asyncio.Event) -> ManagedProcess | None:
        """Return when the system is to stop (None), or the process that died and is not started again."""
        stopping = asyncio.create_task(stopped.wait())
        try:
            while True:
                changed = asyncio.create_task(self._changed.wait())
                watched = [process for process in self.processes if not process.is_stopping]
                waiters = {asyncio.create_task(process.process.wait()): process for process in watched}
                done, _ = await asyncio.wait({stopping, changed, *waiters}, return_when=asyncio.FIRST_COMPLETED)
                for waiter in (changed, *waiters):
                    waiter.cancel()
                self._changed.clear()
                if stopped.is_set():
                    return None
                for waiter in done & waiters.keys():
                    dead = waiters[waiter]
                    if not dead.is_stopping and not await self._start_again(dead):
                        return dead
        finally:
            stopping.cancel()
            if self._rolling is not None:
                self._rolling.cancel()
                await asyncio.gather(self._rolling, return_exceptions=True)

    def ask_to_replace_all(self) -> None:
        """Begin a rolling restart, unless one is under way."""
        if self._rolling is None or self._rolling.done():
            self._rolling = asyncio.create_task(self._replace_all())

    async def _start_again(self, dead: ManagedProcess) -> bool:
        """False for a process that the system cannot do without, or that dies again and again."""
        name = dead.spec.name
        quick = self._quick_deaths.get(name, 0) + 1 if time.monotonic() - dead.started_at < QUICK else 0
        self._quick_deaths[name] = quick
        if not dead.spec.is_restarted or quick >= MAX_QUICK_DEATHS:
            return False
        self.say(f"{name} ended with status {dead.process.returncode}; starting it again.")
        self.processes.remove(dead)
        self.processes.append(await ManagedProcess.start(dead.spec, self.log_folder))
        return True

    async def _replace_all(self) -> None:
        """Stop and start each replica by itself, the next one when this one is ready again."""
        started = time.monotonic()
        replicas = [process for process in self.processes if process.spec.is_replica]
        self.say(f"Rolling restart of {len(replicas)} processes.")
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as client:
                for old in replicas:
                    await self._replace(old, client)
        except ProcessFailed as error:
            self.say(f"Rolling restart stopped: {error}")
            return
        self.say(f"Rolling restart done in {time.monotonic() - started:.0f} s.")

    async def _replace(self, old: ManagedProcess, client: aiohttp.ClientSession) -> None:
        began = time.monotonic()
        await old.stop()
        if old not in self.processes:
            return  # it died and was started again meanwhile
        self.processes.remove(old)
        new = await ManagedProcess.start(old.spec, self.log_folder)
        self.processes.append(new)
        self._changed.set()
        await new.wait_until_ready(client)
        self.say(f"  {old.spec.name} replaced in {time.monotonic() - began:.1f} s")


async def keep_postgres_running(server: PrivatePostgres, say: Say) -> None:
    """Start the private PostgreSQL again whenever it has died; for ever."""
    while True:
        await asyncio.sleep(POSTGRES_POLL)
        if server.is_running():
            continue
        say("PostgreSQL ended; starting it again.")
        said = ""
        while not server.is_running():
            try:
                await asyncio.to_thread(server.start_again)
            except PostgresFailed as error:
                if said != (said := str(error)):
                    say(f"PostgreSQL did not start ({said}); trying on.")
                await asyncio.sleep(RETRY_PAUSE)
        say("PostgreSQL is back.")


class NotRunning(Exception):
    """Raised when no system runs on this data folder."""


class AlreadyRunning(Exception):
    """Raised when a system runs on this data folder already; the message says which process, and the ways out."""


def ask_for_rolling_restart(path: Path) -> None:
    """Ask the process of `process_id_file` to replace its replicas. Raises NotRunning."""
    try:
        with path.open() as file:
            if _lock(file, fcntl.LOCK_SH):
                # Nobody holds it: the number is of somebody who is gone, and may be another program's now.
                raise NotRunning(NOT_RUNNING)
            os.kill(int(file.read()), REPLACE_ALL)
    except (OSError, ValueError) as error:
        raise NotRunning(NOT_RUNNING) from error


@contextlib.contextmanager
def process_id_file(path: Path) -> Iterator[None]:
    """Tell other commands of this machine which process runs the system, while the block runs. Raises AlreadyRunning."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # It stays when the block ends, and says nothing then: who waits for a file that is removed has the lock of nothing.
    with path.open("a+") as file:
        if not _lock(file, fcntl.LOCK_EX):
            file.seek(0)
            raise AlreadyRunning(
                f"Tandem runs already on {path.parent} (process {file.read() or 'unknown'}). Stop it, "
                "or start another one beside it: ./just up --first-port 5000 --data FOLDER"
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _lock(file: IO[str], how: int) -> bool:
    """Take the lock, which ends with the open file or its process; False when somebody else has it."""
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
