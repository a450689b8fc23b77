"""`python -m subgraphs.questions load-bank`: bring the starter bank into the database; nothing changes where nothing differs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from ..kit.database import Database
from .bank import BANK_PATH, EXERCISM_SOURCE, BankQuestion, ExercismReport, ImportPlan, convert_exercism, load_bank
from .documents import columns_from
from .import_service import ImportService
from .service import QuestionService

app = typer.Typer(help="Look after the questions in the database.", no_args_is_help=True, add_completion=False)


@app.callback()
def main() -> None:
    """Look after the questions in the database."""


@app.command("load-bank")
def load_bank_command(
    database_url: Annotated[
        str, typer.Option(envvar=["DATABASE_DIRECT_URL", "DATABASE_URL"], help="PostgreSQL to load into.")
    ],
) -> None:
    """Create or change the questions of the starter bank, by their slugs."""
    counts = asyncio.run(_load(database_url, load_bank(BANK_PATH)))
    typer.echo(", ".join(f"{count} {what}" for what, count in counts.items()))


async def _load(database_url: str, questions: list[BankQuestion]) -> dict[str, int]:
    database = Database(database_url, pool_size=1)
    try:
        service = QuestionService(database)
        return await service.load_bank([columns_from(question) for question in questions])
    finally:
        await database.dispose()


@app.command("import")
def import_command(
    path: Annotated[Path, typer.Argument(help="A copy of the repository exercism/problem-specifications.")],
    database_url: Annotated[
        str, typer.Option(envvar=["DATABASE_DIRECT_URL", "DATABASE_URL"], help="PostgreSQL to import into.")
    ],
    apply: Annotated[bool, typer.Option(help="Write the changes; without it they are only shown.")] = False,
) -> None:
    """Import the exercises of problem-specifications (MIT): show what would change, and write it with --apply."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading exercises")
        try:
            report = convert_exercism(
                path, on_progress=lambda done, total, slug: progress.update(task, completed=done, total=total)
            )
        except NotADirectoryError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from error
    plan = asyncio.run(_import(database_url, report, apply))
    typer.echo(f"{report}\n\n{plan}")
    if not apply and (plan.created or plan.changed or plan.retired):
        typer.echo("\nNothing was written. Run it again with --apply to write this.")
    raise typer.Exit(1 if report.broken else 0)


async def _import(database_url: str, report: ExercismReport, apply: bool) -> ImportPlan:
    database = Database(database_url, pool_size=1)
    try:
        service = ImportService(database)
        plan = await service.plan(EXERCISM_SOURCE, report.converted, report.retired)
        if apply:
            await service.apply(EXERCISM_SOURCE, plan)
        return plan
    finally:
        await database.dispose()


if __name__ == "__main__":
    app(prog_name="python -m subgraphs.questions")
