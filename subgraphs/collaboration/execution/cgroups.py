"""Memory, process and processor accounting of one run, in a control group of its own: version 2, version 1, or none."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
BASE = "tandem-runner"
MAKING_MEMORY = 64 * 1024 * 1024  # bytes that a sandbox may use while it is made and waits
MAKING_PROCESSES = 32
LEFT_OVER = 2 * 1024 * 1024  # bytes of the last run that are let be: runs that write no files leave a third of it


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run has used so far; None where nothing counts it."""

    cpu_ms: float | None = None
    memory_kb: int | None = None
    was_out_of_memory: bool = False


class ControlGroup:
    """The group of one slot. This base class stands for a machine without usable groups: only rlimits hold there."""

    kind = "rlimits only"

    def reset(self) -> None:
        """Forget the last run, which is gone, and give room for the making of a sandbox."""

    def begin(self, memory_bytes: int, processes: int) -> None:
        """Limit and count from here on: what the group has used so far, making the sandbox, is not the run's."""

    @property
    def join_files(self) -> list[Path]:
        """A process that writes its number into these files belongs to the group."""
        return []

    @property
    def processes(self) -> list[int]:
        """The processes that are still in the group."""
        return [int(pid) for path in self.join_files[:1] for pid in path.read_text().split()]

    def cpu_ms(self) -> float | None:
        """Processor time since the run began; None where nothing counts it."""
        return None

    def usage(self) -> Usage:
        """All that the run has used so far."""
        return Usage()

    def remove(self) -> None:
        """Take the group away."""


