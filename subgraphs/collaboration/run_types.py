"""How runs of code look to GraphQL."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from ..kit.events import JsonObject
from . import rules
from .execution import Toolchain as ToolchainValue
from .models import RunRow
from .types import Language, User


@strawberry.enum(description="What was asked for.")
class RunKind(Enum):
    RUN = strawberry.enum_value("run", description="To see what the code does.")
    SUBMIT = strawberry.enum_value("submit", description="To be judged on all cases.")


@strawberry.enum(description="How far a run is.")
class RunStatus(Enum):
    RUNNING = "running"
    FINISHED = "finished"


@strawberry.enum(description="What came of a run or of one of its cases.")
class Verdict(Enum):
    ACCEPTED = strawberry.enum_value("accepted", description="The answer is right.")
    WRONG_ANSWER = strawberry.enum_value("wrong_answer", description="The answer is another than the expected one.")
    COMPLETED = strawberry.enum_value("completed", description="It ran to its end; nothing to compare with.")
    TIME_LIMIT = strawberry.enum_value("time_limit", description="It took too long.")
    MEMORY_LIMIT = strawberry.enum_value("memory_limit", description="It needed too much memory.")
    OUTPUT_LIMIT = strawberry.enum_value("output_limit", description="It printed too much.")
    RUNTIME_ERROR = strawberry.enum_value("runtime_error", description="It crashed.")
    COMPILE_ERROR = strawberry.enum_value("compile_error", description="It does not compile.")
    NOT_RUN = strawberry.enum_value("not_run", description="An earlier case ended the run.")
    INTERNAL_ERROR = strawberry.enum_value("internal_error", description="The judge failed, not the code.")


@strawberry.type(description="One case of a run. Of a hidden case only the verdict, the time and the memory are told.")
class RunCase:
    number: int = strawberry.field(description="Its place, from 1.")
    is_hidden: bool = strawberry.field(description="True for a hidden case of a question.")
    verdict: Verdict = strawberry.field(description="What came of it.")
    time_ms: float = strawberry.field(description="Processor time, in milliseconds.")
    memory_kb: int = strawberry.field(description="Memory at its peak, in KiB.")
    input: str | None = strawberry.field(description="The arguments as a JSON array, or the standard input.")
    expected: str | None = strawberry.field(description="The expected answer, as JSON.")
    actual: str | None = strawberry.field(description="The answer, as JSON.")
    stdout: str | None = strawberry.field(description="What the code printed.")
    stderr: str | None = strawberry.field(description="What the code printed as errors.")
    difference: str | None = strawberry.field(description="Where answer and expectation part, for people.")

    @classmethod
    def from_json(cls, case: JsonObject) -> RunCase:
        verdict, expected, actual = Verdict(case["verdict"]), case.get("expected"), case.get("actual")
        difference = None
        if verdict is Verdict.WRONG_ANSWER and expected is not None and actual is not None:
            difference = difference_between(expected, actual)
        return cls(
            number=case["number"],
            is_hidden=case["is_hidden"],
            verdict=verdict,
            time_ms=case["time_ms"],
            memory_kb=case["memory_kb"],
            input=case.get("input"),
            expected=expected,
            actual=actual,
            stdout=case.get("stdout"),
            stderr=case.get("stderr"),
            difference=difference,
        )


@strawberry.type(description="One execution of the session's code; both see it.")
class Run:
    id: strawberry.ID = strawberry.field(description="Its id.")
    kind: RunKind = strawberry.field(description="What was asked for.")
    language: Language = strawberry.field(description="The language of the code.")
    status: RunStatus = strawberry.field(description="How far it is.")
    verdict: Verdict | None = strawberry.field(description="What came of it; null while it runs.")
    passed: int = strawberry.field(description="How many cases passed.")
    total: int = strawberry.field(description="How many cases there are.")
    time_ms: float | None = strawberry.field(description="Processor time of the slowest case, in milliseconds.")
    memory_kb: int | None = strawberry.field(description="Memory of the largest case at its peak, in KiB.")
    compile_output: str | None = strawberry.field(description="What the compiler said.")
    cases: list[RunCase] = strawberry.field(description="The cases, in order; empty while it runs.")
    source: str = strawberry.field(description="The code that was run.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")
    started_by: User | None = strawberry.field(description="Who asked for it; null when the account was deleted since.")

    @strawberry.field(description="The first case that did not pass and is not hidden.")
    def first_failing(self) -> RunCase | None:
        return next((case for case in self.cases if not case.is_hidden and case.verdict not in _PASSING), None)

    @classmethod
    def from_model(cls, row: RunRow) -> Run:
        result = row.result or {}
        return cls(
            id=strawberry.ID(str(row.id)),
            kind=RunKind(row.kind),
            language=Language[rules.Language(row.language).name],
            status=RunStatus(row.status),
            verdict=Verdict(row.verdict) if row.verdict else None,
            passed=row.passed or 0,
            total=row.total,
            time_ms=result.get("time_ms"),
            memory_kb=result.get("memory_kb"),
            compile_output=result.get("compile_output"),
            cases=[RunCase.from_json(case) for case in result.get("cases", ())],
            source=row.source,
            created_at=row.created_at,
            finished_at=row.finished_at,
            started_by=None if row.user_id is None else User(id=strawberry.ID(str(row.user_id))),
        )


_PASSING = (Verdict.ACCEPTED, Verdict.COMPLETED)


@strawberry.type(description="A language that code can be run in here.")
class Toolchain:
    language: Language = strawberry.field(description="The language.")
    version: str = strawberry.field(description="What runs it, e.g. Python 3.11.2.")

    @classmethod
    def from_value(cls, value: ToolchainValue) -> Toolchain:
        return cls(language=Language[rules.Language(value.language).name], version=value.version)


def difference_between(expected: str, actual: str) -> str:
    """Where two JSON texts part: the common beginning shortened, what was expected there, what came instead."""
    position = next((n for n, (a, b) in enumerate(zip(expected, actual, strict=False)) if a != b), None)
    if position is None:
        position = min(len(expected), len(actual))
    start = max(0, position - 20)
    lead = ("…" if start else "") + expected[start:position]
    return f"expected {lead}[{expected[position : position + 40]}] but got {lead}[{actual[position : position + 40]}]"
