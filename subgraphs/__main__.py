"""`python -m subgraphs serve | migrate | export-schema`: run any of the four subgraphs by itself, on the settings in its environment."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import uvicorn
from pydantic import ValidationError

from .kit import migrations
from .kit.errors import SettingsError
from .kit.schema import print_subgraph_sdl
from .kit.settings import SubgraphSettings, settings_error_from

SUBGRAPHS = {"users": 4001, "questions": 4002, "matching": 4003, "collaboration": 4004}
SCHEMA_FOLDER = Path(__file__).resolve().parents[1] / "schema"
MAX_MESSAGE_BYTES = 1024 * 1024  # a WebSocket message between the gateway and a subgraph

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)
Name = Annotated[str, typer.Argument(help=f"One of {', '.join(SUBGRAPHS)}.")]


@app.command()
def serve(name: Name) -> None:
    """Serve one subgraph over HTTP and WebSocket at HOST and PORT (default: 127.0.0.1 and the subgraph's own port)."""
    module = _subgraph_module(name, "app")
    try:
        asgi_app = module.create_app()
    except ValidationError as error:
        _stop(f"{name} cannot start: {settings_error_from(error)}")
    except SettingsError as error:
        _stop(f"{name} cannot start: {error}")
    settings: SubgraphSettings = asgi_app.state.runtime.settings
    uvicorn.run(
        asgi_app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE_BYTES,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=int(settings.shutdown_grace),
        date_header=False,
        server_header=False,
    )


@app.command("export-schema")
def export_schema(
    name: Name,
    check: Annotated[bool, typer.Option(help="Write nothing; fail when the committed file is stale.")] = False,
) -> None:
    """Write the SDL of one subgraph to schema/NAME.graphql."""
    sdl = print_subgraph_sdl(_subgraph_module(name, "schema").schema)
    path = SCHEMA_FOLDER / f"{name}.graphql"
    is_current = path.exists() and path.read_text(encoding="utf-8") == sdl
    if check and not is_current:
        _stop(f"schema/{name}.graphql is stale. Run: ./just schema")
    if not is_current:
        path.write_text(sdl, encoding="utf-8")
    typer.echo(f"schema/{name}.graphql is {'current' if is_current else 'written'}")


@app.command()
def migrate(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(migrations.HISTORIES)}, or all.")],
    database_url: Annotated[
        str, typer.Option(envvar=["DATABASE_DIRECT_URL", "DATABASE_URL"], help="PostgreSQL to migrate.")
    ],
    revision: Annotated[str, typer.Option(help="Where to go: head, base, or a revision.")] = "head",
    down: Annotated[bool, typer.Option("--down", help="Go down to the revision instead of up.")] = False,
) -> None:
    """Migrate the PostgreSQL schema of one subgraph, of the event bus, or of all."""
    if name != "all" and name not in migrations.HISTORIES:
        _stop(f"there is no history {name!r}; there are {', '.join(migrations.HISTORIES)}, and all")
    for history in migrations.HISTORIES if name == "all" else (name,):
        (migrations.downgrade if down else migrations.upgrade)(history, database_url, revision)
        typer.echo(f"{history} is at {revision}")


def _subgraph_module(name: str, part: str) -> Any:
    if name not in SUBGRAPHS:
        _stop(f"there is no subgraph {name!r}; there are {', '.join(SUBGRAPHS)}")
    return import_module(f".{name}.{part}", __package__)


def _stop(sentence: str) -> NoReturn:
    typer.secho(sentence, err=True)
    sys.exit(2)


if __name__ == "__main__":
    app()
