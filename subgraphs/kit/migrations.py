"""Run the Alembic history of one subgraph (or of the bus) against its database, safely beside other replicas that do the same.

A history lives in `alembic/versions/<name>/`, its tables and its `alembic_version` in the PostgreSQL schema `<name>`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic.config import Config
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from alembic import command

from .database import database_url

ROOT = Path(__file__).resolve().parents[2]
MIGRATION_LOCK = 0x7A6E_0002  # taken while migrating, so that replicas which start together do it one after another


def histories() -> tuple[str, ...]:
    """The names of all histories, the bus first."""
    folders = (ROOT / "alembic" / "versions").iterdir()
    names = sorted(folder.name for folder in folders if any(folder.glob("*.py")))
    return tuple(sorted(names, key=lambda name: name != "bus"))


def alembic_config(name: str, url: str) -> Config:
    """The Alembic configuration of one history; `url` is a direct (not pooled) PostgreSQL URL."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "alembic"))
    config.set_main_option("version_locations", str(ROOT / "alembic" / "versions" / name))
    config.set_main_option("path_separator", "newline")
    config.attributes["history"] = name
    config.attributes["url"] = url
    return config


def upgrade(name: str, url: str, revision: str = "head") -> None:
    """Bring the schema of `name` up to `revision`; does nothing when it is there already."""
    command.upgrade(alembic_config(name, url), revision)


def downgrade(name: str, url: str, revision: str) -> None:
    """Take the schema of `name` back to `revision` ("base": nothing left)."""
    command.downgrade(alembic_config(name, url), revision)


def run_online(
    config: Config, metadata: MetaData | None, configure: Callable[..., None], run: Callable[[], Any]
) -> None:
    """What `alembic/env.py` does: connect, take the lock, make the schema, migrate."""
    name: str = config.attributes["history"]
    url = database_url(config.attributes["url"])

    def migrate(connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{name}"'))
        configure(
            connection=connection,
            target_metadata=metadata,
            version_table_schema=name,
            include_schemas=True,
            include_name=lambda found, kind, parents: found == name if kind == "schema" else True,
            compare_server_default=False,
            transaction_per_migration=False,
        )
        run()

    async def connect() -> None:
        engine = create_async_engine(url, poolclass=pool.NullPool)
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
        await engine.dispose()

    asyncio.run(connect())
