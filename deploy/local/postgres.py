"""A real PostgreSQL 18 of our own under a data folder, reached by a unix socket: the same code path as production, nothing to install."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import asyncpg

from .postgres_server import SUPERUSER, PostgresServer, server_of

MAX_CONNECTIONS = 300
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
    _server: PostgresServer

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
        return self._server.is_running()

    def start_again(self) -> None:
        """Start the server after its death, at the same socket; raises PostgresFailed when it does not start."""
        self._server.start()

    def stop(self) -> None:
        """Stop the server, unless another process uses it too; its data stays."""
        self._server.leave()


def start_private_postgres(data_folder: Path, *, is_durable: bool = True) -> PrivatePostgres:
    """Start the server of this data folder (made on first use), or join it when it runs already. Takes about a second.

    `is_durable=False` leaves writing to the operating system: faster, and safe against everything but its crash; for tests.
    Raises PostgresFailed.
    """
    server = server_of(data_folder)
    server.join({**_SETTINGS, "fsync": "on" if is_durable else "off"})
    return PrivatePostgres(server.folder, str(server.socket_folder), server)
