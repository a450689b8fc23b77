"""The code of the last release works on the tables of today: migrations only expand, and a rollback needs none.

`deploy/RELEASED` names the commit that is in use. Its subgraphs, gateway and demo are taken out of git and run on a database that today's
migrations made; then today's subgraphs behind its gateway, as in the middle of a release; then its subgraphs again, as after a rollback.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from deploy.local.ports import free_block
from subgraphs.registry import subgraph_names

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(1500)]

ROOT = Path(__file__).resolve().parents[2]
RELEASED = (ROOT / "deploy" / "RELEASED").read_text(encoding="utf-8").split()[0]
START_TIMEOUT = 300.0  # seconds, on a busy machine
URL_VARIABLES = {"users": "USER_SERVICE_URL", "questions": "QUESTION_SERVICE_URL"}
SECRET = "between-releases"


@pytest.fixture(scope="module")
def old_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the release, taken out of git; nothing in the work tree or in .git changes."""
    folder = tmp_path_factory.mktemp("released")
    archive = folder / "release.tar"
    result = subprocess.run(
        ["git", "archive", "--output", str(archive), RELEASED], cwd=ROOT, capture_output=True, text=True
    )
    if result.returncode != 0:
        pytest.skip(f"the history of git does not reach back to the release {RELEASED}: {result.stderr.strip()}")
    with tarfile.open(archive) as tar:
        tar.extractall(folder / "tree", filter="data")
    return folder / "tree"


async def test_a_release_can_go_forth_and_back_on_the_tables_of_today(old_root: Path, fresh_database_url: str) -> None:
    await run(ROOT, "subgraphs.questions", "load-bank", DATABASE_URL=fresh_database_url)
    first = free_block(5)
    ports = {"gateway": first, **{name: first + number for number, name in enumerate(subgraph_names(), start=1)}}

    for step, root in (("before the release", old_root), ("half way", ROOT), ("rolled back", old_root)):
        async with running_subgraphs(root, fresh_database_url, ports), running_gateway(old_root, ports):
            await run(old_root, "deploy.local", "demo", "--gateway", f"http://127.0.0.1:{ports['gateway']}", step=step)

    connection = await asyncpg.connect(fresh_database_url)
    try:
        ended = await connection.fetchval("SELECT count(*) FROM collaboration.sessions WHERE ended_at IS NOT NULL")
        waiting = await connection.fetchval("SELECT count(*) FROM matching.outbox WHERE published_at IS NULL")
    finally:
        await connection.close()
    assert ended == 3  # one journey each, all in one database
    assert waiting == 0


@asynccontextmanager
async def running_subgraphs(root: Path, database_url: str, ports: Mapping[str, int]) -> AsyncIterator[None]:
    """The four subgraphs of one release on this database."""
    urls = {
        URL_VARIABLES.get(name, f"{name.upper()}_SERVICE_URL"): f"http://127.0.0.1:{port}"
        for name, port in ports.items()
    }
    shared = {**urls, "DATABASE_URL": database_url, "SERVICE_SECRET": SECRET, "SIGNING_KEY_SECRET": SECRET}
    async with AsyncExitStack() as stack:
        for name in subgraph_names():
            command = ("-m", "subgraphs", "serve", name)
            await stack.enter_async_context(running(root, command, ports[name], {**shared, "PORT": str(ports[name])}))
        await ready(ports[name] for name in subgraph_names())
        yield


@asynccontextmanager
async def running_gateway(root: Path, ports: Mapping[str, int]) -> AsyncIterator[None]:
    """The gateway of one release on its own supergraph."""
    urls = {
        f"GATEWAY_SUBGRAPHS__{name.upper()}__URL": f"http://127.0.0.1:{ports[name]}/graphql"
        for name in subgraph_names()
    }
    config = ("--config", str(root / "deploy/gateway.toml"), "--supergraph", str(root / "schema/supergraph.graphql"))
    command = ("-m", "gateway", "serve", *config, "--port", str(ports["gateway"]))
    environment = {**urls, "GATEWAY_SUBGRAPH_SECRET": SECRET, "GATEWAY_SHUTDOWN__GRACE": "0"}
    async with running(root, command, ports["gateway"], environment):
        await ready([ports["gateway"]])
        yield


@asynccontextmanager
async def running(
    root: Path, command: tuple[str, ...], port: int, environment: Mapping[str, str]
) -> AsyncIterator[None]:
    """One process of a release, stopped with the block."""
    with _log(port).open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, cwd=root, env=_environment(root, environment), stdout=log, stderr=log
        )
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 60)
        except TimeoutError:
            process.kill()
            await process.wait()


async def run(root: Path, *command: str, step: str = "", **environment: str) -> None:
    """A command of a release, to its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *command),
        cwd=root,
        env=_environment(root, environment),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, f"{step}: {' '.join(command)}\n{output.decode(errors='replace')}"


async def ready(ports: Iterable[int]) -> None:
    """Wait until all of them are ready."""
    deadline = time.monotonic() + START_TIMEOUT
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as client:
        for port in ports:
            while True:
                try:
                    async with client.get(f"http://127.0.0.1:{port}/ready") as response:
                        if response.status == 200:
                            break
                except (aiohttp.ClientError, TimeoutError):
                    pass
                assert time.monotonic() < deadline, f"port {port} is not ready:\n{_log(port).read_text()[-3000:]}"
                await asyncio.sleep(0.2)


def _log(port: int) -> Path:
    """Where the process on this port writes."""
    return Path(tempfile.gettempdir()) / f"tandem-old-code-{port}.log"


def _environment(root: Path, more: Mapping[str, str]) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PYTHONPATH")}
    return {**clean, "PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1", **more}
