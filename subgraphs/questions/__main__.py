"""`python -m subgraphs.questions load-bank`: bring the starter bank into the database; nothing changes where nothing differs."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from ..kit.database import Database
from .bank import BANK_PATH, BankQuestion, load_bank
from .documents import columns_from
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


if __name__ == "__main__":
    app(prog_name="python -m subgraphs.questions")
