"""Converting exercises in the format of problem-specifications; the exercises here are our own."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from subgraphs.questions.bank import convert_exercism
from subgraphs.questions.bank.exercism import Skipped
from subgraphs.questions.bank.question import FloatComparison
from subgraphs.questions.bank.type_language import value_error

IDS = [f"00000000-0000-4000-8000-{number:012d}" for number in range(100)]


class Repository:
    """A copy of problem-specifications in the making."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "exercises").mkdir(parents=True)

    def add(self, slug: str, cases: list[dict[str, Any]] | None, **files: str) -> Path:
        folder = self.root / "exercises" / slug
        folder.mkdir()
        (folder / "metadata.toml").write_text(files.get("metadata", f'title = "{slug.title()}"\n'), encoding="utf-8")
        (folder / "description.md").write_text(files.get("description", "# Description\n\nDo it.\n"), encoding="utf-8")
        if cases is not None:
            data = {"exercise": slug, "cases": cases}
            (folder / "canonical-data.json").write_text(json.dumps(data), encoding="utf-8")
        return folder


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "copy")


def case(number: int, expected: Any, function: str = "dockFee", **given: Any) -> dict[str, Any]:
    """A case about a harbour's fees; extra keys of the format are given with a leading underscore."""
    extra = {key[1:]: value for key, value in given.items() if key.startswith("_")}
    arguments = {key: value for key, value in given.items() if not key.startswith("_")}
    named = {"uuid": IDS[number], "description": f"case {number}", "property": function}
    return {**named, "input": arguments, "expected": expected, **extra}


def test_an_exercise_becomes_a_question_with_its_uuids_and_provenance(repository: Repository) -> None:
    (repository.root / "LICENSE").write_text("The MIT License\n\nCopyright (c) 2020 Harbour Board\n", encoding="utf-8")
    repository.add(
        "dock-fees",
        [
            {
                "description": "small boats",
                "cases": [case(1, 4, boatLength=3, crew=["Ada"]), case(2, 0, boatLength=0, crew=[])],
            },
            case(3, 9, boatLength=5, crew=["Bo", "Cy"]),
        ],
        metadata='title = "Dock Fees"\nblurb = "Sum up fees."\nsource = "The harbour"\nsource_url = "http://x.example"\n',
        description="# Description\n\nAdd the fees.\n\n~~~~exercism/note\nFees are whole.\n~~~~\n",
    )
    report = convert_exercism(repository.root, commit="c0ffee")
    [question] = report.converted
    assert question.signature.to_json() == {
        "function": "dock_fee",
        "parameters": [{"name": "boat_length", "type": "int"}, {"name": "crew", "type": "string[]"}],
        "returns": "int",
        "entry_points": {"python": "dock_fee", "javascript": "dockFee", "java": "dockFee", "cpp": "dockFee"},
    }
    assert [(c.id, c.args, c.expected, c.sample, c.description) for c in question.test_cases] == [
        (IDS[1], (3, ["Ada"]), 4, True, "small boats: case 1"),
        (IDS[2], (0, []), 0, False, "small boats: case 2"),
        (IDS[3], (5, ["Bo", "Cy"]), 9, False, "case 3"),
    ]
    assert question.description == (
        "Add the fees.\n\n> Fees are whole.\n\n## The function\n\n"
        "Write `dock_fee`, which takes `boat_length` (int), `crew` (string[]) and returns int.\n"
    )
    assert (question.slug, question.title, question.categories) == (
        "dock-fees",
        "Dock Fees",
        ("Arrays", "Strings", "Math"),
    )
    assert question.provenance.to_json() == {
        "source": "exercism/problem-specifications",
        "url": "https://github.com/exercism/problem-specifications/tree/c0ffee/exercises/dock-fees",
        "commit": "c0ffee",
        "licence": "MIT",
        "attribution": "Copyright (c) 2020 Harbour Board; The harbour http://x.example",
        "difficulty_source": "DERIVED",
        "categories_source": "DERIVED",
        "starter_code_source": "DERIVED",
    }


def test_a_case_that_a_newer_one_reimplements_is_dropped(repository: Repository) -> None:
    repository.add(
        "fees",
        [
            case(1, 5, n=1),
            case(2, 6, n=1, _reimplements=IDS[1]),
            case(3, 7, n=1, _reimplements=IDS[2]),
            case(4, 2, n=2),
        ],
    )
    report = convert_exercism(repository.root)
    assert [c.id for c in report.converted[0].test_cases] == [IDS[3], IDS[4]]
    assert report.left_out == {"replaced by a newer case": 2}


def test_error_cases_are_expressed_as_null_and_shown_last(repository: Repository) -> None:
    repository.add(
        "fees",
        [case(1, {"error": "too short"}, n=-1), case(2, 4, n=2), case(3, 6, n=3), case(4, {"error": "too long"}, n=9)],
    )
    [question] = convert_exercism(repository.root).converted
    assert str(question.signature.returns) == "int?"
    assert [(c.id, c.expected, c.explanation) for c in question.test_cases] == [
        (IDS[2], 4, ""),
        (IDS[1], None, "The input is invalid: too short."),
        (IDS[3], 6, ""),
        (IDS[4], None, "The input is invalid: too long."),
    ]
    assert "return `null` instead of raising an error:\n\n- too long\n- too short\n" in question.description


