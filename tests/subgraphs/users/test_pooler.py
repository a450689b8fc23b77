"""Users behind PgBouncer in transaction mode, as Supabase's pooler works: every transaction may meet another backend."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from subgraphs.kit.database import Database

from .conftest import UsersClient, running_users

PGBOUNCER = os.environ.get("TANDEM_PGBOUNCER") or shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
SERVER_CONNECTIONS = 3  # far fewer than clients, so that they meet each other's backends all the time

pytestmark = pytest.mark.skipif(
    PGBOUNCER is None,
    reason="PgBouncer is not installed (Debian: apt-get install pgbouncer; or name it in TANDEM_PGBOUNCER)",
)


@pytest.fixture
def pooled_url(module_database_url: str) -> Iterator[str]:
    """The module's database through a pooler of its own."""
    assert PGBOUNCER is not None
    direct = make_url(module_database_url)
    socket_folder = str(direct.query["host"])
    port = free_port()
    config = f"""
        [databases]
        {direct.database} = host={socket_folder} dbname={direct.database} user={direct.username}
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = {port}
        unix_socket_dir =
        auth_type = any
        pool_mode = transaction
        default_pool_size = {SERVER_CONNECTIONS}
        max_client_conn = 500
        ignore_startup_parameters = extra_float_digits
    """
    with tempfile.TemporaryDirectory(prefix="tandem-pooler-") as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "pgbouncer.ini"
        path.write_text(dedent(config))
        # It refuses to run as root, and only the server's own user may use its socket.
        owner = os.stat(socket_folder).st_uid if os.geteuid() == 0 else None
        process = subprocess.Popen(
            [PGBOUNCER, "-q", str(path)], user=owner, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            wait_for_port(port, process)
            yield f"postgresql://{direct.username}@127.0.0.1:{port}/{direct.database}"
        finally:
            process.terminate()
            process.communicate(timeout=10)


async def test_everything_works_through_a_transaction_pooler_with_many_clients_at_once(
    pooled_url: str, module_database_url: str
) -> None:
    settings: dict[str, Any] = {
        "database_pooler": True,
        "database_direct_url": module_database_url,
        "login_limit_per_address": 10_000,
    }
    async with running_users(pooled_url, with_background=True, **settings) as users:
        people = await asyncio.gather(*(live(users, number) for number in range(12)))
        assert len(set(people)) == 12
        ids = [{"__typename": "User", "id": id} for id in people]
        document = "query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on User { name } } }"
        answers = await asyncio.gather(*(users.data(document, {"ids": ids}) for _ in range(20)))
        assert all(answer == answers[0] for answer in answers)


async def test_many_readers_never_meet_a_statement_that_another_backend_prepared(pooled_url: str) -> None:
    database = Database(pooled_url, pooler=True)

    async def read(number: int) -> None:
        async with database.session() as session:
            for _ in range(10):
                found = await session.execute(text("SELECT CAST(:number AS int)"), {"number": number})
                assert found.scalar_one() == number

    async with asyncio.TaskGroup() as group:
        for number in range(40):
            group.create_task(read(number))
    await database.dispose()


async def live(users: UsersClient, number: int) -> str:
    """One person does a bit of everything: reads, transactions, locks, conflicts."""
    ada = await users.signed_up(f"Person {number}")
    for _ in range(3):
        tokens = await users.logged_in(ada.person["email"])
        tokens = await users.refreshed(tokens["refreshToken"])
        client = users.with_token(tokens["accessToken"])
        change = f'mutation {{ updateProfile(input: {{bio: "{number}"}}) {{ ... on User {{ bio }} }} }}'
        assert (await client.data(change))["updateProfile"] == {"bio": str(number)}
        assert (await client.data("{ me { name } myAuthSessions { id } }"))["me"] == {"name": f"Person {number}"}
    return ada.user_id


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise AssertionError(process.stderr.read().decode() if process.stderr else "pgbouncer ended")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("pgbouncer does not listen")
