"""`python -m gateway serve`: run the gateway as a server, in one process or several."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import GatewayError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    supergraph: Annotated[Path | None, typer.Option(help="File with the supergraph SDL, composed by anyone.")] = None,
    subgraphs: Annotated[
        Path | None, typer.Option(help='JSON file [{"name", "url", "sdl": file}]; composed at the start.')
    ] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file; gateway.toml is used if it is there.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes behind the port.")] = None,
) -> None:
    """Serve /graphql for a supergraph. Everything else has a default; see `python -m gateway config --schema`."""
    # The other commands need none of it, and importing a server takes a third of a second.
    from ..server import load_settings, run_server

    overrides: dict[str, Any] = {
        "port": port,
        "host": host,
        "workers": workers,
        "supergraph": None if supergraph is None else str(supergraph),
        "subgraphs_file": None if subgraphs is None else str(subgraphs),
    }
    # A source named here replaces the other kind in the file.
    if supergraph is not None or subgraphs is not None:
        given = {key: value for key, value in overrides.items() if value is not None or key in _SOURCES}
    else:
        given = {key: value for key, value in overrides.items() if value is not None}
    try:
        run_server(load_settings(config, overrides=given))
    except GatewayError as error:
        typer.echo(f"gateway: {error.message}", err=True)
        raise typer.Exit(1) from error


_SOURCES = frozenset({"supergraph", "subgraphs_file"})
