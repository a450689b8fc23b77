"""A backup restored into an empty database holds every row of every table, and goes nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import psutil
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
    assert (tmp_path / "all.dump").stat().st_mode & 0o077 == 0
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


def test_a_folder_that_cannot_be_written_is_named(fresh_database_url: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BackupFailed, match=r"all\.dump cannot be written"):
        backup(fresh_database_url, tmp_path / "file" / "all.dump")


@pytest.mark.parametrize("url", ["mysql://somebody@somewhere/else", "postgresql://nobody@127.0.0.1:1/nothing"])
def test_a_database_that_is_none_is_told_in_a_sentence(tmp_path: Path, url: str) -> None:
    (tmp_path / "all.dump").touch()
    with pytest.raises(BackupFailed, match=r"PostgreSQL|cannot be reached"):
        restore(url, tmp_path / "all.dump")


async def test_the_password_stands_in_no_command(tmp_path: Path) -> None:
    """A server that says nothing holds pg_dump until its command was looked at."""
    seen = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await seen.wait()
        writer.close()

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"postgresql://somebody:tell-nobody@127.0.0.1:{port}/tandem"
        dump = asyncio.create_task(asyncio.to_thread(backup, url, tmp_path / "all.dump"))
        async with asyncio.timeout(30):
            while not (commands := [" ".join(child.cmdline()) for child in psutil.Process().children()]):
                await asyncio.sleep(0.02)
        seen.set()
        with pytest.raises(BackupFailed):
            await dump

    assert not [command for command in commands if "tell-nobody" in command]


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