def test_cases_that_need_chance_or_large_integers_are_left_out(repository: Repository) -> None:
    repository.add(
        "fees",
        [
            case(1, 1, n=1),
            case(2, 2, n=2),
            case(3, 3, n=3, _scenarios=["random"]),
            case(4, 2**60, n=4),
            case(5, 2, n=2, _scenarios=["unicode"]),
        ],
    )
    report = convert_exercism(repository.root)
    assert [c.id for c in report.converted[0].test_cases] == [IDS[1], IDS[2]]
    assert report.left_out == {
        "needs chance, threads or a language's own ways": 1,
        "has an integer that JavaScript cannot hold": 1,
        "asks the same again": 1,
    }


@pytest.mark.parametrize(
    ("cases", "reason"),
    [
        (None, "it has no canonical-data.json"),
        ([case(1, 1, n=1)], "it has 1 case(s) that can be judged; at least 2 are needed"),
        (
            [case(1, 1, "encode", n=1), case(2, 2, "decode", n=1)],
            "it asks for 2 functions (decode, encode); only one can be the entry point",
        ),
        ([case(1, 1, n=1), case(2, 2, m=1)], "its cases take different arguments (2 combinations)"),
        ([case(1, 1), case(2, 2)], "its function takes no arguments"),
        ([case(1, 1, f="(x) -> x + 1"), case(2, 2, f="(x) -> x")], "it takes functions as arguments"),
        ([case(1, {"error": "a"}, n=1), case(2, {"error": "b"}, n=2)], "all its cases are errors"),
        ([case(1, 1, n=1), case(2, 2, n=1)], "the same input has two different answers"),
        (
            [case(1, None, n=1), case(2, {"error": "b"}, n=2)],
            "null is an answer, so errors cannot be expressed as null",
        ),
        (
            [case(1, {}, steps=[{"pop": 1, "expected": 1}]), case(2, {}, steps=[])],
            "what it checks stands inside its input (operations with answers of their own)",
        ),
    ],
)
def test_an_exercise_that_cannot_be_judged_is_skipped_with_the_reason(
    repository: Repository, cases: list[dict[str, Any]] | None, reason: str
) -> None:
    repository.add("fees", cases)
    report = convert_exercism(repository.root)
    assert report.converted == ()
    assert report.skipped == (Skipped("fees", reason),)


def test_an_exercise_whose_text_no_page_may_show_is_skipped_and_comments_to_tools_are_dropped(
    repository: Repository,
) -> None:
    cases = [case(1, 1, n=1), case(2, 2, n=2)]
    repository.add("sound", cases, description="<!-- prettier-ignore -->\nPay for each boat.\n")
    repository.add("unsound", cases, description="Pay <script>alert(1)</script> for each boat.\n")
    report = convert_exercism(repository.root)
    [question] = report.converted
    assert question.slug == "sound"
    assert question.description.startswith("Pay for each boat.")
    assert report.skipped == (Skipped("unsound", "its description has raw HTML: '<script>'"),)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{", "is not JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
        ("[]", "has no list `cases` at its top"),
        ('{"cases": [5]}', "cases[0] is not an object"),
        ('{"cases": [{"description": "g", "cases": 5}]}', "cases[0].cases is not a list"),
        (json.dumps({"cases": [{"description": "g", "cases": [{**case(1, 1, n=1), "uuid": "x"}]}]}), "cases[0].cases[0].uuid is 'x'"),
        (json.dumps({"cases": [case(1, 1, n=1), case(1, 2, n=2)]}), f"has the uuid {IDS[1]} twice"),
        (json.dumps({"cases": [{**case(1, 1), "input": []}]}), "cases[0].input is not an object"),
        (json.dumps({"cases": [case(1, "a\x00", n=1)]}), "cases[0].expected has a NUL or half a surrogate pair in it"),
        (json.dumps({"cases": [case(1, "a", n="\ud83d")]}), "cases[0].input.n has a NUL or half a surrogate pair in it"),
        (json.dumps({"cases": [case(1, float("nan"), n=1)]}), "has NaN, which JSON does not have"),
        ('{"cases": ' + "9" * 5000 + "}", "has a number that cannot be read"),
        ("[" * 100_000, "is nested too deeply"),
        (json.dumps({"cases": [{"description": "a"}]}), "cases[0].expected is missing"),
    ],
)  # fmt: skip
def test_a_broken_exercise_is_named_and_does_not_stop_the_others(repository: Repository, text: str, wrong: str) -> None:
    folder = repository.add("broken", [])
    (folder / "canonical-data.json").write_text(text, encoding="utf-8")
    repository.add("fees", [case(1, 1, n=1), case(2, 2, n=2)])
    report = convert_exercism(repository.root)
    assert [question.slug for question in report.converted] == ["fees"]
    [problem] = report.broken
    assert problem.file == str(folder / "canonical-data.json")
    assert wrong in problem.wrong


