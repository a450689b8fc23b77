"""What the sandbox adds to a run: a small Python program as the runner runs it, and as a bare subprocess, at several paces.

`python -m bench.collaboration.running_code`: three minutes, most of which are pauses.
"""

from __future__ import annotations

import asyncio
import os
import resource
import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from subgraphs.collaboration.execution import CaseInput, Job, JobKind, Verdict
from subgraphs.collaboration.execution.orphans import ORPHANS
from subgraphs.collaboration.execution.sandbox import Sandbox
from subgraphs.collaboration.execution.slots import FIRST_UID, SLOTS_PER_WORKER, SlotPool, make_slots
from subgraphs.collaboration.execution.supervise import carry_out

PROGRAM = Job(JobKind.PROGRAM, "python", "print('hello')", (CaseInput(),), "bench")
BARE = ("/usr/bin/python3", "-I", "-S", "-c", PROGRAM.source)
UID = FIRST_UID + 20_000  # uids that no runner beside this bench uses
PACES = ((0.0, 60), (0.5, 30), (5.0, 12))  # seconds of pause before each run, and how many
BLOCK = 10  # runs one after the other, before as many bare ones

One: TypeAlias = Callable[[], Awaitable[float]]  # runs the program once; milliseconds
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Runs:
    """Running a small Python program, as many at once as there are workers."""

    workers: int
    per_second: float
    median_ms: float
    cpu_ms: float
    """Processor time of a run: the runner, making the sandbox, the program; without what the kernel does afterwards."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The same program in the sandbox and without it, at one pace."""

    pause_seconds: float
    sandboxed_p50_ms: float
    sandboxed_p90_ms: float
    bare_p50_ms: float
    bare_p90_ms: float
    added_p50_ms: float


async def runs(count: int, workers: int) -> Runs:
    """Run the program many times, `workers` at once, without a pause."""
    durations: list[float] = []

    async def work(one: One) -> None:
        for _ in range(count // workers):
            durations.append(await one())

    async def measure(one: One) -> float:
        started = time.perf_counter()
        await asyncio.gather(*(work(one) for _ in range(workers)))
        return time.perf_counter() - started

    before = _cpu_seconds()
    elapsed = await _with_sandbox(workers, measure)
    spent = (_cpu_seconds() - before) * 1000 / len(durations)
    return Runs(
        workers, round(len(durations) / elapsed, 1), round(statistics.median(durations), 1), cpu_ms=round(spent, 1)
    )


async def paces() -> list[Pace]:
    """What one worker needs at each pace."""

    async def measure(one: One) -> list[Pace]:
        return [await _pace(one, pause, count) for pause, count in PACES]

    return await _with_sandbox(1, measure)


async def _pace(one: One, pause: float, count: int) -> Pace:
    sandboxed: list[float] = []
    bare: list[float] = []
    block = 1 if pause else BLOCK
    for _ in range(count // block):
        for durations, run in ((sandboxed, one), (bare, _bare)):
            for _ in range(block):
                await asyncio.sleep(pause)
                durations.append(await run())
    middle, plain = statistics.median(sandboxed), statistics.median(bare)
    return Pace(
        pause, round(middle, 1), _p90(sandboxed), round(plain, 1), _p90(bare), added_p50_ms=round(middle - plain, 1)
    )


async def _with_sandbox(workers: int, measure: Callable[[One], Awaitable[T]]) -> T:
    ORPHANS.adopt()
    sandbox = Sandbox.find()
    slots = make_slots(workers * SLOTS_PER_WORKER, UID)
    pool = SlotPool(sandbox, slots)

    async def one() -> float:
        started = time.perf_counter()
        async with pool.slot() as slot:
            (case,) = (await carry_out(sandbox, slot, PROGRAM)).cases
        if case.verdict is not Verdict.COMPLETED:
            raise RuntimeError(f"{case}")
        return (time.perf_counter() - started) * 1000

    try:
        return await measure(one)
    finally:
        await pool.aclose()
        for slot in slots:
            await slot.aclose()


async def _bare() -> float:
    started = time.perf_counter()
    await asyncio.to_thread(subprocess.run, BARE, check=True, capture_output=True)
    return (time.perf_counter() - started) * 1000


def _cpu_seconds() -> float:
    """Of this process and of all that it has reaped."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _p90(durations: Sequence[float]) -> float:
    return round(sorted(durations)[int(len(durations) * 0.9)], 1)


def main() -> None:
    """Print each figure on a line of its own."""
    print(f"load average {os.getloadavg()[0]:.1f}")
    for workers in (1, 2):
        print(asyncio.run(runs(60, workers)))
    for pace in asyncio.run(paces()):
        print(pace)
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
