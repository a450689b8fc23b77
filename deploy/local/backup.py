"""Back up a database into one file, and restore it into an empty one, with PostgreSQL's own tools of the same version."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import asyncpg

from subgraphs.kit.database import database_url

from .postgres_server import tools_folder

TIMEOUT = 3600.0  # seconds for one dump or restore


class BackupFailed(Exception):
    """Raised when a dump or a restore did not happen; the message says why."""


def backup(url: str, target: Path) -> int:
    """Write the whole database into `target` (PostgreSQL's custom format, compressed); its size in bytes.

    The file appears only when it is whole. It is one consistent moment: nobody has to stop working.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={unfinished}")
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target.stat().st_size


def restore(url: str, source: Path) -> None:
    """Fill an empty database from a backup, all of it or nothing. Raises BackupFailed when the database is not empty."""
    if not source.is_file():
        raise BackupFailed(f"{source} is not there; name a file that ./just backup has written.")
    schemas = asyncio.run(_schemas(url))
    if schemas:
        raise BackupFailed(
            f"The database is not empty (it has {', '.join(schemas)}); a restore goes into an empty one."
        )
    _run("pg_restore", url, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(source))


def _run(tool: str, url: str, *arguments: str) -> None:
    plain = database_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    path = tools_folder() / tool
    command = [str(path), *arguments[:-1], f"--dbname={plain}", arguments[-1]]
    result = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, env={**os.environ, "LC_ALL": "C"})
    if result.returncode != 0:
        raise BackupFailed(
            f"{tool} failed: {result.stderr.strip().splitlines()[-1] if result.stderr.strip() else 'no reason given'}"
        )


async def _schemas(url: str) -> list[str]:
    plain = database_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        rows = await connection.fetch(
            "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public')"
        )
        return sorted(row["nspname"] for row in rows)
    finally:
        await connection.close()