def test_groups_that_are_nested_too_deeply_are_refused(repository: Repository) -> None:
    entry: dict[str, Any] = case(1, 1, n=1)
    for _ in range(30):
        entry = {"description": "g", "cases": [entry]}
    repository.add("deep", [entry])
    assert "nested more than 20 deep" in convert_exercism(repository.root).broken[0].wrong


def test_a_deprecated_exercise_is_retired(repository: Repository) -> None:
    folder = repository.add("old", [case(1, 1, n=1), case(2, 2, n=2)])
    (folder / ".deprecated").touch()
    report = convert_exercism(repository.root)
    assert (report.retired, report.converted, report.skipped) == (("old",), (), ())


def test_names_that_a_language_reserves_get_a_prefix(repository: Repository) -> None:
    repository.add("fees", [case(1, 1, "new", int=1, new=2), case(2, 2, "new", int=2, new=2)])
    [question] = convert_exercism(repository.root).converted
    assert (question.signature.function, [p.name for p in question.signature.parameters]) == (
        "solve_new",
        ["the_int", "the_new"],
    )


def test_a_parameter_named_like_the_function_is_renamed(repository: Repository) -> None:
    repository.add("fees", [case(1, 1, "square", square=1), case(2, 4, "square", square=2)])
    [question] = convert_exercism(repository.root).converted
    assert question.signature.parameters[0].name == "the_square"


def test_fractions_are_judged_to_the_precision_they_are_written_with(repository: Repository) -> None:
    repository.add("fees", [case(1, 31.69, n=1), case(2, 0.5, n=2)])
    repository.add("exact-fees", [case(3, 1e-09, n=1), case(4, 0.5, n=2)])
    exact, rounded = convert_exercism(repository.root).converted
    assert rounded.comparison == FloatComparison(0.005)
    assert exact.comparison == FloatComparison(1e-6)


def test_mixed_values_are_offered_in_untyped_languages(repository: Repository) -> None:
    repository.add("fees", [case(1, {"fee": 1, "unit": "cent"}, n=1), case(2, {"fee": 2, "unit": "euro"}, n=2)])
    [question] = convert_exercism(repository.root).converted
    assert list(question.starter_code) == ["python", "javascript"]


def test_the_commit_is_read_from_the_copy(repository: Repository) -> None:
    repository.add("fees", [case(1, 1, n=1), case(2, 2, n=2)])
    git = repository.root / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    (git / "packed-refs").write_text("# pack-refs\naaaa1111 refs/heads/main\n", encoding="utf-8")
    assert convert_exercism(repository.root).commit == "aaaa1111"
    (git / "refs" / "heads" / "main").write_text("bbbb2222\n", encoding="utf-8")
    assert convert_exercism(repository.root / "exercises").commit == "bbbb2222"
    (git / "HEAD").write_text("cccc3333\n", encoding="utf-8")
    assert convert_exercism(repository.root).converted[0].provenance.commit == "cccc3333"


def test_progress_is_told_after_every_exercise(repository: Repository) -> None:
    repository.add("a", [case(1, 1, n=1), case(2, 2, n=2)])
    repository.add("b", None)
    told: list[tuple[int, int, str]] = []
    convert_exercism(repository.root, on_progress=lambda *step: told.append(step))
    assert told == [(1, 2, "a"), (2, 2, "b")]


def test_the_report_reads_as_text(repository: Repository) -> None:
    repository.add("fees", [case(1, 1, n=1), case(2, 2, n=2), case(3, 3, n=2, _reimplements=IDS[2])])
    repository.add("none", None)
    assert str(convert_exercism(repository.root, commit="c0ffee")) == (
        "1 exercises converted with 2 cases, from commit c0ffee\n"
        "  1 case(s) left out: replaced by a newer case\n"
        "0 deprecated upstream: none\n"
        "1 skipped\n"
        "  none: it has no canonical-data.json\n"
        "0 broken"
    )


def test_a_folder_without_exercises_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match=r"a copy of .*problem-specifications .* is expected"):
        convert_exercism(tmp_path)


@pytest.mark.skipif("EXERCISM_PATH" not in os.environ, reason="EXERCISM_PATH names no copy of problem-specifications")
def test_the_real_repository_converts_into_well_typed_questions() -> None:
    report = convert_exercism(os.environ["EXERCISM_PATH"])
    assert report.broken == ()
    assert len(report.converted) >= 90
    for question in report.converted:
        for test_case in question.test_cases:
            for parameter, value in zip(question.signature.parameters, test_case.args, strict=True):
                assert value_error(parameter.type, value) is None, (question.slug, test_case.id)
            assert value_error(question.signature.returns, test_case.expected) is None, (question.slug, test_case.id)
