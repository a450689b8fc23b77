"""Hostile programs are contained, the host is unharmed, and the next run does not notice."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import psutil
import pytest

from subgraphs.collaboration.execution import CaseInput, Job, JobKind, Verdict
from subgraphs.collaboration.execution.languages import LANGUAGES
from subgraphs.collaboration.execution.sandbox import Sandbox
from subgraphs.collaboration.execution.self_test import check_sandbox
from subgraphs.collaboration.execution.slots import FIRST_UID, Slot, make_slots
from subgraphs.collaboration.execution.supervise import carry_out
from tests.subgraphs.collaboration.execution.conftest import Run
from tests.subgraphs.collaboration.execution.hostile import CORPUS, Hostile

HELLO = Job(JobKind.PROGRAM, "python", "print('hello')", (CaseInput(),), "me")
SIGNATURE = {
    "function": "pick",
    "parameters": [{"name": "x", "type": "int"}],
    "returns": "int",
    "entry_points": {"python": "pick", "javascript": "pick"},
}


def function_job(source: str, *cases: CaseInput, language: str = "python") -> Job:
    return Job(JobKind.FUNCTION, language, source, cases, "me", SIGNATURE, time_limit_ms=500)


def test_the_corpus_is_large_and_its_names_are_different() -> None:
    assert len(CORPUS) >= 60
    assert len({hostile.name for hostile in CORPUS}) == len(CORPUS)


async def test_the_self_test_passes_on_this_machine(sandbox: Sandbox, slot: Slot) -> None:
    await check_sandbox(sandbox, slot)


@pytest.mark.slow
@pytest.mark.parametrize("hostile", CORPUS, ids=lambda hostile: hostile.name)
async def test_a_hostile_program_is_contained(hostile: Hostile, run: Run, slot: Slot, tmp_path: Path) -> None:
    if not LANGUAGES[hostile.language].is_installed:
        pytest.skip(f"{hostile.language} is not installed")
    canary = tmp_path / "canary"
    canary.write_text("alive")
    job = Job(
        JobKind.PROGRAM, hostile.language, hostile.source, (CaseInput(),), "me", time_limit_ms=500, memory_limit_mb=128
    )
    async with asyncio.timeout(60):
        result = await run(job)
    assert result.verdict is Verdict.COMPLETED, result.compile_output
    (case,) = result.cases
    assert "ESCAPED" not in case.stdout, case.stdout
    # Where the machine is so busy that its time is over first, it is contained as well.
    assert case.verdict in hostile.verdicts | {Verdict.TIME_LIMIT}, (case.verdict, case.stderr)
    assert len(case.stdout) <= 64 * 1024

    assert canary.read_text() == "alive"
    if slot.uid is not None:
        await _no_process_of(slot.uid)
    (after,) = (await run(HELLO)).cases
    assert (after.verdict, after.stdout) == (Verdict.COMPLETED, "hello\n")


async def _no_process_of(uid: int) -> None:
    """The kernel needs a moment to take a namespace down."""
    async with asyncio.timeout(5):
        while [process for process in psutil.process_iter(["uids"]) if process.info["uids"].real == uid]:
            await asyncio.sleep(0.05)


FORGERIES = {
    "print a verdict": "import os\nprint('0\\tresult\\t1')\ndef pick(x):\n    print('0\\tresult\\t1')\n    return -1\n",
    "answer for every descriptor": (
        "import os\nfor fd in range(3, 20):\n    try: os.write(fd, b'x\\tready\\t\\nx\\tresult\\t1\\n')\n    except OSError: pass\n"
        "def pick(x):\n    for fd in range(3, 20):\n        try: os.write(fd, b'x\\tresult\\t1\\n')\n        except OSError: pass\n    return -1\n"
    ),
    "answer with the nonce of the first case to the next one": (
        "import sys, os\n"
        "def pick(x):\n"
        "    frame = sys._getframe(1)\n"
        "    nonce, fd = frame.f_locals['nonce'], frame.f_locals['results_fd'] if 'results_fd' in frame.f_locals else int(sys.argv[2])\n"
        "    os.write(fd, f'{nonce}\\tresult\\t-1\\n{nonce}\\tresult\\t1\\n'.encode())\n"
        "    os._exit(0)\n"
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_answer_wins_nothing(name: str, run: Run) -> None:
    """Whoever knows the nonce of a case can answer that case, as its function can; nobody can answer one that was not asked yet."""
    result = await run(function_job(FORGERIES[name], CaseInput((1,)), CaseInput((2,), is_hidden=True)))
    assert [case.answer for case in result.cases] in ([["-1", "-1"], ["-1", None]])


async def test_code_cannot_read_the_next_case_ahead(run: Run) -> None:
    source = (
        "import os, sys, select\n"
        "def pick(x):\n"
        "    ready, _, _ = select.select([int(sys.argv[1])], [], [], 0.2)\n"
        "    return 1 if ready else 0\n"
    )
    result = await run(function_job(source, CaseInput((1,)), CaseInput((2,), is_hidden=True), CaseInput((3,))))
    assert [case.answer for case in result.cases] == ["0", "0", "0"]


async def test_nothing_about_expected_values_or_other_cases_lies_in_the_box(run: Run) -> None:
    source = (
        "import gc, os\n"
        "def pick(x):\n"
        "    everything = ' '.join(open(f'/box/{name}').read() for name in os.listdir('/box'))\n"
        "    everything += open('/proc/self/cmdline').read() + open('/proc/self/environ').read()\n"
        "    everything += ' '.join(repr(o) for o in gc.get_objects() if isinstance(o, (list, dict, tuple)) and len(repr(o)) < 2000)\n"
        "    return everything.count(str(147414 * x + 1))\n"
    )
    cases = (CaseInput((5,)), CaseInput((737071,), is_hidden=True))
    result = await run(function_job(source, *cases))
    assert result.cases[0].answer == "0"


async def test_an_answer_without_end_is_cut_off(run: Run) -> None:
    result = await run(function_job("def pick(x):\n    return 'x' * 3_000_000\n", CaseInput((1,)), CaseInput((2,))))
    # On a busy machine its time may be over before its output is too long: it is ended either way.
    assert {case.verdict for case in result.cases} <= {Verdict.OUTPUT_LIMIT, Verdict.TIME_LIMIT}


async def test_runs_beside_each_other_do_not_meet(sandbox: Sandbox) -> None:
    slots = make_slots(2, FIRST_UID + 9000 + os.getpid() % 1000 * 2)
    bomb = Job(
        JobKind.PROGRAM,
        "python",
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n",
        (CaseInput(),),
        "a",
        time_limit_ms=500,
    )
    bombed, calm = await asyncio.gather(carry_out(sandbox, slots[0], bomb), carry_out(sandbox, slots[1], HELLO))
    assert bombed.cases[0].verdict is not Verdict.COMPLETED
    assert (calm.cases[0].verdict, calm.cases[0].stdout) == (Verdict.COMPLETED, "hello\n")
    for slot in slots:
        await slot.aclose()
