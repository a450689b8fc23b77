"""Back up a database into one file, and restore it into an empty one, with PostgreSQL's own tools of the same version."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from pathlib import Path

import asyncpg
from sqlalchemy.engine import URL

from subgraphs.kit.database import database_url
from subgraphs.kit.errors import SettingsError

from .postgres_server import tools_folder

TIMEOUT = 3600.0  # seconds for one dump or restore
CONNECT_TIMEOUT = 10.0  # seconds to reach the database


class BackupFailed(Exception):
    """Raised when a dump or a restore did not happen; the message says why."""


def backup(url: str, target: Path) -> int:
    """Write the whole database into `target` (PostgreSQL's custom format, compressed); its size in bytes.

    The file appears only when it is whole. It is one consistent moment: nobody has to stop working.
    """
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # It holds what people wrote, and their passwords' hashes: it is its owner's alone.
        unfinished.touch(mode=0o600)
        _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={unfinished}")
        unfinished.rename(target)
        return target.stat().st_size
    except OSError as error:
        raise BackupFailed(f"{target} cannot be written: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def restore(url: str, source: Path) -> None:
    """Fill an empty database from a backup, all of it or nothing. Raises BackupFailed when the database is not empty."""
    if not source.is_file():
        raise BackupFailed(f"{source} is not there; name a file that ./just backup has written.")
    try:
        schemas = asyncio.run(_schemas(url))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise BackupFailed(f"The database cannot be reached: {str(error) or type(error).__name__}") from error
    if schemas:
        raise BackupFailed(
            f"The database is not empty (it has {', '.join(schemas)}); a restore goes into an empty one."
        )
    _run("pg_restore", url, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(source))


def _run(tool: str, url: str, *arguments: str) -> None:
    parts = _parsed(url)
    plain = parts._replace(password=None).render_as_string(hide_password=False)
    command = [str(tools_folder() / tool), *arguments[:-1], f"--dbname={plain}", arguments[-1]]
    environment = {**os.environ, "LC_ALL": "C"}
    if parts.password is not None:
        environment["PGPASSWORD"] = str(parts.password)  # everybody on the machine may read what stands in a command
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=TIMEOUT, env=environment, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BackupFailed(f"{tool} did not end within {TIMEOUT:.0f} s") from error
    if result.returncode != 0:
        raise BackupFailed(
            f"{tool} failed: {result.stderr.strip().splitlines()[-1] if result.stderr.strip() else 'no reason given'}"
        )


def _parsed(url: str) -> URL:
    try:
        return database_url(url).set(drivername="postgresql")
    except SettingsError as error:
        raise BackupFailed(str(error)) from error


async def _schemas(url: str) -> list[str]:
    connection = await asyncpg.connect(_parsed(url).render_as_string(hide_password=False), timeout=CONNECT_TIMEOUT)
    try:
        rows = await connection.fetch(
            "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public')"
        )
        return sorted(row["nspname"] for row in rows)
    finally:
        await connection.close()
