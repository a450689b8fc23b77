"""`python -m subgraphs.questions.bank`: `validate` question files for authors, `preview` an import of exercises."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from .errors import Problem
from .exercism import convert_exercism
from .loader import BANK_PATH, BankCheck, check_bank
from .solutions import solution_problems

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Look after the question bank.")


@app.callback()
def main() -> None:
    """Look after the question bank."""


@app.command()
def validate(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Question files or folders; the starter bank when left out.")
    ] = None,
    run: Annotated[bool, typer.Option(help="Run each file's reference solutions against its test cases.")] = True,
) -> None:
    """Check question files against the JSON Schema, the rules, and their own reference solutions."""
    check = check_bank(paths or [BANK_PATH])
    problems = list(check.problems)
    if run:
        file_by_slug = {file.stem: str(file) for file in check.files}
        for question in check.questions:
            problems += solution_problems(file_by_slug[question.slug], question)
    _print_report(check, problems)
    raise typer.Exit(1 if problems else 0)


@app.command()
def preview(path: Annotated[Path, typer.Argument(help="A copy of exercism/problem-specifications.")]) -> None:
    """Tell what an import of problem-specifications would bring, without a database."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading exercises")
        try:
            report = convert_exercism(
                path, on_progress=lambda done, total, slug: progress.update(task, completed=done, total=total)
            )
        except NotADirectoryError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error
    typer.echo(str(report))
    raise typer.Exit(1 if report.broken else 0)


def _print_report(check: BankCheck, problems: list[Problem]) -> None:
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        by_file.setdefault(problem.file, []).append(problem)
    for file, found in by_file.items():
        typer.echo(file)
        for problem in found:
            typer.echo(f"  {problem.field or '(file)'}: {problem.wrong}")
            typer.echo(f"      right would be: {problem.right}")
    cases = sum(len(question.test_cases) for question in check.questions)
    state = "all sound" if not problems else f"{len(problems)} problem(s) in {len(by_file)} file(s)"
    typer.echo(f"{len(check.files)} file(s), {cases} test cases in the sound ones: {state}")


if __name__ == "__main__":
    app(prog_name="python -m subgraphs.questions.bank")
