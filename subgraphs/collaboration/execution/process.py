"""One sandboxed process: start it, feed it, collect what it says within limits, know when it is gone, kill it with all its children."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from .launcher import Launcher
from .sandbox import CASES_FD, RESULTS_FD, Limits, Sandbox
from .slots import Slot

MAX_OUTPUT = 64 * 1024  # bytes that one case may print, on each of the two streams
MAX_ANSWER = 1024 * 1024  # bytes of one line on the results' descriptor
READ_SIZE = 65536
WRITE_PAUSE = 0.002  # seconds between attempts to write into a full pipe


class SandboxedProcess:
    """A running process tree. `close` ends it, whatever it does."""

    def __init__(self, launcher: Launcher, *, with_cases: bool) -> None:
        self._launcher = launcher
        self._fds = launcher.fds
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._lines: deque[bytes] = deque()
        self._partial = bytearray()
        self.has_flooded = False
        """It printed or answered more than allowed."""
        self._stdout = _Capture(self._fds["stdout"], self._flooded)
        self._stderr = _Capture(self._fds["stderr"], self._flooded)
        for capture in (self._stdout, self._stderr):
            self._loop.add_reader(capture.fd, capture.read)
        if with_cases:
            self._loop.add_reader(self._fds["results"], self._read_results)
        self._exit = asyncio.create_task(self._wait())

    @classmethod
    async def start(
        cls,
        sandbox: Sandbox,
        slot: Slot,
        folder: Path,
        limits: Limits,
        program: Sequence[str],
        *,
        with_cases: bool = False,
        with_stdin: bool = False,
    ) -> SandboxedProcess:
        """Start `program`. With cases, its last two arguments are the numbers of the descriptors for cases and results.

        Raises SandboxMissing."""
        launcher = await slot.take(sandbox, folder, writes_box=limits.writes_box)
        if with_cases:
            program = [*program, str(CASES_FD), str(RESULTS_FD)]
        process = cls(launcher, with_cases=with_cases)
        try:
            launcher.release(limits, program, with_cases=with_cases)
        except BaseException:
            await process.close()
            raise
        if not with_stdin:
            process.close_input("stdin")
        return process

    @property
    def returncode(self) -> int | None:
        return self._launcher.returncode

    async def next_line(self, timeout: float) -> bytes | None:
        """The next line on the results' descriptor; None when it is gone, has flooded, or the time (in seconds) is up."""
        deadline = self._loop.time() + timeout
        while not self._lines:
            if self.has_flooded or self._exit.done():
                self._read_results()
                break
            self._changed.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._changed.wait()
            except TimeoutError:
                return None
        return self._lines.popleft() if self._lines else None

    async def ended(self, timeout: float) -> bool:
        """Wait until it is gone or has flooded; False when the time (in seconds) is up first."""
        deadline = self._loop.time() + timeout
        while not (self._exit.done() or self.has_flooded):
            self._changed.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._changed.wait()
            except TimeoutError:
                return False
        return True

    async def send(self, name: str, data: bytes, timeout: float) -> None:
        """Write into one of its inputs ("cases", "stdin"); gives up when it does not read in time or is gone."""
        deadline = self._loop.time() + timeout
        view = memoryview(data)
        while view and not self._exit.done() and self._loop.time() < deadline:
            try:
                view = view[os.write(self._fds[name], view) :]
            except BlockingIOError:
                await asyncio.sleep(WRITE_PAUSE)
            except BrokenPipeError:
                return

    def close_input(self, name: str) -> None:
        self._launcher.close_input(name)

    def take_output(self) -> tuple[str, str]:
        """What it printed since the last time, on standard output and as errors."""
        return self._stdout.take(), self._stderr.take()

    async def close(self) -> None:
        """Kill it if it still runs, and let go of everything."""
        for fd in (self._stdout.fd, self._stderr.fd, self._fds["results"]):
            self._loop.remove_reader(fd)
        await self._launcher.end()
        await self._exit

    def _read_results(self) -> None:
        fd = self._fds.get("results")
        while fd is not None and not self.has_flooded:
            try:
                data = os.read(fd, READ_SIZE)
            except BlockingIOError:
                break
            if not data:
                self._loop.remove_reader(fd)
                break
            self._partial += data
            *lines, rest = self._partial.split(b"\n")
            self._partial = bytearray(rest)
            self._lines.extend(bytes(line) for line in lines)
            if len(self._partial) > MAX_ANSWER or len(self._lines) > 1000:
                self._flooded()
        self._changed.set()

    def _flooded(self) -> None:
        self.has_flooded = True
        self._changed.set()

    async def _wait(self) -> None:
        await self._launcher.ended.wait()
        self._changed.set()


class _Capture:
    """What comes out of one pipe, up to the limit."""

    def __init__(self, fd: int, flooded: Callable[[], None]) -> None:
        self.fd = fd
        self._data = bytearray()
        self._flooded = flooded

    def read(self) -> None:
        while True:
            try:
                data = os.read(self.fd, READ_SIZE)
            except BlockingIOError:
                return
            if not data:
                asyncio.get_running_loop().remove_reader(self.fd)
                return
            self._data += data
            if len(self._data) > MAX_OUTPUT:
                del self._data[MAX_OUTPUT:]
                self._flooded()
                return

    def take(self) -> str:
        self.read()
        text = self._data.decode(errors="replace")
        self._data = bytearray()
        return text
