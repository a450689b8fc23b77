"""Run the code of a session and judge it: what the sandbox answers is compared here, where the expected values stay."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import structlog

from ..kit.database import Database
from ..kit.errors import InvalidInput, Unavailable
from ..kit.events import Event, JsonObject, Outbox
from ..kit.idempotency import IdempotencyKeys, IdempotentCall, idempotent_call
from .document_service import DocumentService
from .document_text import storable
from .errors import ExecutionUnavailable, SessionClosed, SessionNotFound
from .execution import CaseInput, Job, JobKind, JobResult, Runner, Toolchain, Verdict
from .execution.languages import can_be_judged
from .judging import judge_case, overall_verdict
from .log_events import EventKind
from .models import RunRow, SessionRow
from .question_source import JudgeQuestion, QuestionSource
from .repository import RunRepository, SessionRepository
from .rules import Language, PersonalCaps, Role, require_writer
from .writing import SessionWriter

logger = structlog.get_logger(__name__)

RUNS_PER_SECOND, RUN_BURST = 0.25, 8.0  # of one person: fifteen a minute, eight in a row
MAX_OWN_CASES = 10
MAX_CASE_LENGTH = 20_000  # characters of one own case
MAX_STDIN_LENGTH = 64 * 1024
MAX_SHOWN = 4000  # characters of an output that are kept
LOST_AFTER = 300.0  # seconds after which an unfinished run counts as lost with its process
SWEEP_INTERVAL = 60.0


class ExecutionService:
    """One per process."""

    def __init__(
        self,
        database: Database,
        writer: SessionWriter,
        documents: DocumentService,
        questions: QuestionSource,
        runner: Runner,
        outbox: Outbox,
        idempotency: IdempotencyKeys,
    ) -> None:
        self._database = database
        self._writer = writer
        self._documents = documents
        self._questions = questions
        self._runner = runner
        self._outbox = outbox
        self._idempotency = idempotency
        self._caps = PersonalCaps(RUNS_PER_SECOND, RUN_BURST, "runs")
        self._tasks: set[asyncio.Task[None]] = set()

    async def toolchains(self) -> list[Toolchain]:
        """What code can be run in, with versions."""
        return await self._runner.toolchains()

    async def run_code(
        self,
        user_id: UUID,
        session_id: UUID,
        cases: Sequence[str] | None,
        stdin: str | None,
        idempotency_key: str | None = None,
    ) -> RunRow:
        """Run the document's code: on own cases, as a program with `stdin`, or on the question's samples.

        Sent again under its key, it is the first call's run, whatever the document says by now. Raises IdempotencyKeyReused.
        """
        if cases is not None and stdin is not None:
            raise InvalidInput("Give either cases or stdin, not both.", field="input.cases")
        if stdin is not None and len(stdin) > MAX_STDIN_LENGTH:
            raise InvalidInput(
                f"stdin has {len(stdin)} characters; at most {MAX_STDIN_LENGTH} are allowed.", field="input.stdin"
            )
        own = _read_cases(cases) if cases is not None else None
        request = {"session": session_id, "cases": cases, "stdin": stdin}
        call = idempotent_call(idempotency_key, owner=user_id, operation="runCode", request=request)
        return await self._done(call) or await self._start(user_id, session_id, "run", own, stdin, call)

    async def submit(self, user_id: UUID, session_id: UUID, idempotency_key: str | None = None) -> RunRow:
        """Judge the document's code on all cases of the question; sent again, as with `run_code`."""
        request = {"session": session_id}
        call = idempotent_call(idempotency_key, owner=user_id, operation="submitSolution", request=request)
        return await self._done(call) or await self._start(user_id, session_id, "submit", None, None, call)

    async def runs(self, session_id: UUID, limit: int) -> list[RunRow]:
        """The newest runs of a session, newest first. Whether the caller may see them is settled before."""
        async with self._database.session() as session:
            return await RunRepository(session).newest(session_id, limit)

    async def get_many(self, ids: Iterable[UUID]) -> dict[UUID, RunRow]:
        async with self._database.session() as session:
            return await RunRepository(session).get_many(ids)

    async def sweep(self) -> None:
        """For ever: give up runs whose process is gone."""
        while True:
            await asyncio.sleep(SWEEP_INTERVAL)
            async with self._database.session() as session:
                lost = await RunRepository(session).unfinished(LOST_AFTER)
            for row in lost:
                await self._finish(row, None, JobResult(Verdict.INTERNAL_ERROR))

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._runner.aclose()

    async def _done(self, call: IdempotentCall | None) -> RunRow | None:
        """The run that an earlier call began: it was let through then, so nothing is checked again."""
        if call is None:
            return None
        async with self._database.session() as session:
            known = await self._idempotency.result(session, call)
            return await session.get(RunRow, UUID(known["id"])) if known else None

    async def _start(
        self,
        user_id: UUID,
        session_id: UUID,
        kind: str,
        own: list[tuple[Any, ...]] | None,
        stdin: str | None,
        call: IdempotentCall | None,
    ) -> RunRow:
        row = await self._session_of(user_id, session_id)
        self._caps.take(user_id, time.monotonic())
        await self._require_toolchain(row.language)
        question = await self._question_of(row) if stdin is None else None
        source = storable(await self._documents.text_of(session_id, row.text_name))
        job = _job_for(row, source, str(user_id), question, kind, own, stdin)
        async with self._writer.write(session_id, user_id) as writing:
            require_writer(writing.role)
            known = await self._idempotency.recall(writing.session, call)
            if known is not None:
                return await writing.session.get_one(RunRow, UUID(known["id"]))
            run = RunRow(
                id=uuid4(),
                session_id=session_id,
                user_id=user_id,
                question_id=row.question_id,
                kind=kind,
                language=row.language,
                source=source,
                status="running",
                total=len(job.cases),
                result={},
                created_at=writing.now,
            )
            writing.session.add(run)
            await writing.append(EventKind.RUN_STARTED, {"run_id": str(run.id)})
            await self._idempotency.remember(writing.session, call, {"id": str(run.id)})
        task = asyncio.create_task(self._carry_out(run, job, question if own is None else None))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run

    async def _carry_out(self, run: RunRow, job: Job, question: JudgeQuestion | None) -> None:
        try:
            result = await self._runner.run(job)
        except asyncio.CancelledError:
            # This process ends: both hear of it now, and not from the sweep in some minutes.
            result = JobResult(Verdict.INTERNAL_ERROR, compile_output="The run was interrupted; run the code again.")
        except ExecutionUnavailable as error:
            result = JobResult(Verdict.INTERNAL_ERROR, compile_output=error.message)
        except Exception:
            logger.exception("run.failed", run_id=str(run.id))
            result = JobResult(Verdict.INTERNAL_ERROR)
        try:
            await self._finish(run, (job, question), result)
        except Exception:
            # The sweep gives it up later, so that both learn of its end.
            logger.exception("run.not_stored", run_id=str(run.id))

    async def _finish(self, run: RunRow, judged_by: tuple[Job, JudgeQuestion | None] | None, result: JobResult) -> None:
        job, question = judged_by or (None, None)
        judged = [
            judge_case(number, case, job.cases[number] if job else CaseInput(), question)
            for number, case in enumerate(result.cases)
        ]
        verdict = overall_verdict(result, [case["verdict"] for case in judged])
        passed = sum(case["verdict"] in (Verdict.ACCEPTED, Verdict.COMPLETED) for case in judged)
        outcome = {
            "cases": judged,
            "compile_output": storable(result.compile_output)[:MAX_SHOWN],
            "time_ms": max((case["time_ms"] for case in judged), default=0.0),
            "memory_kb": max((case["memory_kb"] for case in judged), default=0),
        }
        async with self._writer.write(run.session_id, None, may_be_closed=True) as writing:
            runs = RunRepository(writing.session)
            stored: JsonObject = {
                "verdict": verdict.value,
                "passed": passed,
                "result": outcome,
                "finished_at": datetime.now(UTC),
            }
            if not await runs.finish(run.id, stored):
                return
            data = {"run_id": str(run.id)}
            if not writing.head.is_closed:
                await writing.append(EventKind.RUN_FINISHED, data)
            if run.kind == "submit" and verdict is not Verdict.INTERNAL_ERROR:
                users = [str(id) for id in writing.writer_ids]
                writing.tell(
                    Event("submission.judged", str(run.id), _judged_data(run, users, verdict, passed, outcome))
                )

    async def _session_of(self, user_id: UUID, session_id: UUID) -> SessionRow:
        async with self._database.session() as session:
            sessions = SessionRepository(session)
            row = await sessions.get(session_id)
            me = await sessions.participant(session_id, user_id)
        if row is None or me is None:
            raise SessionNotFound(session_id)
        require_writer(Role(me.role))
        if row.status == "ended":
            raise SessionClosed
        return row

    async def _question_of(self, row: SessionRow) -> JudgeQuestion:
        if row.question_id is None:
            raise InvalidInput("This session has no question; give stdin to run the code as a program.", field="input")
        try:
            return await self._questions.judge_question(row.question_id)
        except Unavailable as error:
            raise ExecutionUnavailable("The question's cases cannot be read right now; try again.") from error

    async def _require_toolchain(self, language: str) -> None:
        known = [toolchain.language for toolchain in await self._runner.toolchains()]
        if not known:
            raise ExecutionUnavailable("Running code is not available here: no sandboxed runner answers.")
        if language not in known:
            raise ExecutionUnavailable(
                f"{Language(language).name} cannot be run on this machine; there is {', '.join(known).upper()}."
            )


