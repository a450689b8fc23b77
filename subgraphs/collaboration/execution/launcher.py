"""Start the sandbox before its run is there: bubblewrap in its control group and namespaces, and in it a shell that waits for one line.

    sh (joins the groups) -> setpriv -> bwrap -> [namespaces, filter] sh ... released: limits, exec the program

All that takes time lies before the line: the kernel lets nobody into a control group for milliseconds after a pause, and namespaces take
as long. The shell has every right taken away already, becomes the program itself, and with it the sandbox ends: none is used twice.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shlex
import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from .cgroups import ControlGroup
from .orphans import ORPHANS
from .sandbox import (
    CASES_FD,
    FILTER_FD,
    MIB,
    PROCESS_RESERVE,
    RESULTS_FD,
    Limits,
    Sandbox,
    SandboxMissing,
    tasks_of,
)

START_TIMEOUT = 20.0  # seconds until the shell waits; a machine that starts has much else to do
EMPTY_TIMEOUT = 5.0  # seconds a process group may take to end after it was killed
EMPTY_PAUSE = 0.001  # seconds between looks
MAX_REASON = 2000  # bytes of what it says when it does not start
FIRST_FREE_FD = 10  # the child's ends of pipes lie above the numbers they get in the child
INPUTS = {"stdin": 0, "cases": CASES_FD}
OUTPUTS = {"stdout": 1, "stderr": 2, "results": RESULTS_FD}


class Launcher:
    """One sandbox: it waits, is released with a program, ends. `fds` are our ends of its pipes, by name."""

    def __init__(
        self, sandbox: Sandbox, pid: int, fds: dict[str, int], group: ControlGroup, uid: int | None, folder: Path
    ) -> None:
        self.fds = fds
        self.folder = folder
        self.returncode: int | None = None
        self.ended = asyncio.Event()
        self._sandbox = sandbox
        self._pid = pid
        self._uid = uid
        self._group = group
        self._pidfd = os.pidfd_open(pid)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._pidfd, self._reap)

    @classmethod
    async def start(
        cls, sandbox: Sandbox, group: ControlGroup, uid: int | None, folder: Path, *, writes_box: bool = False
    ) -> Launcher:
        """Make a sandbox with `folder` as /box, and wait until it waits. Raises SandboxMissing when it cannot be made."""
        group.reset()
        pid, fds = _spawn(sandbox.command(group.join_files, uid, folder, writes_box), sandbox.open_filter())
        ORPHANS.started(pid)
        launcher = cls(sandbox, pid, fds, group, uid, folder)
        try:
            await launcher._wait_until_it_waits()
        except BaseException:
            await launcher.end()
            raise
        return launcher

    def release(self, limits: Limits, program: Sequence[str], *, with_cases: bool) -> None:
        """Let it become the program. What is counted and limited is counted and limited from here on. Raises SandboxMissing."""
        self._group.begin(limits.memory_mb * MIB, limits.processes + PROCESS_RESERVE)
        # The kernel counts the processes of a uid, wherever they are. A slot's uid has none but its run's; without uids of their own the
        # runner's count too, and what is left of the run before.
        others = 0 if self._uid is not None else tasks_of(os.geteuid())
        # Each descriptor that is not for the program is closed: it would be one more way out.
        closed = "" if with_cases else f" {CASES_FD}<&- {RESULTS_FD}>&-"
        line = f"{self._sandbox.rlimits(limits, others)} || exit 125; exec {shlex.join(program)}{closed}"
        try:
            os.write(self.fds["stdin"], f"{line}\n".encode())
        except BrokenPipeError as error:
            raise SandboxMissing("the sandbox ended before its program began") from error

    def close_input(self, name: str) -> None:
        fd = self.fds.pop(name, None)
        if fd is not None:
            os.close(fd)

    async def end(self) -> None:
        """Kill it if it still is there, with all that it started, and wait until they have left the group; close the pipes."""
        if self.returncode is None:
            # bubblewrap dies, and with it (--die-with-parent) the first process of the namespace, and with that all others.
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        await self.ended.wait()
        await self._emptied()
        ORPHANS.reap()
        _close(self.fds.values())
        self.fds.clear()

    async def _wait_until_it_waits(self) -> None:
        said = asyncio.Event()
        stdout = self.fds["stdout"]
        self._loop.add_reader(stdout, said.set)
        try:
            async with asyncio.timeout(START_TIMEOUT):
                await said.wait()
                if os.read(stdout, 1) == b"\n":
                    return
                await self.ended.wait()
        except TimeoutError as error:
            raise SandboxMissing(f"the sandbox did not start within {START_TIMEOUT:.0f} seconds") from error
        finally:
            self._loop.remove_reader(stdout)
        reason = b""
        with suppress(BlockingIOError):
            reason = os.read(self.fds["stderr"], MAX_REASON)
        said_why = reason.decode(errors="replace").strip() or f"status {self.returncode}"
        raise SandboxMissing(f"the sandbox did not start: {said_why}")

    async def _emptied(self) -> None:
        """Wait until the last process has left the group: until then it counts against the next run's limits."""
        deadline = self._loop.time() + EMPTY_TIMEOUT
        while (left := self._group.processes) and self._loop.time() < deadline:
            for pid in left:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(EMPTY_PAUSE)

    def _reap(self) -> None:
        self._loop.remove_reader(self._pidfd)
        self.returncode = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        ORPHANS.ended(self._pid)
        os.close(self._pidfd)
        self.ended.set()


def _spawn(command: list[str], filter_fd: int) -> tuple[int, dict[str, int]]:
    """Start a command with pipes at fixed numbers and nothing else that is open here. Its pid and our ends; `filter_fd` is closed."""
    ours: dict[str, int] = {}
    theirs = {FILTER_FD: _out_of_the_way(filter_fd)}
    try:
        for name, number in (INPUTS | OUTPUTS).items():
            reading, writing = os.pipe()
            inner, ours[name] = (reading, writing) if name in INPUTS else (writing, reading)
            theirs[number] = _out_of_the_way(inner)
            os.set_blocking(ours[name], False)
        pid = os.posix_spawn(
            command[0],
            command,
            {},
            file_actions=[
                *((os.POSIX_SPAWN_CLOSE, fd) for fd in _inheritable()),
                *((os.POSIX_SPAWN_DUP2, fd, number) for number, fd in theirs.items()),
            ],
            setsid=True,
            setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],  # which Python ignores, and its children would too
        )
    except BaseException:
        _close(ours.values())
        raise
    finally:
        _close(theirs.values())
    return pid, ours


def _inheritable() -> list[int]:
    """What this process was itself given by whoever started it: all that Python opens is closed in children anyway."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # the one that read this list is closed by now
            if os.get_inheritable(int(name)):
                found.append(int(name))
    return found


def _out_of_the_way(fd: int) -> int:
    """The same under a number that no child's end gets, and closed in every program that is started."""
    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, FIRST_FREE_FD)
    finally:
        os.close(fd)


def _close(fds: Iterable[int]) -> None:
    for fd in fds:
        os.close(fd)
