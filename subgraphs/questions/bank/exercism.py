"""Convert a copy of exercism/problem-specifications into questions: a directory goes in, questions and a report come out.

Nothing is written and nothing is fetched here. What upstream does not have (difficulty, categories, signature, starter code) is
derived by rule and marked so in the provenance; case uuids are kept, so that an import can be repeated.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .errors import Problem
from .exercism_cases import BrokenExercise, CanonicalCase, read_cases, takes_functions, usable_cases
from .exercism_origin import EXERCISM_URL, checked_out_commit, copyright_notice, exercise_folders
from .exercism_text import derive_categories, derive_difficulty, read_text
from .infer_types import infer_type
from .markdown import text_problems
from .question import (
    BankQuestion,
    Comparison,
    ExactComparison,
    FloatComparison,
    Language,
    Origin,
    Parameter,
    Provenance,
    Signature,
    TestCase,
    spell_name,
)
from .starter_code import RESERVED_WORDS, write_starter_code
from .type_language import BaseType, JsonValue, NullableType, ValueType, contains_base

EXERCISM_SOURCE = "exercism/problem-specifications"
LICENCE = "MIT"
# Exercises whose cases leave out something that the function needs; nothing in the data itself tells it.
INCOMPLETE = {"grep": "its cases read files whose content is written in a comment"}
MIN_CASES = 2  # one that is shown, one that is not
MAX_SAMPLES = 3
MAX_DECIMALS = 6  # fractions written with more are compared to a millionth
Progress = Callable[[int, int, str], None]  # done, of how many, the exercise just done


@dataclass(frozen=True, slots=True)
class Skipped:
    """An exercise that is not converted, and why."""

    slug: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExercismReport:
    """What became of each exercise below the path."""

    commit: str
    converted: tuple[BankQuestion, ...]
    skipped: tuple[Skipped, ...]
    broken: tuple[Problem, ...]
    retired: tuple[str, ...]  # slugs that upstream has deprecated
    left_out: Counter[str]  # cases of converted exercises, by reason

    def __str__(self) -> str:
        cases = sum(len(question.test_cases) for question in self.converted)
        lines = [
            f"{len(self.converted)} exercises converted with {cases} cases"
            + (f", from commit {self.commit[:12]}" if self.commit else ""),
            *(f"  {count} case(s) left out: {reason}" for reason, count in sorted(self.left_out.items())),
            f"{len(self.retired)} deprecated upstream: {', '.join(self.retired) or 'none'}",
            f"{len(self.skipped)} skipped",
            *(f"  {skipped.slug}: {skipped.reason}" for skipped in self.skipped),
            f"{len(self.broken)} broken",
            *(f"  {problem}" for problem in self.broken),
        ]
        return "\n".join(lines)


def convert_exercism(path: Path | str, *, commit: str = "", on_progress: Progress | None = None) -> ExercismReport:
    """Convert the repository (or its `exercises` folder) at `path`. A broken exercise is reported and never stops the rest.

    Raises NotADirectoryError when there are no exercises at `path`. Without `commit`, it is read from `.git` if there is one.
    """
    root = Path(path)
    folders = exercise_folders(root)
    commit = commit or checked_out_commit(root)
    notice = copyright_notice(root)
    converted: list[BankQuestion] = []
    skipped: list[Skipped] = []
    broken: list[Problem] = []
    retired: list[str] = []
    left_out: Counter[str] = Counter()
    for done, folder in enumerate(folders, start=1):
        try:
            match _convert_folder(folder, commit, notice):
                case BankQuestion() as question, counts:
                    converted.append(question)
                    left_out += counts
                case Skipped() as skip:
                    skipped.append(skip)
                case _:
                    retired.append(folder.name)
        except BrokenExercise as error:
            file = str(folder / "canonical-data.json")
            broken.append(Problem(file, "", str(error), "the format of problem-specifications"))
        if on_progress is not None:
            on_progress(done, len(folders), folder.name)
    return ExercismReport(commit, tuple(converted), tuple(skipped), tuple(broken), tuple(retired), left_out)


def _convert_folder(folder: Path, commit: str, notice: str) -> tuple[BankQuestion, Counter[str]] | Skipped | None:
    """The question and the cases left out; or why there is none; or None when upstream has deprecated the exercise."""
    if (folder / ".deprecated").exists():
        return None
    if folder.name in INCOMPLETE:
        return Skipped(folder.name, INCOMPLETE[folder.name])
    file = folder / "canonical-data.json"
    if not file.exists():
        return Skipped(folder.name, "it has no canonical-data.json")
    usable = usable_cases(read_cases(file))
    reason = _reason_to_skip(usable.cases)
    if reason:
        return Skipped(folder.name, reason)
    question = _question(folder, usable.cases, commit, notice)
    for _, wrong, _ in text_problems("description", question.description):
        return Skipped(folder.name, f"its description {wrong}")
    return question, usable.left_out


def _reason_to_skip(cases: tuple[CanonicalCase, ...]) -> str | None:
    """Only `property(input) == expected` can be judged; say what stands in the way."""
    if len(cases) < MIN_CASES:
        return f"it has {len(cases)} case(s) that can be judged; at least {MIN_CASES} are needed"
    properties = sorted({case.property_name for case in cases})
    if len(properties) > 1:
        return f"it asks for {len(properties)} functions ({', '.join(properties[:5])}); only one can be the entry point"
    shapes = {tuple(sorted(case.input)) for case in cases}
    if len(shapes) > 1:
        return f"its cases take different arguments ({len(shapes)} combinations)"
    if not cases[0].input:
        return "its function takes no arguments"
    if takes_functions(cases):
        return "it takes functions as arguments"
    if all(case.error is not None for case in cases):
        return "all its cases are errors"
    if all(case.expected == {} for case in cases if case.error is None):
        return "what it checks stands inside its input (operations with answers of their own)"
    answers: dict[str, JsonValue] = {}
    for case in cases:
        key = repr(sorted(case.input.items()))
        if answers.setdefault(key, case.expected) != case.expected:
            return "the same input has two different answers"
    if any(case.error is not None for case in cases) and any(case.expected is None for case in cases):
        return "null is an answer, so errors cannot be expressed as null"
    return None


def _question(folder: Path, cases: tuple[CanonicalCase, ...], commit: str, notice: str) -> BankQuestion:
    signature = _signature(cases)
    text = read_text(folder)
    errors = sorted({case.error for case in cases if case.error is not None})
    sample_count = min(MAX_SAMPLES, max(1, len(cases) // 3))
    names = list(cases[0].input)
    return BankQuestion(
        slug=folder.name,
        title=text.title,
        description=_description(text.description or text.blurb, signature, errors),
        difficulty=derive_difficulty(signature, len(cases), text.description),
        categories=derive_categories(folder.name, text, signature),
        signature=signature,
        test_cases=tuple(
            TestCase(
                id=case.uuid,
                args=tuple(case.input[name] for name in names),
                expected=None if case.error is not None else case.expected,
                sample=index < sample_count,
                description=case.title[:200],
                explanation=f"The input is invalid: {case.error}." if case.error else "",
            )
            for index, case in enumerate(_samples_first(cases, sample_count))
        ),
        starter_code=write_starter_code(signature),
        comparison=_comparison(signature.returns, cases),
        tags=("exercism",),
        provenance=Provenance(
            source=EXERCISM_SOURCE,
            url=f"{EXERCISM_URL}/tree/{commit or 'main'}/exercises/{folder.name}",
            commit=commit,
            licence=LICENCE,
            attribution="; ".join(part for part in (notice, text.attribution) if part),
            difficulty_source=Origin.DERIVED,
            categories_source=Origin.DERIVED,
            starter_code_source=Origin.DERIVED,
        ),
    )


def _samples_first(cases: tuple[CanonicalCase, ...], count: int) -> list[CanonicalCase]:
    """The first ordinary cases are shown; an error case first would tell little of the task."""
    samples = [case for case in cases if case.error is None][:count]
    return samples + [case for case in cases if case not in samples]


def _signature(cases: tuple[CanonicalCase, ...]) -> Signature:
    returns = infer_type(case.expected for case in cases if case.error is None)
    if any(case.error is not None for case in cases) and not isinstance(returns, NullableType):
        returns = returns if returns == BaseType("any") else NullableType(returns)
    function = _usable_name(cases[0].property_name, "solve")
    taken = {spell_name(function, Language.JAVA)}
    parameters: list[Parameter] = []
    for name in cases[0].input:
        usable = _usable_name(name, "the")
        while spell_name(usable, Language.JAVA) in taken:
            usable = f"the_{usable}"
        taken.add(spell_name(usable, Language.JAVA))
        parameters.append(Parameter(usable, infer_type(case.input[name] for case in cases)))
    return Signature(function, tuple(parameters), returns)


def _usable_name(upstream: str, prefix: str) -> str:
    """`twoFer` -> `two_fer`; a name that some language has reserved gets the prefix."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", upstream).lower()
    snake = re.sub(r"[^a-z0-9]+", "_", snake).strip("_")
    if not snake or not snake[0].isalpha() or {snake, spell_name(snake, Language.JAVA)} & RESERVED_WORDS:
        snake = f"{prefix}_{snake}".rstrip("_")
    return snake


