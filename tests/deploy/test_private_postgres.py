"""The private PostgreSQL starts in any folder, whatever a crash has left there, and ends with the last who uses it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.local.postgres import PrivatePostgres, start_private_postgres

ROOT = Path(__file__).resolve().parents[2]
JOIN = """
import sys, time
from pathlib import Path
from deploy.local.postgres import start_private_postgres
start_private_postgres(Path(sys.argv[1]), is_durable=False)
print("joined", flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that PostgreSQL's own user may reach, with a name that needs care in a shell, a URL and a list."""
    with tempfile.TemporaryDirectory(prefix="tandem-of-its-own-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name) / "a folder, ünlike 'others'" / "postgres"


@contextlib.contextmanager
def running(folder: Path) -> Iterator[PrivatePostgres]:
    server = start_private_postgres(folder, is_durable=False)
    try:
        yield server
    finally:
        server.stop()


async def ask(server: PrivatePostgres, statement: str) -> object:
    connection = await asyncpg.connect(server.url("postgres"), timeout=30)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def process_of(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "postmaster.pid").read_text().splitlines()[0]))


@contextlib.contextmanager
def somebody_else(folder: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the server of this folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", JOIN, str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "joined\n"
        yield process
    finally:
        process.kill()
        process.wait()


def test_any_name_of_a_folder_will_do_and_nobody_else_reaches_the_socket(folder: Path) -> None:
    with running(folder) as server:
        assert asyncio.run(ask(server, "SELECT 1")) == 1
        assert Path(server.socket_folder).stat().st_mode & 0o077 == 0
        assert server.is_running()
    assert not server.is_running()


def test_the_data_is_the_same_in_every_language_of_the_machine(folder: Path) -> None:
    with somebody_else(folder, LC_ALL="xx_XX.ISO-8859-1", LANG="xx_XX.ISO-8859-1"), running(folder) as server:
        assert asyncio.run(ask(server, "SHOW server_encoding")) == "UTF8"
        assert asyncio.run(ask(server, "SELECT lower('ÄRGER') || ('a' < 'B')::text")) == "ärgerfalse"


def test_a_file_of_a_crash_that_names_a_living_stranger_is_no_server(folder: Path) -> None:
    with running(folder) as server:
        asyncio.run(server.create_database("kept"))
        lines = (folder / "postmaster.pid").read_text().splitlines()
    with subprocess.Popen(["sleep", "600"]) as stranger:
        try:
            # As after a reboot: the number belongs to somebody else now.
            (folder / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:], ""]))
            assert not server.is_running()
            with running(folder) as again:
                assert asyncio.run(ask(again, "SELECT count(*) FROM pg_database WHERE datname = 'kept'")) == 1
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_server_that_was_killed_starts_again_with_its_data(folder: Path) -> None:
    with running(folder) as server:
        asyncio.run(server.create_database("kept"))
        process_of(folder).send_signal(signal.SIGKILL)
        psutil.wait_procs([process_of(folder)], timeout=30)
        with running(folder) as again:
            assert asyncio.run(ask(again, "SELECT count(*) FROM pg_database WHERE datname = 'kept'")) == 1


def test_the_last_one_stops_it_though_another_was_killed(folder: Path) -> None:
    with somebody_else(folder) as other, running(folder) as server:
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert asyncio.run(ask(server, "SELECT 1")) == 1
    assert not server.is_running()


def test_who_leaves_first_takes_it_from_nobody(folder: Path) -> None:
    with running(folder) as server:
        with running(folder):
            pass
        assert asyncio.run(ask(server, "SELECT 1")) == 1


def test_a_folder_that_was_being_made_when_somebody_was_killed_is_made_anew(folder: Path) -> None:
    half = folder.with_name("postgres.unfinished")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    with running(folder) as server:
        assert asyncio.run(ask(server, "SELECT 1")) == 1
    assert not half.exists()
