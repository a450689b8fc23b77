"""What the runner is asked to do, and what it answers: plain values, JSON on the wire. Expected values are never among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]

MAX_SOURCE_BYTES = 128 * 1024
MAX_INPUT_BYTES = 512 * 1024  # of all cases of one job, as JSON
MAX_CASES = 200


class JobKind(StrEnum):
    """FUNCTION calls the function of a signature with the arguments of each case; PROGRAM runs the code with standard input."""

    FUNCTION = "function"
    PROGRAM = "program"


class Verdict(StrEnum):
    COMPLETED = "completed"
    """It ran to its end; there was nothing to compare with."""
    ACCEPTED = "accepted"
    WRONG_ANSWER = "wrong_answer"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    RUNTIME_ERROR = "runtime_error"
    COMPILE_ERROR = "compile_error"
    NOT_RUN = "not_run"
    """An earlier case ended the run."""
    INTERNAL_ERROR = "internal_error"
    """The judge failed, not the code."""


@dataclass(frozen=True, slots=True)
class CaseInput:
    """One case: the arguments of a function, or the standard input of a program."""

    args: tuple[Any, ...] = ()
    stdin: str = ""
    is_hidden: bool = False
    """A hidden case ends the run when it does not come to its end, and what it prints is shown to nobody."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run. Limits are per case; compiling has limits of its own."""

    kind: JobKind
    language: str
    source: str
    cases: tuple[CaseInput, ...]
    user: str
    """Whose turn it is when many wait."""
    signature: JsonObject = field(default_factory=dict)
    time_limit_ms: int = 2000
    memory_limit_mb: int = 256

    def to_json(self) -> JsonObject:
        return {
            "kind": self.kind.value,
            "language": self.language,
            "source": self.source,
            "cases": [
                {"args": list(case.args), "stdin": case.stdin, "is_hidden": case.is_hidden} for case in self.cases
            ],
            "user": self.user,
            "signature": self.signature,
            "time_limit_ms": self.time_limit_ms,
            "memory_limit_mb": self.memory_limit_mb,
        }

    @classmethod
    def from_json(cls, values: JsonObject) -> Job:
        """Raises KeyError, TypeError or ValueError for what `to_json` never wrote."""
        cases = tuple(
            CaseInput(tuple(case["args"]), str(case["stdin"]), bool(case["is_hidden"])) for case in values["cases"]
        )
        if not 1 <= len(cases) <= MAX_CASES:
            raise ValueError(f"a job has from 1 to {MAX_CASES} cases, not {len(cases)}")
        if len(values["source"].encode()) > MAX_SOURCE_BYTES:
            raise ValueError(f"source has more than {MAX_SOURCE_BYTES} bytes")
        return cls(
            kind=JobKind(values["kind"]),
            language=str(values["language"]),
            source=str(values["source"]),
            cases=cases,
            user=str(values["user"]),
            signature=dict(values["signature"]),
            time_limit_ms=int(values["time_limit_ms"]),
            memory_limit_mb=int(values["memory_limit_mb"]),
        )


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of one case. `answer` is what the function returned, as JSON text; None when it did not return."""

    verdict: Verdict
    answer: str | None = None
    stdout: str = ""
    stderr: str = ""
    time_ms: float = 0.0
    memory_kb: int = 0

    def to_json(self) -> JsonObject:
        return {
            "verdict": self.verdict.value,
            "answer": self.answer,
            "stdout": self.stdout,
            "stderr": self.stderr,
            "time_ms": self.time_ms,
            "memory_kb": self.memory_kb,
        }

    @classmethod
    def from_json(cls, values: JsonObject) -> CaseResult:
        return cls(**{**values, "verdict": Verdict(values["verdict"])})


@dataclass(frozen=True, slots=True)
class JobResult:
    """What came of a job: COMPILE_ERROR with the compiler's words, or a result for every case."""

    verdict: Verdict
    cases: tuple[CaseResult, ...] = ()
    compile_output: str = ""

    def to_json(self) -> JsonObject:
        return {
            "verdict": self.verdict.value,
            "cases": [case.to_json() for case in self.cases],
            "compile_output": self.compile_output,
        }

    @classmethod
    def from_json(cls, values: JsonObject) -> JobResult:
        return cls(
            Verdict(values["verdict"]),
            tuple(CaseResult.from_json(case) for case in values["cases"]),
            values["compile_output"],
        )
