"""A backup restored into an empty database holds every row of every table, and goes nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from deploy.local.backup import BackupFailed, backup, restore
from deploy.local.postgres import PrivatePostgres
from subgraphs.kit import migrations
from subgraphs.kit.database import Database
from subgraphs.questions.bank import BANK_PATH, load_bank
from subgraphs.questions.documents import columns_from
from subgraphs.questions.service import QuestionService


@pytest.fixture
def empty_database_url(postgres: PrivatePostgres) -> Iterator[str]:
    name = f"restored_{uuid4().hex[:12]}"
    asyncio.run(postgres.create_database(name))
    yield postgres.url(name)
    asyncio.run(postgres.drop_database(name))


def test_a_restored_database_equals_the_one_that_was_backed_up(
    fresh_database_url: str, empty_database_url: str, tmp_path: Path
) -> None:
    asyncio.run(fill(fresh_database_url))
    before = asyncio.run(contents(fresh_database_url))

    size = backup(fresh_database_url, tmp_path / "all.dump")
    restore(empty_database_url, tmp_path / "all.dump")

    assert size > 10_000
    assert asyncio.run(contents(empty_database_url)) == before
    assert before["questions.questions"][0] == len(load_bank(BANK_PATH))
    # The restored database knows where its migrations stand.
    for history in migrations.histories():
        migrations.upgrade(history, empty_database_url)


def test_a_database_that_is_not_empty_is_left_alone(fresh_database_url: str, tmp_path: Path) -> None:
    backup(fresh_database_url, tmp_path / "all.dump")

    with pytest.raises(BackupFailed, match="not empty"):
        restore(fresh_database_url, tmp_path / "all.dump")


def test_a_missing_file_is_named(empty_database_url: str, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match=r"missing\.dump is not there"):
        restore(empty_database_url, tmp_path / "missing.dump")


def test_a_backup_of_nothing_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="pg_dump failed"):
        backup("postgresql://nobody@127.0.0.1:1/nothing", tmp_path / "all.dump")

    assert list(tmp_path.iterdir()) == []


async def fill(url: str) -> None:
    database = Database(url)
    await QuestionService(database).load_bank([columns_from(question) for question in load_bank(BANK_PATH)])
    await database.dispose()


async def contents(url: str) -> dict[str, tuple[int, str]]:
    """Of each table the number of rows and a checksum over them."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "SELECT schemaname || '.' || tablename AS name FROM pg_tables "
            "WHERE schemaname NOT LIKE 'pg\\_%' AND schemaname <> 'information_schema' ORDER BY 1"
        )
        found = {}
        for table in tables:
            row = await connection.fetchrow(
                f"SELECT count(*) AS rows, coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '') AS sum FROM {table['name']} t"
            )
            assert row is not None
            found[table["name"]] = (row["rows"], row["sum"])
        return found
    finally:
        await connection.close()
