"""Load a bank: every question file below a path, checked against the JSON Schema and the rules it cannot say.

file -> plain data -> schema -> recipes followed -> rules of one question -> BankQuestion -> rules among all questions
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import BankError, Problem
from .generated import RecipeError, follow_recipe, is_recipe
from .question import (
    DEFAULT_MEMORY_LIMIT_MB,
    DEFAULT_TIME_LIMIT_MS,
    BankQuestion,
    Difficulty,
    Language,
    Origin,
    Parameter,
    Provenance,
    Signature,
    TestCase,
    comparison_from_json,
)
from .reading import SUFFIXES, UnreadableFile, read_data
from .rules import case_id, question_problems
from .schema_check import schema_problems
from .starter_code import write_starter_code
from .type_language import parse_type

BANK_PATH = Path(__file__).parent / "questions"
MAX_FILES = 5_000


@dataclass(frozen=True, slots=True)
class BankCheck:
    """What was found below the paths: the questions that are sound, and the problems of the others."""

    files: tuple[Path, ...]
    questions: tuple[BankQuestion, ...]
    problems: tuple[Problem, ...]


def load_bank(path: Path | str = BANK_PATH) -> list[BankQuestion]:
    """The questions of one file, or of all files below a folder, by slug. Raises BankError with all problems."""
    check = check_bank([Path(path)])
    if check.problems:
        raise BankError(check.problems)
    return sorted(check.questions, key=lambda question: question.slug)


def check_bank(paths: list[Path]) -> BankCheck:
    """Read everything and gather all problems instead of stopping at the first."""
    problems: list[Problem] = []
    sound: dict[Path, BankQuestion] = {}
    files: list[Path] = []
    for path in paths:
        found = _question_files(path)
        if not found:
            wrong = "has no question in it" if path.exists() else "does not exist"
            problems.append(Problem(str(path), "", wrong, f"a file or folder with {', '.join(SUFFIXES)} files"))
        files += [file for file in found if file not in files]
    for file in files:
        question = _load_file(file, problems)
        if question is not None:
            sound[file] = question
    problems += _problems_among(sound)
    return BankCheck(tuple(files), tuple(sound.values()), tuple(problems))


def question_from_data(data: dict[str, Any]) -> BankQuestion:
    """Build the question from data that has passed the schema and the rules."""
    signature = Signature(
        function=data["function"],
        parameters=tuple(Parameter(p["name"], parse_type(p["type"])) for p in data["parameters"]),
        returns=parse_type(data["returns"]),
    )
    overrides = {Language(name): text for name, text in data.get("starter_code", {}).items()}
    cases = [_case_from_data(data["slug"], signature, case) for case in data["test_cases"]]
    return BankQuestion(
        slug=data["slug"],
        title=data["title"],
        description=data["description"].strip() + "\n",
        difficulty=Difficulty(data["difficulty"]),
        categories=tuple(data["categories"]),
        signature=signature,
        test_cases=tuple(sorted(cases, key=lambda case: not case.sample)),
        starter_code=write_starter_code(signature) | overrides,
        comparison=comparison_from_json(data.get("comparison", {"mode": "exact"})),
        tags=tuple(data.get("tags", ())),
        companies=tuple(data.get("companies", ())),
        constraints=tuple(data["constraints"]),
        hints=tuple(data["hints"]),
        editorial=data["editorial"].strip() + "\n",
        time_limit_ms=data.get("time_limit_ms", DEFAULT_TIME_LIMIT_MS),
        memory_limit_mb=data.get("memory_limit_mb", DEFAULT_MEMORY_LIMIT_MB),
        solution=dict(data["solution"]),
        provenance=Provenance(starter_code_source=Origin.CURATED if overrides else Origin.DERIVED),
    )


def _question_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = sorted(
        file for file in path.rglob("*") if file.suffix in SUFFIXES and not file.name.endswith(".schema.json")
    )
    if len(found) > MAX_FILES:
        raise BankError((Problem(str(path), "", f"has {len(found)} files", f"at most {MAX_FILES}"),))
    return found


def _load_file(file: Path, problems: list[Problem]) -> BankQuestion | None:
    try:
        data = read_data(file)
    except UnreadableFile as error:
        problems.append(error.problem)
        return None
    # Each step relies on the one before: recipes on the shape, the rules on the values that the recipes stand for.
    found = (
        schema_problems(str(file), data)
        or _follow_recipes(str(file), data)
        or question_problems(str(file), file.stem, data)
    )
    problems += found
    return None if found else question_from_data(data)


def _follow_recipes(file: str, data: dict[str, Any]) -> list[Problem]:
    """Put the values that recipes stand for in their place."""
    problems: list[Problem] = []
    for index, case in enumerate(data["test_cases"]):
        for name, value in case["args"].items():
            if not is_recipe(value):
                continue
            try:
                case["args"][name] = follow_recipe(value)
            except RecipeError as error:
                problems.append(Problem(file, f"test_cases[{index}].args.{name}", str(error), error.right))
    return problems


def _case_from_data(slug: str, signature: Signature, case: dict[str, Any]) -> TestCase:
    args = tuple(case["args"][parameter.name] for parameter in signature.parameters)
    return TestCase(
        id=case_id(slug, args),
        args=args,
        expected=case["expected"],
        sample=case.get("sample", False),
        description=case.get("description", ""),
        explanation=case.get("explanation", ""),
        large=case.get("large", False),
    )


def _problems_among(questions: dict[Path, BankQuestion]) -> list[Problem]:
    problems: list[Problem] = []
    first_by_slug: dict[str, Path] = {}
    first_by_title: dict[str, Path] = {}
    for file, question in questions.items():
        other = first_by_slug.setdefault(question.slug, file)
        if other != file:
            problems.append(Problem(str(file), "slug", f"{question.slug!r} is taken by {other}", "a slug of its own"))
        other = first_by_title.setdefault(question.title.casefold(), file)
        if other != file:
            problems.append(
                Problem(str(file), "title", f"{question.title!r} is taken by {other}", "a title of its own")
            )
    return problems
