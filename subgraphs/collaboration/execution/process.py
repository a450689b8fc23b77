"""One sandboxed process: start it, feed it, collect what it says within limits, know when it is gone, kill it with all its children."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from .cgroups import ControlGroup
from .orphans import ORPHANS
from .sandbox import PROCESS_RESERVE, Limits, Sandbox, Slot

MAX_OUTPUT = 64 * 1024  # bytes that one case may print, on each of the two streams
MAX_ANSWER = 1024 * 1024  # bytes of one line on the results' descriptor
READ_SIZE = 65536
EMPTY_TIMEOUT = 5.0  # seconds a process group may take to end after it was killed
EMPTY_PAUSE = 0.002  # seconds between looks
WRITE_PAUSE = 0.002  # seconds between attempts to write into a full pipe


class SandboxedProcess:
    """A running process tree. `close` ends it, whatever it does."""

    def __init__(self, process: asyncio.subprocess.Process, fds: dict[str, int], group: ControlGroup) -> None:
        self._process = process
        self._group = group
        self._fds = fds
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._lines: deque[bytes] = deque()
        self._partial = bytearray()
        self.has_flooded = False
        """It printed or answered more than allowed."""
        self._stdout = _Capture(fds["stdout"], self._flooded)
        self._stderr = _Capture(fds["stderr"], self._flooded)
        for capture in (self._stdout, self._stderr):
            self._loop.add_reader(capture.fd, capture.read)
        if "results" in fds:
            self._loop.add_reader(fds["results"], self._read_results)
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
        """Start `program`. With cases, its last two arguments are the numbers of the descriptors for cases and results."""
        inner: list[int] = []
        fds: dict[str, int] = {}

        def pipe(name: str, is_input: bool) -> int:
            reading, writing = os.pipe()
            theirs, ours = (reading, writing) if is_input else (writing, reading)
            os.set_blocking(ours, False)
            fds[name] = ours
            inner.append(theirs)
            return theirs

        filter_fd = sandbox.open_filter()
        inner.append(filter_fd)
        try:
            stdin = pipe("stdin", True) if with_stdin else asyncio.subprocess.DEVNULL
            stdout, stderr = pipe("stdout", False), pipe("stderr", False)
            passed = [filter_fd]
            if with_cases:
                passed += [pipe("cases", True), pipe("results", False)]
                program = [*program, str(passed[1]), str(passed[2])]
            slot.group.prepare(limits.memory_mb * 1024 * 1024, limits.processes + PROCESS_RESERVE)
            with ORPHANS.starting():
                process = await asyncio.create_subprocess_exec(
                    *sandbox.command(slot, folder, limits, program, filter_fd),
                    stdin=stdin,
                    stdout=stdout,
                    stderr=stderr,
                    pass_fds=passed,
                    env={},
                    cwd="/",
                    start_new_session=True,
                )
                ORPHANS.started(process.pid)
        except BaseException:
            for fd in fds.values():
                os.close(fd)
            raise
        finally:
            for fd in inner:
                os.close(fd)
        return cls(process, fds, slot.group)

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

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
        fd = self._fds.pop(name, None)
        if fd is not None:
            os.close(fd)

    def take_output(self) -> tuple[str, str]:
        """What it printed since the last time, on standard output and as errors."""
        return self._stdout.take(), self._stderr.take()

    async def close(self) -> None:
        """Kill it if it still runs, and let go of everything."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                # bubblewrap dies, and with it (--die-with-parent) the first process of the namespace, and with that all others.
                self._process.kill()
        await self._exit
        await self._emptied()
        ORPHANS.ended(self._process.pid)
        ORPHANS.reap()
        for capture in (self._stdout, self._stderr):
            self._loop.remove_reader(capture.fd)
        if "results" in self._fds:
            self._loop.remove_reader(self._fds["results"])
        for name in list(self._fds):
            self.close_input(name)

    async def _emptied(self) -> None:
        """Wait until the last process has left the group: until then it counts against the next run's limits."""
        deadline = self._loop.time() + EMPTY_TIMEOUT
        while (left := self._group.processes) and self._loop.time() < deadline:
            for pid in left:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(EMPTY_PAUSE)

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
        await self._process.wait()
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