def _read_cases(cases: Sequence[str]) -> list[tuple[Any, ...]]:
    if not 1 <= len(cases) <= MAX_OWN_CASES:
        raise InvalidInput(f"cases has {len(cases)} items; give from 1 to {MAX_OWN_CASES}.", field="input.cases")
    read = []
    for number, case in enumerate(cases):
        field = f"input.cases.{number}"
        if len(case) > MAX_CASE_LENGTH:
            raise InvalidInput(f"The case has more than {MAX_CASE_LENGTH} characters.", field=field)
        try:
            args = orjson.loads(case)
        except orjson.JSONDecodeError as error:
            raise InvalidInput(f"The case is not JSON: {error}.", field=field) from error
        if not isinstance(args, list):
            raise InvalidInput("A case is a JSON array of the arguments, e.g. [[1, 2], 3].", field=field)
        read.append(tuple(args))
    return read


def _job_for(
    row: SessionRow,
    source: str,
    user: str,
    question: JudgeQuestion | None,
    kind: str,
    own: list[tuple[Any, ...]] | None,
    stdin: str | None,
) -> Job:
    if question is None:
        return Job(JobKind.PROGRAM, row.language, source, (CaseInput(stdin=stdin or ""),), user)
    if not can_be_judged(row.language, question.signature):
        raise ExecutionUnavailable(
            f"This question cannot be judged in {Language(row.language).name}; run the code as a program with stdin."
        )
    if own is not None:
        wanted = len(question.signature["parameters"])
        for number, args in enumerate(own):
            if len(args) != wanted:
                raise InvalidInput(
                    f"The case has {len(args)} arguments; the function takes {wanted}.", field=f"input.cases.{number}"
                )
        cases = [CaseInput(args) for args in own]
    else:
        wanted_cases = [case for case in question.cases if kind == "submit" or case["sample"]]
        cases = [CaseInput(tuple(case["args"]), is_hidden=not case["sample"]) for case in wanted_cases]
    return Job(
        JobKind.FUNCTION,
        row.language,
        source,
        tuple(cases),
        user,
        question.signature,
        question.time_limit_ms,
        question.memory_limit_mb,
    )


def _judged_data(run: RunRow, users: list[str], verdict: Verdict, passed: int, outcome: JsonObject) -> JsonObject:
    """The data of submission.judged."""
    return {
        "session_id": str(run.session_id),
        "user_ids": users,
        "question_id": str(run.question_id) if run.question_id else None,
        "language": Language(run.language).name,
        "verdict": verdict.name,
        "passed": passed,
        "total": run.total,
        "time_ms": round(outcome["time_ms"]),
    }
