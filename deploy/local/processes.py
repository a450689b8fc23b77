"""Start processes, wait until they are ready, notice when one dies, and stop all of them in the right order: no orphan stays behind."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

READY_POLL = 0.1  # seconds between readiness probes
READY_TIMEOUT = 180.0  # seconds a process may take to become ready, on a machine that does much else
STOP_GRACE = 30.0  # seconds between SIGTERM and SIGKILL, as Kubernetes
PR_SET_PDEATHSIG = 1  # prctl(2): the signal a child gets when its parent dies


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """What to run: `ready_url` answers 200 when it can work; `stop_order` says who is stopped first (the lowest)."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ready_url: str
    stop_order: int = 0
    is_replica: bool = False
    """One of several processes of a service: the others go on without it, so it can be replaced while people work."""
    is_restarted: bool = False
    """Started again when it dies; without it the whole system stops, so that a developer sees at once what went wrong."""


class ProcessFailed(Exception):
    """Raised when a process ended by itself or did not become ready; the message carries the end of its log."""


@dataclass(slots=True)
class ManagedProcess:
    """One running child, its output in a log file."""

    spec: ProcessSpec
    log_path: Path
    process: asyncio.subprocess.Process
    is_stopping: bool = field(default=False)
    started_at: float = field(default_factory=time.monotonic)

    @classmethod
    async def start(cls, spec: ProcessSpec, log_folder: Path) -> ManagedProcess:
        log_path = log_folder / f"{spec.name}.log"
        with log_path.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *spec.command,
                env={**os.environ, **spec.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C in the terminal reaches us alone, so that we choose the order
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        return cls(spec, log_path, process)

    async def wait_until_ready(self, client: aiohttp.ClientSession, timeout: float = READY_TIMEOUT) -> None:
        """Return when `ready_url` answers 200. Raises ProcessFailed when the process ends or the time is up."""
        reason = "no answer"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while self.process.returncode is None:
                    try:
                        async with client.get(self.spec.ready_url) as response:
                            if response.status == 200:
                                return
                            reason = (await response.text())[:300]
                    except (aiohttp.ClientError, OSError) as error:
                        reason = str(error) or type(error).__name__
                    await asyncio.sleep(READY_POLL)
        if self.process.returncode is not None:
            raise ProcessFailed(f"{self.spec.name} ended with status {self.process.returncode}.{self.log_end()}")
        raise ProcessFailed(f"{self.spec.name} was not ready after {timeout:.0f} s ({reason}).{self.log_end()}")

    def log_end(self, lines: int = 15) -> str:
        """The last lines of the log, to be put behind a sentence."""
        text = self.log_path.read_text(errors="replace").splitlines()[-lines:]
        return f" The end of {self.log_path}:\n" + "\n".join(f"    {line}" for line in text) if text else ""

    async def stop(self, grace: float = STOP_GRACE, how: signal.Signals = signal.SIGTERM) -> None:
        """SIGTERM (a service gives notice first) or SIGINT (it does not), and SIGKILL when the grace is over."""
        self.is_stopping = True
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(how)
            try:
                await asyncio.wait_for(self.process.wait(), grace)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)
                await self.process.wait()


async def stop_all(processes: Sequence[ManagedProcess]) -> None:
    """Stop in `stop_order`; processes of the same order at the same time. Nobody is given notice: everything ends."""
    for order in sorted({process.spec.stop_order for process in processes}):
        batch = [process for process in processes if process.spec.stop_order == order]
        await asyncio.gather(*(process.stop(how=signal.SIGINT) for process in batch))


def _die_with_parent() -> None:
    """Runs in the child: ask Linux for SIGTERM when the parent is killed, so that even then nothing is left behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
