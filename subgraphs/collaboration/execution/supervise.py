"""Carry out one job: compile it, run it case by case in the sandbox, keep the time of each case, and say what came of it."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from .jobs import CaseInput, CaseResult, Job, JobKind, JobResult, Verdict
from .languages import COMPILE_SECONDS, LANGUAGES, LanguageSupport, Prepared, entry_point
from .process import SandboxedProcess
from .sandbox import Sandbox
from .slots import Slot

WALL_FACTOR = 2.5  # a case may take so many times its processor limit by the clock: the machine is shared, and sleeping is no work
WALL_EXTRA = 1.0  # seconds
LOOK_INTERVAL = 0.05  # seconds between looks at the processor time once a case could have used it up
MAX_RESTARTS = 4  # of a run whose visible cases crash or take too long
SIGNAL_BASE = 128  # a shell-like exit status: 128 and the signal


Elsewhere: TypeAlias = Callable[[], AbstractAsyncContextManager[Slot]]


@dataclass(frozen=True, slots=True)
class _Spoken:
    """What the harness said: ready, result, raised or missing, and its payload."""

    kind: str
    payload: str


@dataclass(frozen=True, slots=True)
class _Failed:
    """Why no answer came."""

    verdict: Verdict


async def carry_out(sandbox: Sandbox, slot: Slot, job: Job, elsewhere: Elsewhere | None = None) -> JobResult:
    """Run a job in a slot that nobody else uses meanwhile. Raises SandboxMissing.

    What has to be compiled is compiled `elsewhere`, where there is such a place: the sandbox that waits in the slot is for the program."""
    support = LANGUAGES[job.language]
    prepared = support.prepare(job)
    folder = slot.make_folder()
    try:
        for name, content in prepared.files.items():
            (folder / name).write_text(content, encoding="utf-8", errors="replace")
        if prepared.compile is not None:
            async with elsewhere() if elsewhere is not None else nullcontext(slot) as place:
                output = await _compile(sandbox, place, folder, support, prepared)
            if output is not None:
                return JobResult(Verdict.COMPILE_ERROR, compile_output=output)
        if job.kind is JobKind.PROGRAM:
            cases = [await _run_program(sandbox, slot, folder, support, prepared, job, case) for case in job.cases]
        else:
            cases = await _FunctionRun(sandbox, slot, folder, support, prepared, job).cases()
        return JobResult(Verdict.COMPLETED, tuple(cases))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _compile(
    sandbox: Sandbox, slot: Slot, folder: Path, support: LanguageSupport, prepared: Prepared
) -> str | None:
    """None when it compiles, else what the compiler said."""
    limits = support.compile_limits()
    slot.own(folder)
    process = await SandboxedProcess.start(sandbox, slot, folder, limits, prepared.compile or ())
    try:
        in_time = await process.ended(COMPILE_SECONDS * 2)
        stdout, stderr = process.take_output()
    finally:
        await process.close()
    if in_time and not process.has_flooded and process.returncode == 0:
        return None
    said = (stdout + stderr).replace("/box/", "").strip()
    if not in_time or process.returncode in (SIGNAL_BASE + signal.SIGKILL, SIGNAL_BASE + signal.SIGXCPU):
        said += f"\nThe compiler was stopped: it took longer than {COMPILE_SECONDS} seconds or too much memory."
    return said.strip() or f"The compiler failed with status {process.returncode}."


async def _run_program(
    sandbox: Sandbox,
    slot: Slot,
    folder: Path,
    support: LanguageSupport,
    prepared: Prepared,
    job: Job,
    case: CaseInput,
) -> CaseResult:
    seconds = support.load_seconds + job.time_limit_ms / 1000 * support.time_factor
    process = await SandboxedProcess.start(sandbox, slot, folder, support.limits(job), prepared.run, with_stdin=True)
    feeding = asyncio.create_task(_feed(process, case.stdin.encode(errors="replace"), seconds))
    started = time.monotonic()
    try:
        watch = _Watch(slot, seconds)
        while not await process.ended(watch.pause()) and not watch.is_over():
            pass
        # The rest of what it printed may come with its end.
        has_ended = process.returncode is not None
        stdout, stderr = process.take_output()
        usage = slot.group.usage()
        wall = (time.monotonic() - started) * 1000
        if process.has_flooded:
            verdict = Verdict.OUTPUT_LIMIT
        elif usage.was_out_of_memory:
            verdict = Verdict.MEMORY_LIMIT
        elif not has_ended:
            verdict = Verdict.TIME_LIMIT
        else:
            verdict = Verdict.COMPLETED if process.returncode == 0 else _verdict_of_death(process.returncode, stderr)
        return CaseResult(verdict, None, stdout, stderr, usage.cpu_ms or wall, usage.memory_kb or 0)
    finally:
        feeding.cancel()
        await process.close()


async def _feed(process: SandboxedProcess, data: bytes, timeout: float) -> None:
    await process.send("stdin", data, timeout)
    process.close_input("stdin")


class _Watch:
    """The time of one case: processor time where the control group counts it, else the clock."""

    def __init__(self, slot: Slot, seconds: float) -> None:
        self._slot = slot
        self._seconds = seconds
        self._started = time.monotonic()
        self._cpu_before = slot.group.cpu_ms()

    def spent_ms(self) -> float:
        cpu = self._slot.group.cpu_ms()
        if cpu is None or self._cpu_before is None:
            return (time.monotonic() - self._started) * 1000
        return cpu - self._cpu_before

    def pause(self) -> float:
        """Seconds until another look can be worth while."""
        return max(LOOK_INTERVAL, (self._seconds - self.spent_ms() / 1000) / 2)

    def is_over(self) -> bool:
        if self.spent_ms() > self._seconds * 1000:
            return True
        return time.monotonic() - self._started > self._seconds * WALL_FACTOR + WALL_EXTRA


class _FunctionRun:
    """All cases of one function job, in one process as long as it lives."""

    def __init__(
        self, sandbox: Sandbox, slot: Slot, folder: Path, support: LanguageSupport, prepared: Prepared, job: Job
    ) -> None:
        self._sandbox = sandbox
        self._slot = slot
        self._folder = folder
        self._support = support
        self._prepared = prepared
        self._job = job
        self._process: SandboxedProcess | None = None
        self._missing: str | None = None
        """The function that the solution does not have."""

    async def cases(self) -> list[CaseResult]:
        """A result per case. A hidden case that does not come to its end is the last that is run."""
        results: list[CaseResult] = []
        starts = 0
        try:
            for case in self._job.cases:
                if self._process is None:
                    failed = await self._start() if starts <= MAX_RESTARTS else _Failed(Verdict.NOT_RUN)
                    starts += 1
                    if failed is not None:
                        results.append(await self._end_case(failed.verdict))
                        break
                result = await self._run_case(case)
                results.append(result)
                if case.is_hidden and self._process is None:
                    break
        finally:
            if self._process is not None:
                await self._process.close()
        missing = len(self._job.cases) - len(results)
        return results + [CaseResult(Verdict.NOT_RUN)] * missing

    async def _start(self) -> _Failed | None:
        """Start the harness and let it load the solution."""
        support = self._support
        self._process = await SandboxedProcess.start(
            self._sandbox, self._slot, self._folder, support.limits(self._job), self._prepared.run, with_cases=True
        )
        nonce = secrets.token_hex(16)
        name = entry_point(support.name, self._job.signature)
        await self._process.send("cases", f"{nonce}\t{name}\n".encode(), support.load_seconds)
        spoken = await self._answer(nonce, _Watch(self._slot, support.load_seconds))
        if isinstance(spoken, _Failed):
            return spoken
        if spoken.kind == "ready":
            return None
        if spoken.kind == "missing":
            self._missing = name
        return _Failed(_verdict_of_exception(spoken))

    async def _run_case(self, case: CaseInput) -> CaseResult:
        assert self._process is not None
        nonce = secrets.token_hex(16)
        seconds = self._job.time_limit_ms / 1000 * self._support.time_factor
        watch = _Watch(self._slot, seconds)
        # Only when a case is answered is the next one sent: code cannot read ahead.
        line = f"{nonce}\t{json.dumps(list(case.args), separators=(',', ':'))}\n"
        await self._process.send("cases", line.encode(), seconds * WALL_FACTOR + WALL_EXTRA)
        spoken = await self._answer(nonce, watch)
        spent = watch.spent_ms()
        if isinstance(spoken, _Failed):
            return await self._end_case(spoken.verdict, spent)
        stdout, stderr = self._process.take_output()
        if self._process.has_flooded:
            return await self._end_case(Verdict.OUTPUT_LIMIT, spent, (stdout, stderr))
        is_result = spoken.kind == "result"
        verdict = Verdict.COMPLETED if is_result else _verdict_of_exception(spoken)
        memory_kb = self._slot.group.usage().memory_kb or 0
        return CaseResult(verdict, spoken.payload if is_result else None, stdout, stderr, spent, memory_kb)

    async def _answer(self, nonce: str, watch: _Watch) -> _Spoken | _Failed:
        """What the harness says to this nonce; lines with another one are forged or late, and pass unheard."""
        process = self._process
        assert process is not None
        while True:
            line = await process.next_line(watch.pause())
            if line is not None:
                given, _, rest = line.decode(errors="replace").partition("\t")
                if given == nonce:
                    kind, _, payload = rest.partition("\t")
                    return _Spoken(kind, payload)
            elif process.has_flooded:
                return _Failed(Verdict.OUTPUT_LIMIT)
            elif process.returncode is not None:
                return _Failed(self._verdict_of_end(process))
            if watch.is_over():
                return _Failed(Verdict.TIME_LIMIT)

    async def _end_case(
        self, verdict: Verdict, spent_ms: float = 0.0, output: tuple[str, str] = ("", "")
    ) -> CaseResult:
        """The result of a case that ended its process."""
        stdout, stderr = output
        memory_kb = self._slot.group.usage().memory_kb or 0
        if self._process is not None:
            out, err = self._process.take_output()
            stdout, stderr = stdout + out, stderr + err
            await self._process.close()
            self._process = None
        if self._missing is not None:
            stderr += f"There is no function {self._missing} to call; keep the name of the starter code.\n"
        return CaseResult(verdict, None, stdout, stderr, spent_ms, memory_kb)

    def _verdict_of_end(self, process: SandboxedProcess) -> Verdict:
        if self._slot.group.usage().was_out_of_memory:
            return Verdict.MEMORY_LIMIT
        return _verdict_of_death(process.returncode, "")


def _verdict_of_exception(spoken: _Spoken) -> Verdict:
    return Verdict.MEMORY_LIMIT if spoken.payload == "MemoryError" else Verdict.RUNTIME_ERROR


def _verdict_of_death(status: int | None, stderr: str) -> Verdict:
    if status == SIGNAL_BASE + signal.SIGXCPU:
        return Verdict.TIME_LIMIT
    if status == SIGNAL_BASE + signal.SIGXFSZ:
        return Verdict.OUTPUT_LIMIT
    if "MemoryError" in stderr or "heap out of memory" in stderr or "OutOfMemoryError" in stderr:
        return Verdict.MEMORY_LIMIT
    return Verdict.RUNTIME_ERROR
