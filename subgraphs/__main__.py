"""`python -m subgraphs serve | migrate | export-schema`: run any of the four subgraphs by itself, on the settings in its environment."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from alembic.util import CommandError
from asyncpg import InvalidAuthorizationSpecificationError, InvalidCatalogNameError, PostgresConnectionError
from dotenv import load_dotenv
from pydantic import ValidationError
from pydantic_settings import SettingsError as SourceError

from .kit import migrations
from .kit.errors import SettingsError
from .kit.schema import print_subgraph_sdl
from .kit.serving import serve as serve_app
from .kit.settings import settings_error_from
from .registry import subgraph_names

SCHEMA_FOLDER = Path(__file__).resolve().parents[1] / "schema"

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
Name = Annotated[str, typer.Argument(help=f"One of {', '.join(subgraph_names())}.")]


@app.callback()
def main() -> None:
    """Serve, migrate and describe the subgraphs."""
    # For what is no setting of a subgraph, such as the database to migrate; what is in the environment already counts more.
    load_dotenv(Path.cwd() / ".env")


@app.command()
def serve(name: Name) -> None:
    """Serve one subgraph over HTTP and WebSocket at HOST and PORT (default: 127.0.0.1 and the subgraph's own port)."""
    module = _subgraph_module(name, "app")
    try:
        asgi_app = module.create_app()
    except ValidationError as error:
        _stop(f"{name} cannot start: {settings_error_from(error)}")
    except SourceError as error:
        # A list or an object that is not JSON; the library names the field, not the variable.
        variable = re.search(r'field "(\w+)"', str(error))
        problem = f"{variable[1].upper()}: this is not JSON" if variable else str(error)
        _stop(f"{name} cannot start: {problem}")
    except SettingsError as error:
        _stop(f"{name} cannot start: {error}")
    serve_app(asgi_app, asgi_app.state.runtime.settings)


@app.command("export-schema")
def export_schema(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(subgraph_names())}, or all.")],
    check: Annotated[bool, typer.Option(help="Write nothing; fail when the committed file is stale.")] = False,
) -> None:
    """Write the SDL of one subgraph, or of all, to schema/NAME.graphql."""
    for chosen in subgraph_names() if name == "all" else (name,):
        sdl = print_subgraph_sdl(_subgraph_module(chosen, "schema").schema)
        path = SCHEMA_FOLDER / f"{chosen}.graphql"
        is_current = path.exists() and path.read_text(encoding="utf-8") == sdl
        if check and not is_current:
            _stop(f"schema/{chosen}.graphql is stale. Run: ./just schema")
        if not is_current:
            path.write_text(sdl, encoding="utf-8")
        typer.echo(f"schema/{chosen}.graphql is {'current' if is_current else 'written'}")


@app.command()
def migrate(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(migrations.histories())}, or all.")],
    database_url: Annotated[
        str, typer.Option(envvar=["DATABASE_DIRECT_URL", "DATABASE_URL"], help="PostgreSQL to migrate.")
    ],
    revision: Annotated[str, typer.Option(help="Where to go: head, base, or a revision.")] = "head",
    down: Annotated[bool, typer.Option("--down", help="Go down to the revision instead of up.")] = False,
) -> None:
    """Migrate the PostgreSQL schema of one subgraph, of the event bus, or of all."""
    if name != "all" and name not in migrations.histories():
        _stop(f"there is no history {name!r}; there are {', '.join(migrations.histories())}, and all")
    for history in migrations.histories() if name == "all" else (name,):
        try:
            (migrations.downgrade if down else migrations.upgrade)(history, database_url, revision)
        except SettingsError as error:
            _stop(str(error))
        except (
            OSError,
            PostgresConnectionError,
            InvalidAuthorizationSpecificationError,
            InvalidCatalogNameError,
        ) as error:
            _stop(
                f"{history} cannot be migrated: the database cannot be reached ({str(error) or type(error).__name__})"
            )
        except CommandError as error:
            _stop(f"{history} cannot be migrated to {revision}: {error}")
        typer.echo(f"{history} is at {revision}")


def _subgraph_module(name: str, part: str) -> Any:
    if name not in subgraph_names():
        _stop(f"there is no subgraph {name!r}; there are {', '.join(subgraph_names())}")
    return import_module(f".{name}.{part}", __package__)


def _stop(sentence: str) -> NoReturn:
    typer.secho(sentence, err=True)
    sys.exit(2)


if __name__ == "__main__":
    app()
