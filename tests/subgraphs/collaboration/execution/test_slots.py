"""Sandboxes are made ahead of their runs, used once, and gone with whoever made them."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from subgraphs.collaboration.execution import CaseInput, Job, JobKind, SocketRunner, Verdict
from subgraphs.collaboration.execution.languages import LANGUAGES
from subgraphs.collaboration.execution.launcher import Launcher
from subgraphs.collaboration.execution.sandbox import Limits, Sandbox, SandboxMissing
from subgraphs.collaboration.execution.slots import Slot, SlotPool, make_slots
from subgraphs.collaboration.execution.supervise import carry_out
from tests.subgraphs.collaboration.execution.conftest import Run

PATIENCE = 60  # seconds
ROOT = Path(__file__).resolve().parents[4]


def program(source: str) -> Job:
    return Job(JobKind.PROGRAM, "python", source, (CaseInput(),), "somebody")


HELLO = program("print('hello')")


async def output_of(sandbox: Sandbox, slot: Slot, job: Job) -> str:
    (case,) = (await carry_out(sandbox, slot, job)).cases
    assert case.verdict is Verdict.COMPLETED, case
    return case.stdout


async def test_a_run_is_given_the_sandbox_that_waits_and_the_next_one_another(sandbox: Sandbox, slot: Slot) -> None:
    await slot.make_ready(sandbox)
    waiting = slot.make_folder()
    source = "import os\nfound = os.path.exists('/tmp/mark')\nopen('/tmp/mark', 'w').close()\nprint(found)\n"
    assert await output_of(sandbox, slot, program(source)) == "False\n"
    assert not waiting.exists()
    assert await output_of(sandbox, slot, program(source)) == "False\n"


async def test_what_is_used_before_the_run_does_not_count(sandbox: Sandbox, slot: Slot) -> None:
    folder = slot.make_folder()
    launcher = await Launcher.start(sandbox, slot.group, slot.uid, folder)
    try:
        slot.group.begin(64 * 1024 * 1024, 20)
        # It sleeps: from here on no processor time is spent, whatever making it took.
        assert (slot.group.cpu_ms() or 0) < 1
        assert (slot.group.usage().memory_kb or 0) < 16 * 1024
        assert not slot.group.usage().was_out_of_memory
    finally:
        await launcher.end()
        shutil.rmtree(folder)


async def test_a_sandbox_that_died_while_it_waited_is_made_again(sandbox: Sandbox, slot: Slot) -> None:
    await slot.make_ready(sandbox)
    me = psutil.Process()
    (waiting,) = [child for child in me.children() if child.name() == "bwrap"]
    waiting.kill()
    async with asyncio.timeout(PATIENCE):
        while waiting.is_running():
            await asyncio.sleep(0.01)
    assert await output_of(sandbox, slot, HELLO) == "hello\n"


async def test_a_folder_that_was_cleaned_away_while_its_sandbox_waited_is_made_again(
    sandbox: Sandbox, slot: Slot
) -> None:
    await slot.make_ready(sandbox)
    shutil.rmtree(slot.make_folder())
    assert await output_of(sandbox, slot, HELLO) == "hello\n"


async def test_a_run_is_given_nothing_that_is_open_here(run: Run) -> None:
    reading, writing = os.pipe()
    os.set_inheritable(reading, True)
    source = "import os\nfor n in range(3, 256):\n    try: print(n, os.fstat(n))\n    except OSError: pass\n"
    try:
        (case,) = (await run(program(source))).cases
    finally:
        os.close(reading)
        os.close(writing)
    assert (case.verdict, case.stdout) == (Verdict.COMPLETED, "")


async def test_standard_input_begins_after_the_line_that_the_program_began_with(run: Run) -> None:
    line = "first\n\x00\\n second'\n"
    job = program(f"import sys\nprint(sys.stdin.read() == {line!r} * 20_000)")
    job = replace(job, cases=(CaseInput(stdin=line * 20_000),))
    (case,) = (await run(job)).cases
    assert (case.verdict, case.stdout) == (Verdict.COMPLETED, "True\n"), case


async def test_a_sandbox_that_cannot_be_made_says_why_and_is_not_waited_for(sandbox: Sandbox, slot: Slot) -> None:
    broken = replace(sandbox, tools={**sandbox.tools, "bwrap": "/no/bwrap"})
    with pytest.raises(SandboxMissing, match="/no/bwrap"):
        await slot.make_ready(broken)
    pool = SlotPool(broken, [slot])
    async with asyncio.timeout(PATIENCE), pool.slot() as given:
        assert given is slot
        with pytest.raises(SandboxMissing, match="/no/bwrap"):
            await carry_out(broken, given, HELLO)
    await pool.aclose()


async def test_a_pool_makes_slots_ready_again(sandbox: Sandbox, slot: Slot) -> None:
    pool = SlotPool(sandbox, [slot])
    try:
        for _ in range(3):
            async with asyncio.timeout(PATIENCE), pool.slot() as given:
                waiting = given.make_folder()
                assert await output_of(sandbox, given, HELLO) == "hello\n"
                assert not waiting.exists()
    finally:
        await pool.aclose()


@pytest.mark.skipif(not LANGUAGES["c"].is_installed, reason="gcc and g++ are not installed")
async def test_what_is_compiled_elsewhere_runs_in_the_sandbox_that_waited(sandbox: Sandbox, slot: Slot) -> None:
    (other,) = make_slots(1, (slot.uid or 0) + 10_000)
    await slot.make_ready(sandbox)
    pool = SlotPool(sandbox, [other])
    waiting = slot.make_folder()
    try:
        source = '#include <stdio.h>\nint main(void) { puts(fopen("/box/x", "w") ? "writable" : "hello"); }'
        job = Job(JobKind.PROGRAM, "c", source, (CaseInput(),), "somebody")
        (case,) = (await carry_out(sandbox, slot, job, pool.slot)).cases
        assert (case.verdict, case.stdout) == (Verdict.COMPLETED, "hello\n")
        assert not waiting.exists()
    finally:
        await pool.aclose()
        await other.aclose()


async def test_limits_are_those_of_the_run_and_not_of_the_sandbox_that_waited(sandbox: Sandbox, slot: Slot) -> None:
    await slot.make_ready(sandbox)
    source = "import resource\nprint(*(resource.getrlimit(n)[0] for n in (resource.RLIMIT_AS, resource.RLIMIT_CPU)))"
    job = replace(program(source), memory_limit_mb=100, time_limit_ms=1000)
    limits = Limits(100 + 32, 8, 16)
    assert await output_of(sandbox, slot, job) == f"{limits.memory_mb * 1024 * 1024} {limits.cpu_seconds}\n"


async def test_a_runner_that_is_killed_leaves_no_process_behind(sandbox: Sandbox, tmp_path: Path) -> None:
    address = str(tmp_path / "socket")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "subgraphs.collaboration.execution", f"--socket={address}", "--workers=1", "--languages=python"),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "RUNNER_SECRET": "secret"},
        start_new_session=True,
    )
    runner = SocketRunner(address, "secret")
    running: asyncio.Task[object] | None = None
    try:
        async with asyncio.timeout(PATIENCE):
            while not await runner.toolchains():
                await asyncio.sleep(0.1)
            running = asyncio.create_task(runner.run(program("import time\ntime.sleep(600)\n")))
            # One that runs and two that wait, each with the two processes of bubblewrap and the program or the shell.
            while len(left := psutil.Process(process.pid).children(recursive=True)) < 9:
                await asyncio.sleep(0.1)
            process.send_signal(signal.SIGKILL)
            while [child for child in left if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]:
                await asyncio.sleep(0.1)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        await runner.aclose()
