"""Loading a bank: sound files become questions, and every mistake is told with file, field and what would be right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from subgraphs.questions.bank import BankError, Example, load_bank
from subgraphs.questions.bank.loader import check_bank
from subgraphs.questions.bank.solutions import solution_problems

from .conftest import QuestionData, WriteQuestion

Spoil = Callable[[QuestionData], Any]


def test_a_sound_file_becomes_a_question(data: QuestionData, write_question: WriteQuestion) -> None:
    [question] = load_bank(write_question(data))
    assert question.signature.to_json() == {
        "function": "add_numbers",
        "parameters": [{"name": "left", "type": "int"}, {"name": "right_side", "type": "int"}],
        "returns": "int",
        "entry_points": {
            "python": "add_numbers",
            "javascript": "addNumbers",
            "java": "addNumbers",
            "cpp": "addNumbers",
        },
    }
    assert question.examples == (
        Example("left = 3, right_side = 6", "9", ""),
        Example("left = 5, right_side = 10", "15", ""),
    )
    assert [case.args for case in question.test_cases][:3] == [(3, 6), (5, 10), (0, 0)], "samples come first"
    assert (question.time_limit_ms, question.memory_limit_mb, question.source) == (2000, 256, "tandem")


def test_a_json_file_is_read_as_well(data: QuestionData, tmp_path: Path) -> None:
    path = tmp_path / "add-two-numbers.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert load_bank(path)[0].slug == "add-two-numbers"


def test_a_case_keeps_its_id_when_it_moves_and_loses_it_when_its_arguments_change(
    data: QuestionData, write_question: WriteQuestion
) -> None:
    before = {case.args: case.id for case in load_bank(write_question(data))[0].test_cases}
    data["test_cases"].reverse()
    data["test_cases"][0]["args"]["left"] = 100
    data["test_cases"][0]["expected"] = 114
    after = {case.args: case.id for case in load_bank(write_question(data))[0].test_cases}
    assert {args: after[args] for args in after if args in before} == {a: i for a, i in before.items() if a != (7, 14)}
    assert after[100, 14] not in before.values()


def test_an_author_may_override_the_starter_code(data: QuestionData, write_question: WriteQuestion) -> None:
    data["starter_code"] = {"python": "def add_numbers(left, right_side):\n    return left\n"}
    [question] = load_bank(write_question(data))
    assert question.starter_code["python"] == data["starter_code"]["python"]  # type: ignore[index]
    assert "addNumbers" in question.starter_code["java"]  # type: ignore[index]
    assert question.provenance.starter_code_source == "CURATED"


def case(index: int, **changes: Any) -> Spoil:
    return lambda data: data["test_cases"][index].update(changes)


def put(**changes: Any) -> Spoil:
    return lambda data: data.update(changes)


@pytest.mark.parametrize(
    ("spoil", "field", "wrong", "right"),
    [
        (put(difficulty="Eazy"), "difficulty", "is 'Eazy'", "one of Easy, Medium, Hard"),
        (lambda d: d.pop("title"), "title", "is missing", "it is given"),
        (put(hint=["x"]), "hint", "is not a field", "`hints`, if that is what was meant"),
        (put(hints="one"), "hints", "is 'one'", "a list"),
        (put(slug="Add_Two"), "slug", "is 'Add_Two'", "Identity of the question"),
        (put(description="Too short."), "description", "has 10 characters", "at least 80 characters"),
        (put(categories=["Puzzles"]), "categories[0]", "is 'Puzzles'", "one of Arrays, Strings"),
        (put(comparison={"mode": "roughly"}), "comparison", "'roughly'", "{mode: exact}"),
        (put(returns="integer"), "returns", "`integer` is not a type", "a type such as int[][]"),
        (put(returns="float"), "comparison", "is exact, but float has fractions", "{mode: float"),
        (put(comparison={"mode": "float", "tolerance": 0.1}), "comparison", "int has no fractions", "{mode: exact}"),
        (put(comparison={"mode": "any_order"}), "comparison", "but int has 0", "a depth that the type has"),
        (put(function="class"), "function", "'class' is a reserved word", "another name"),
        (put(time_limit_ms=5), "time_limit_ms", "5 is less than the minimum of 100", "minimum 100"),

        (lambda d: [c.update(sample=True) for c in d["test_cases"]], "test_cases", "8 case(s) are samples", "2 or 3"),
        (lambda d: d["test_cases"].pop(), "test_cases", "has 7 entries", "at least 8 entries"),
        (case(2, args={"left": 1}), "test_cases[2].args", "right_side is missing", "exactly left, right_side"),
        (case(2, args={"left": 1, "right_side": 2, "c": 3}), "test_cases[2].args", "c is not a parameter", "exactly"),
        (case(2, args={"left": "1", "right_side": 2}), "test_cases[2].args.left", "is '1'", "a value of type int"),
        (case(2, args={"left": 1, "right_side": 2}), "test_cases[2].args", "are those of test_cases[1]", "each input"),
        (
            case(2, args={"left": {1: 2, "a": 3}, "right_side": 2}),
            "test_cases[2].args.left",
            "is {1: 2, 'a': 3}",
            "a value of type int",
        ),
        (case(2, expected=None), "test_cases[2].expected", "is None", "a value of type int"),
        (case(2, args={"left": {"$rnd": {}}, "right_side": 2}), "test_cases[2].args.left", "'$rnd' is not", "$ints"),
        (put(hints=["Add.", "Look<br>here"]), "hints[1]", "has raw HTML: '<br>'", "Markdown without HTML"),
        (put(editorial=f"[So](ftp://example.org){' it goes' * 12}"), "editorial", "has a link", "https://"),
        (put(solution={"python": "def other():\n    pass\n"}), "solution.python", "does not define", "def add_numbers(left"),
        (put(solution={"python": "def add_numbers(:\n"}), "solution.python", "is not Python", "code that compiles"),
        (
            put(solution={"python": "def add_numbers(a, b):\n    return 1\n"}),
            "solution.python",
            "takes other parameters",
            "def add_numbers(left, right_side)",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_field_and_what_would_be_right(
    data: QuestionData, write_question: WriteQuestion, spoil: Spoil, field: str, wrong: str, right: str
) -> None:
    spoil(data)
    path = write_question(data)
    with pytest.raises(BankError) as caught:
        load_bank(path)
    [problem] = caught.value.problems
    assert (problem.file, problem.field) == (str(path), field)
    assert wrong in problem.wrong
    assert right in problem.right
    assert str(problem) in str(caught.value)


def test_the_slug_has_to_be_the_name_of_the_file(data: QuestionData, write_question: WriteQuestion) -> None:
    path = write_question(data)
    moved = path.rename(path.with_name("other-name.yaml"))
    [problem] = check_bank([moved]).problems
    assert (problem.field, problem.right) == ("slug", "'other-name', as the file is named")


def test_two_questions_cannot_share_a_title_or_a_slug(data: QuestionData, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "add-two-numbers.json").write_text(json.dumps(data), encoding="utf-8")
    assert [problem.field for problem in check_bank([tmp_path]).problems] == ["slug", "title"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("slug: [", "is not plain YAML"),
        ("slug: a\nslug: b\n", "the key 'slug' is repeated at line 2, column 1"),
        ("a: &x [1]\nb: *x\n", "an alias is not allowed at line 1"),
        ("a: !!python/object:os.system {}\n", "could not determine a constructor"),
        ("- 1\n- 2\n", "is [1, 2]"),
        ("", "is None"),
    ],
)
def test_a_file_that_is_not_plain_yaml_is_named(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    [problem] = check_bank([path]).problems
    assert problem.file == str(path)
    assert wrong in problem.wrong


def test_a_date_in_a_test_case_stays_text(data: QuestionData, tmp_path: Path) -> None:
    data["parameters"][0]["type"] = "string"
    for number, entry in enumerate(data["test_cases"]):
        entry["args"]["left"] = f"2024-01-0{number}"
    path = tmp_path / "add-two-numbers.yaml"
    path.write_text(json.dumps(data).replace('"2024-01-03"', "2024-01-03"), encoding="utf-8")
    assert load_bank(path)[0].test_cases[0].args == ("2024-01-03", 6)


def test_text_that_no_database_can_store_is_named(data: QuestionData, tmp_path: Path) -> None:
    data["test_cases"][3]["description"] = "half of a pair: \ud83d"
    path = tmp_path / "add-two-numbers.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    [problem] = check_bank([path]).problems
    assert (problem.field, problem.wrong) == ("test_cases[3].description", "has a NUL or half a surrogate pair in it")


def test_bytes_that_are_not_utf_8_are_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(b"slug: \xff\n")
    [problem] = check_bank([path]).problems
    assert problem.wrong == "is not UTF-8 at byte 6"


def test_a_path_without_questions_is_a_problem(tmp_path: Path) -> None:
    assert check_bank([tmp_path]).problems[0].wrong == "has no question in it"
    assert check_bank([tmp_path / "nowhere"]).problems[0].wrong == "does not exist"


def test_one_broken_file_does_not_hide_the_others(data: QuestionData, write_question: WriteQuestion) -> None:
    folder = write_question(data).parent
    (folder / "broken.yaml").write_text("slug: [", encoding="utf-8")
    check = check_bank([folder])
    assert [question.slug for question in check.questions] == ["add-two-numbers"]
    assert len(check.problems) == 1


def test_a_reference_solution_that_disagrees_is_told_with_the_case(
    data: QuestionData, write_question: WriteQuestion
) -> None:
    data["solution"]["brute_force"] = (
        "def add_numbers(left, right_side):\n    return 3 * left if left < 7 else 1 // 0\n"
    )
    data["test_cases"][2]["expected"] = 7
    [question] = load_bank(write_question(data))
    assert [(p.field, p.wrong, p.right) for p in solution_problems("file", question)] == [
        ("solution.python", "gave 6 for [2, 4]", "7"),
        ("solution.brute_force", "gave 6 for [2, 4]", "7"),
        (
            "solution.brute_force",
            "raised ZeroDivisionError: integer division or modulo by zero for [7, 14]",
            "21",
        ),
    ]


def test_large_cases_are_kept_from_the_brute_force(data: QuestionData, write_question: WriteQuestion) -> None:
    data["solution"]["brute_force"] = (
        "def add_numbers(left, right_side):\n    return 3 * left if left < 7 else 1 // 0\n"
    )
    data["test_cases"][7]["large"] = True
    [question] = load_bank(write_question(data))
    assert solution_problems("file", question) == []
