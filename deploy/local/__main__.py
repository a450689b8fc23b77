"""`python -m deploy.local up | demo`: what `./just up` and `./just demo` run."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from dotenv import load_dotenv

from subgraphs.registry import subgraph_names

from .plan import MAX_REPLICAS, ROOT, LocalSystem

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def main() -> None:
    """Start, stop, back up and show Tandem on one machine."""
    # As the subgraphs do by themselves; what is in the environment already counts more.
    load_dotenv(Path.cwd() / ".env")


@app.command()
def up(
    counts: Annotated[
        list[str] | None,
        typer.Argument(help="Further SERVICE=COUNT of --replicas.", metavar="[SERVICE=COUNT]...", show_default=False),
    ] = None,
    first_port: Annotated[
        int, typer.Option(help="Port of the gateway; the four subgraphs take the ports after it.")
    ] = 4000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    replicas: Annotated[
        list[str] | None, typer.Option(help="Several processes of a service behind a balancer: matching=3. Repeatable.")
    ] = None,
    bus: Annotated[str, typer.Option(help="What carries events: postgres or nats.")] = "postgres",
    data_folder: Annotated[Path, typer.Option("--data", help="Where PostgreSQL, secrets and logs live.")] = ROOT
    / ".data",
) -> None:
    """Start everything and stay; Ctrl-C stops everything cleanly. DATABASE_URL names a PostgreSQL to use instead of a private one."""
    from .up import StartFailed, run_until_stopped

    typer.echo("Starting Tandem (the first start takes a little longer)...")
    if bus not in ("postgres", "nats"):
        raise typer.BadParameter(f"{bus!r} is not a bus; there are postgres and nats.", param_hint="--bus")
    system = LocalSystem(
        data_folder=data_folder,
        host=host,
        first_port=first_port,
        replicas=_replicas([*(replicas or []), *(counts or [])]),
        uses_nats=bus == "nats",
    )
    try:
        status = asyncio.run(run_until_stopped(system, os.environ.get("DATABASE_URL") or None, typer.echo))
    except StartFailed as error:
        typer.secho(f"\n{error}", err=True, fg=typer.colors.RED if sys.stderr.isatty() else None)
        status = 2
    raise typer.Exit(status)


@app.command()
def demo(
    gateway: Annotated[str, typer.Option(help="Where the gateway listens.")] = "http://127.0.0.1:4000",
) -> None:
    """Play the journey of two simulated people through the gateway and print it; fails when any step fails."""
    from .demo import main

    raise typer.Exit(asyncio.run(main(gateway.rstrip("/"))))


@app.command("new-subgraph")
def new_subgraph(name: Annotated[str, typer.Argument(help="Lower-case, best a plural: ratings.")]) -> None:
    """Write a new subgraph that composes and passes its tests."""
    from .new_subgraph import NameRefused, create_subgraph

    try:
        written = create_subgraph(name)
    except NameRefused as error:
        typer.secho(str(error), err=True)
        raise typer.Exit(2) from error
    for path in written:
        typer.echo(f"  wrote {path.relative_to(ROOT)}")
    typer.echo(
        f"Listed {name} in schema/supergraph.toml and pyproject.toml. Now: ./just schema && ./just test tests/subgraphs/{name}"
    )


DataFolder = Annotated[Path, typer.Option("--data", help="Where the private PostgreSQL lives.")]


@app.command("rolling-restart")
def rolling_restart(data_folder: DataFolder = ROOT / ".data") -> None:
    """Replace every replica of the running system, one after the other; the terminal of `up` tells how it goes."""
    from .supervise import NotRunning, ask_for_rolling_restart

    try:
        ask_for_rolling_restart(LocalSystem(data_folder=data_folder).process_id_file)
    except NotRunning as error:
        _stop(str(error))
    typer.echo("Asked for. The terminal of ./just up tells how it goes. Services with one process stay as they are.")


@app.command("backup")
def backup_command(
    target: Annotated[
        Path | None, typer.Argument(help="File to write; .data/backups/<time>.dump when left out.")
    ] = None,
    data_folder: DataFolder = ROOT / ".data",
) -> None:
    """Back up the database (DATABASE_URL, or the private one) into one file, while everybody goes on working."""
    from .backup import BackupFailed, backup

    target = target or data_folder / "backups" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.dump"
    with _database(data_folder) as url:
        try:
            size = backup(url, target)
        except BackupFailed as error:
            _stop(str(error))
    typer.echo(f"{target} ({size / 1024:.0f} KiB)")


@app.command("restore")
def restore_command(
    source: Annotated[Path, typer.Argument(help="A file that backup has written.")],
    data_folder: DataFolder = ROOT / ".data",
) -> None:
    """Restore a backup into an empty database (DATABASE_URL, or a new data folder named by --data)."""
    from .backup import BackupFailed, restore

    with _database(data_folder) as url:
        try:
            restore(url, source)
        except BackupFailed as error:
            _stop(str(error))
    typer.echo(f"{source} is restored.")


@contextmanager
def _database(data_folder: Path) -> Iterator[str]:
    """The URL of the database that the environment names, or of the private one, started for the time of the block."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    from .postgres import start_private_postgres
    from .postgres_server import PostgresFailed
    from .up import DATABASE_NAME

    try:
        server = start_private_postgres(data_folder / "postgres")
    except (PostgresFailed, OSError) as error:
        _stop(f"The private PostgreSQL did not start: {error}")
    try:
        asyncio.run(server.create_database(DATABASE_NAME))
        yield server.url(DATABASE_NAME)
    finally:
        server.stop()


def _stop(sentence: str) -> NoReturn:
    typer.secho(sentence, err=True)
    raise typer.Exit(2)


def _replicas(given: list[str]) -> dict[str, int]:
    """Read `matching=3` and the like."""
    services = ("gateway", *subgraph_names())
    found = {}
    for text in given:
        name, _, count = text.partition("=")
        if name not in services or not count.isdigit() or not 1 <= int(count) <= MAX_REPLICAS:
            raise typer.BadParameter(
                f"{text!r} is not of the form SERVICE=COUNT, with a service of {', '.join(services)} and 1 to {MAX_REPLICAS} processes.",
                param_hint="--replicas",
            )
        found[name] = int(count)
    return found


if __name__ == "__main__":
    app()