class ControlGroupV1(ControlGroup):
    """Three hierarchies: memory, pids, cpuacct."""

    kind = "cgroup v1"

    def __init__(self, slot: int, root: Path = ROOT) -> None:
        self._memory = root / "memory" / BASE / f"{os.getpid()}-{slot}"
        self._pids = root / "pids" / BASE / f"{os.getpid()}-{slot}"
        self._cpu = root / "cpuacct" / BASE / f"{os.getpid()}-{slot}"
        self._cpu_before = 0
        self._failures_before = 0
        for folder in (self._memory, self._pids, self._cpu):
            folder.mkdir(parents=True, exist_ok=True)
            _remove_stale(folder.parent)

    def reset(self) -> None:
        # What the last run left in the page cache would count as the next one's memory. To ask for it takes milliseconds of all processors.
        if int((self._memory / "memory.usage_in_bytes").read_text()) > LEFT_OVER:
            with suppress(OSError):
                (self._memory / "memory.force_empty").write_text("0")
        self._limit(MAKING_MEMORY, MAKING_PROCESSES)

    def begin(self, memory_bytes: int, processes: int) -> None:
        self._limit(memory_bytes, processes)
        (self._memory / "memory.max_usage_in_bytes").write_text("0")
        self._cpu_before = int((self._cpu / "cpuacct.usage").read_text())
        self._failures_before = self._oom_kills()

    @property
    def join_files(self) -> list[Path]:
        return [folder / "cgroup.procs" for folder in (self._memory, self._pids, self._cpu)]

    def cpu_ms(self) -> float:
        return (int((self._cpu / "cpuacct.usage").read_text()) - self._cpu_before) / 1e6

    def usage(self) -> Usage:
        peak = int((self._memory / "memory.max_usage_in_bytes").read_text())
        return Usage(self.cpu_ms(), peak // 1024, self._oom_kills() > self._failures_before)

    def remove(self) -> None:
        for folder in (self._memory, self._pids, self._cpu):
            with suppress(OSError):
                folder.rmdir()

    def _limit(self, memory_bytes: int, processes: int) -> None:
        # Memory with swap must never be allowed less than without it.
        with suppress(OSError):
            (self._memory / "memory.memsw.limit_in_bytes").write_text("-1")
        (self._memory / "memory.limit_in_bytes").write_text(str(memory_bytes))
        with suppress(OSError):
            (self._memory / "memory.memsw.limit_in_bytes").write_text(str(memory_bytes))
        (self._pids / "pids.max").write_text(str(processes))

    def _oom_kills(self) -> int:
        for line in (self._memory / "memory.oom_control").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
        return 0


class ControlGroupV2(ControlGroup):
    """One hierarchy, below the group of this process, which must have been delegated to us."""

    kind = "cgroup v2"

    def __init__(self, slot: int, base: Path) -> None:
        self._folder = base / f"{BASE}-{slot}"
        self._cpu_before = 0
        self._kills_before = 0
        self._folder.mkdir(exist_ok=True)

    def reset(self) -> None:
        # A group of its own for every run: some counters of a group cannot be set back.
        with suppress(OSError):
            self._folder.rmdir()
        self._folder.mkdir(exist_ok=True)
        with suppress(OSError):
            (self._folder / "memory.swap.max").write_text("0")
        with suppress(OSError):
            (self._folder / "memory.oom.group").write_text("1")
        self._limit(MAKING_MEMORY, MAKING_PROCESSES)

    def begin(self, memory_bytes: int, processes: int) -> None:
        self._limit(memory_bytes, processes)
        self._cpu_before = self._number("cpu.stat", "usage_usec")
        self._kills_before = self._number("memory.events", "oom_kill")

    @property
    def join_files(self) -> list[Path]:
        return [self._folder / "cgroup.procs"]

    def cpu_ms(self) -> float:
        return (self._number("cpu.stat", "usage_usec") - self._cpu_before) / 1000

    def usage(self) -> Usage:
        try:
            peak = int((self._folder / "memory.peak").read_text()) // 1024
        except OSError:
            peak = None
        return Usage(self.cpu_ms(), peak, self._number("memory.events", "oom_kill") > self._kills_before)

    def remove(self) -> None:
        with suppress(OSError):
            self._folder.rmdir()

    def _limit(self, memory_bytes: int, processes: int) -> None:
        (self._folder / "memory.max").write_text(str(memory_bytes))
        (self._folder / "pids.max").write_text(str(processes))

    def _number(self, file: str, name: str) -> int:
        for line in (self._folder / file).read_text().splitlines():
            if line.startswith(f"{name} "):
                return int(line.split()[1])
        return 0


def control_groups(slots: int) -> list[ControlGroup]:
    """A group per slot, of the best kind this machine lets us have."""
    try:
        if (ROOT / "cgroup.controllers").exists():
            base = _delegated_base()
            return [ControlGroupV2(slot, base) for slot in range(slots)]
        if (ROOT / "memory").is_dir() and (ROOT / "pids").is_dir() and (ROOT / "cpuacct").is_dir():
            return [ControlGroupV1(slot) for slot in range(slots)]
    except OSError:
        pass
    return [ControlGroup() for _ in range(slots)]


def _remove_stale(base: Path) -> None:
    """Take away the groups of runners that were killed: their number is in the name."""
    for folder in base.iterdir():
        number = folder.name.split("-")[0]
        if folder.is_dir() and number.isdigit() and not Path(f"/proc/{number}").exists():
            with suppress(OSError):
                folder.rmdir()


def _delegated_base() -> Path:
    """Our own group, with controllers handed down. Raises OSError when it was not delegated to us."""
    own = Path("/proc/self/cgroup").read_text().splitlines()[-1].split(":", 2)[2].strip("/")
    base = ROOT / own if own else ROOT
    leaf = base / f"{BASE}-itself"
    leaf.mkdir(exist_ok=True)
    # A group that hands controllers down may have no processes of its own.
    for pid in (base / "cgroup.procs").read_text().split():
        (leaf / "cgroup.procs").write_text(pid)
    (base / "cgroup.subtree_control").write_text("+memory +pids")
    with suppress(OSError):
        (base / "cgroup.subtree_control").write_text("+cpu")
    return base
