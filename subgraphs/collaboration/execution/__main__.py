"""`python -m subgraphs.collaboration.execution`: serve as the runner, on a unix socket or on TCP. The secret comes from RUNNER_SECRET."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from .languages import LANGUAGES
from .orphans import ORPHANS
from .runner_server import RunnerServer

PARENT_CHECK = 1.0  # seconds between looks whether the process that started us is still there


def main(
    socket: Annotated[Path | None, typer.Option(help="Unix socket to listen on.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on, without --socket.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on, without --socket.")] = 4014,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Runs at the same time.")] = 2,
    languages: Annotated[str, typer.Option(help="Languages to offer, separated by commas.")] = ",".join(LANGUAGES),
    stop_with_parent: Annotated[bool, typer.Option(help="End when the process that started this one ends.")] = False,
) -> None:
    """Run code that strangers wrote, in a sandbox, or refuse to."""
    # One JSON object per line, as the subgraphs log; not by their chassis, of which this process needs nothing.
    structlog.configure(
        processors=[
            structlog.processors.format_exc_info,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(),
        ]
    )
    secret = os.environ.pop("RUNNER_SECRET", "")
    if not secret:
        typer.secho("RUNNER_SECRET must be set: without it anyone who reaches the runner can use it.", err=True)
        sys.exit(2)
    try:
        server = RunnerServer(workers=workers, languages=languages.split(","), secret=secret)
    except ValueError as error:
        typer.secho(str(error), err=True)
        sys.exit(2)
    ORPHANS.adopt()
    asyncio.run(_serve(server, socket, host, port, os.getppid() if stop_with_parent else None))


async def _serve(server: RunnerServer, socket: Path | None, host: str, port: int, parent: int | None) -> None:
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    serving = asyncio.create_task(server.serve(path=socket, host=host, port=port))
    while not stopped.is_set() and not serving.done():
        if parent is not None and os.getppid() != parent:
            break
        try:
            async with asyncio.timeout(PARENT_CHECK):
                await stopped.wait()
        except TimeoutError:
            continue
    if serving.done():
        serving.result()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


if __name__ == "__main__":
    typer.run(main)
