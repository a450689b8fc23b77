"""`python -m gateway config`: print the settings in force, or the JSON schema of gateway.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import GatewayError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(config)


def config(
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema with every option.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print every option as Markdown tables.")] = False,
    file: Annotated[Path | None, typer.Option("--config", help="Settings file; gateway.toml if it is there.")] = None,
) -> None:
    """Print the settings as the server would see them, secrets hidden, as JSON; or all there are."""
    # The other commands need none of it, and importing a server takes a third of a second.
    from ..server import load_settings, settings_schema, settings_table

    if markdown:
        typer.echo(settings_table(), nl=False)
        return
    if schema:
        typer.echo(settings_schema().decode(), nl=False)
        return
    try:
        settings = load_settings(file)
    except GatewayError as error:
        typer.echo(f"gateway: {error.message}", err=True)
        raise typer.Exit(1) from error
    typer.echo(settings.model_dump_json(indent=2))
