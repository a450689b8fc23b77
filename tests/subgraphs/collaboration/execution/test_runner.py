"""The runner as a process of its own: many runs one after the other in the same place."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from subgraphs.collaboration.execution import CaseInput, ChildRunner, Job, JobKind, Verdict
from subgraphs.collaboration.execution.sandbox import PROCESS_RESERVE, Limits, Sandbox

PATIENCE = 60  # seconds until the runner has tried its sandbox


def dead_of_runners() -> list[str]:
    """The names of dead processes whose parent is a runner that this process started."""
    parents: dict[str, tuple[str, str, str]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                start, _, rest = (folder / "stat").read_text().rpartition(")")
                state, parent = rest.split()[:2]
                parents[folder.name] = (start.partition("(")[2], state, parent)
    runners = set()
    for pid in parents:
        with suppress(OSError):
            if b"--stop-with-parent" in Path(f"/proc/{pid}/cmdline").read_bytes():
                runners.add(pid)
    return [name for name, state, parent in parents.values() if state == "Z" and parent in runners]


async def test_runs_leave_nothing_dead_behind_that_counts_against_those_after_them(sandbox: Sandbox) -> None:
    runner = ChildRunner(workers=1, languages=["python"])
    keeping = asyncio.create_task(runner.keep_running())
    try:
        async with asyncio.timeout(PATIENCE):
            while not await runner.toolchains():
                await asyncio.sleep(0.1)
        job = Job(JobKind.PROGRAM, "python", "print('hello')", (CaseInput(),), "somebody")
        for _ in range(Limits(memory_mb=1, cpu_seconds=1).processes + PROCESS_RESERVE + 5):
            (case,) = (await runner.run(job)).cases
            assert case.verdict is Verdict.COMPLETED, case
        assert "bwrap" not in dead_of_runners()
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await runner.aclose()
