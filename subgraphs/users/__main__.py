"""`python -m subgraphs.users make-admin ADDRESS`: make somebody an admin; the way to the first one."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from ..kit.errors import DomainError, SettingsError
from ..kit.settings import settings_error_from
from .app import create_app
from .context import Services
from .models import User

app = typer.Typer(help=__doc__, add_completion=False)


@app.callback()
def commands() -> None:
    """Accounts from the command line, on the settings in the environment."""


@app.command("make-admin")
def make_admin(email: Annotated[str, typer.Argument(help="The address of an account that exists.")]) -> None:
    """Make somebody an admin; it is written into the audit log, without an actor."""
    try:
        user = asyncio.run(_make_admin(email))
    except ValidationError as error:
        typer.secho(f"This cannot run: {settings_error_from(error)}", err=True)
        sys.exit(2)
    except (DomainError, SettingsError) as error:
        typer.secho(str(error), err=True)
        sys.exit(1)
    typer.echo(f"{user.name} is an admin now; log out and in again to get a token that says so.")


async def _make_admin(email: str) -> User:
    asgi_app = create_app()
    services: Services = asgi_app.state.services
    try:
        return await services.admin.make_admin(email)
    finally:
        await asgi_app.state.runtime.database.dispose()


if __name__ == "__main__":
    app()
