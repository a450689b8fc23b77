"""What all tests share: one private PostgreSQL per run, and a fresh migrated database for whoever asks."""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from deploy.local.postgres import PrivatePostgres, start_private_postgres
from subgraphs.kit import migrations

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    """A real PostgreSQL for this run (one per xdist worker)."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with tempfile.TemporaryDirectory(prefix=f"tandem-{worker}-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = start_private_postgres(Path(folder) / "postgres", is_durable=False)
        yield server
        server.stop()


@pytest.fixture(scope="session")
def migrated_template(postgres: PrivatePostgres) -> str:
    """The name of a database with the schemas of the bus and all subgraphs, to copy from."""
    asyncio.run(postgres.create_database("template_tandem"))
    for history in migrations.histories():
        migrations.upgrade(history, postgres.url("template_tandem"))
    return "template_tandem"


@pytest.fixture
def fresh_database_url(postgres: PrivatePostgres, migrated_template: str) -> Iterator[str]:
    """The URL of a migrated database that only this test has."""
    name = f"test_{uuid4().hex[:12]}"
    _run(lambda: postgres.create_database(name, template=migrated_template))
    yield postgres.url(name)
    _run(lambda: postgres.drop_database(name))


@pytest.fixture(scope="module")
def module_database_url(postgres: PrivatePostgres, migrated_template: str) -> Iterator[str]:
    """The URL of a migrated database that the tests of one module share."""
    name = f"test_{uuid4().hex[:12]}"
    _run(lambda: postgres.create_database(name, template=migrated_template))
    yield postgres.url(name)
    _run(lambda: postgres.drop_database(name))


def _run(make: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Run a coroutine from a fixture, whether or not a loop runs in this thread."""
    thread = threading.Thread(target=lambda: asyncio.run(make()))
    thread.start()
    thread.join()