def _description(statement: str, signature: Signature, errors: list[str]) -> str:
    arguments = ", ".join(f"`{parameter.name}` ({parameter.type})" for parameter in signature.parameters)
    parts = [
        statement,
        "## The function",
        f"Write `{signature.function}`, which takes {arguments} and returns {signature.returns}.",
    ]
    if errors:
        shown = "\n".join(f"- {error}" for error in errors[:10])
        parts.append(f"Where the input is invalid, return `null` instead of raising an error:\n\n{shown}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _comparison(returns: ValueType, cases: tuple[CanonicalCase, ...]) -> Comparison:
    """Fractions are judged to the precision upstream writes them with: 31.69 stands for anything that rounds to it."""
    fractions = [number for case in cases for number in _fractions(case.expected)]
    if not fractions or not (contains_base(returns, "float") or contains_base(returns, "any")):
        return ExactComparison()
    written = [repr(number).partition(".")[2] for number in fractions]
    decimals = max(len(digits) if digits.isdigit() else MAX_DECIMALS for digits in written)  # not digits: 1e-09
    smallest = max(1.0, min(abs(number) for number in fractions))
    return FloatComparison(tolerance=max(1e-6, 0.5 * 10**-decimals / smallest))


def _fractions(value: JsonValue) -> list[float]:
    if isinstance(value, list):
        return [number for item in value for number in _fractions(item)]
    if isinstance(value, dict):
        return [number for item in value.values() for number in _fractions(item)]
    return [value] if isinstance(value, float) else []
