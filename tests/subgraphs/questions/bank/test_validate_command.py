"""`python -m subgraphs.questions.bank validate`: what an author reads."""

from __future__ import annotations

from typer.testing import CliRunner

from subgraphs.questions.bank.__main__ import app

from .conftest import QuestionData, WriteQuestion


def test_a_sound_file_is_reported_as_sound(data: QuestionData, write_question: WriteQuestion) -> None:
    result = CliRunner().invoke(app, ["validate", str(write_question(data))])
    assert result.output == "1 file(s), 8 test cases in the sound ones: all sound\n"
    assert result.exit_code == 0


def test_mistakes_are_listed_by_file_and_the_exit_code_is_1(data: QuestionData, write_question: WriteQuestion) -> None:
    data["difficulty"] = "Eazy"
    data["test_cases"][0]["extra"] = 1
    path = write_question(data)
    result = CliRunner().invoke(app, ["validate", str(path)])
    assert result.output == (
        f"{path}\n"
        "  difficulty: is 'Eazy'\n"
        "      right would be: one of Easy, Medium, Hard\n"
        "  test_cases[0].extra: is not a field\n"
        "      right would be: one of args, expected, sample, large, description, explanation\n"
        "1 file(s), 0 test cases in the sound ones: 2 problem(s) in 1 file(s)\n"
    )
    assert result.exit_code == 1


def test_reference_solutions_are_run_unless_told_not_to(data: QuestionData, write_question: WriteQuestion) -> None:
    data["test_cases"][4]["expected"] = 0
    path = str(write_question(data))
    with_run = CliRunner().invoke(app, ["validate", path])
    assert "solution.python: gave 12 for [4, 8]" in with_run.output
    assert with_run.exit_code == 1
    assert CliRunner().invoke(app, ["validate", "--no-run", path]).exit_code == 0
