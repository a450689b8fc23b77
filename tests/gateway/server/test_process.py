"""The gateway as processes: start, stop without losing anything, several workers, clear words when it cannot start."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil
import pytest
from typer.testing import CliRunner

from gateway.__main__ import build_app
from tests.gateway.server.socket_client import SocketClient
from tests.gateway.server.subgraph import SUPERGRAPH, PeopleSubgraph

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[3]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "gateway", *arguments]


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


@asynccontextmanager
async def running(
    folder: Path, people: PeopleSubgraph, *arguments: str, **env: str
) -> AsyncIterator[tuple[Process, int]]:
    """Start `python -m gateway serve` and wait until it is ready."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    (folder / "supergraph.graphql").write_text(SUPERGRAPH.replace("PORT", str(people.port)))
    process = await asyncio.create_subprocess_exec(
        *command("serve", "--supergraph", "supergraph.graphql", *arguments),
        cwd=folder,
        env=environment(PORT=str(port), **env),
        stderr=PIPE,
    )
    try:
        async with asyncio.timeout(60), aiohttp.ClientSession() as client:
            while process.returncode is None:
                try:
                    async with client.get(f"http://127.0.0.1:{port}/ready") as response:
                        if response.status == 200:
                            break
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)
        yield process, port
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ready_status(port: int) -> int:
    async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{port}/ready") as response:
        return response.status


async def test_sigterm_stops_in_the_order_that_loses_nothing(people: PeopleSubgraph, tmp_path: Path) -> None:
    env = {"GATEWAY_SHUTDOWN__GRACE": "4", "GATEWAY_SHUTDOWN__DRAIN": "60", "GATEWAY_TRAFFIC__SUBGRAPH_TIMEOUT": "60"}
    async with (
        running(tmp_path, people, **env) as (process, port),
        SocketClient(f"ws://127.0.0.1:{port}/graphql") as client,
        aiohttp.ClientSession() as http,
    ):
        slow = asyncio.create_task(_ask(http, port, "{ slow(seconds: 8) }"))
        async with asyncio.timeout(60):
            while people.in_work == 0:
                await asyncio.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        # Not ready at once, and still answering.
        async with asyncio.timeout(60):
            while await ready_status(port) != 503:
                await asyncio.sleep(0.02)
        assert await _ask(http, port, "{ hello }") == {"data": {"hello": "hello world"}}
        await client.subscribe("1", "{ hello }")
        assert (await client.receive())["payload"] == {"data": {"hello": "hello world"}}
        # Then sockets are closed, and what is in work ends.
        assert await client.closed() == (1012, "The gateway restarts")
        assert await slow == {"data": {"slow": "done"}}
        async with asyncio.timeout(60):
            assert await process.wait() == 0


async def test_sigint_stops_without_grace(people: PeopleSubgraph, tmp_path: Path) -> None:
    async with running(tmp_path, people, GATEWAY_SHUTDOWN__GRACE="3600") as (process, _):
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(60):
            assert await process.wait() == 0


async def test_any_of_several_workers_tells_the_metrics_of_all(people: PeopleSubgraph, tmp_path: Path) -> None:
    """Each request over a connection of its own, so that all workers get some."""

    async def metric(port: int, name: str) -> float:
        async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{port}/metrics") as response:
            lines = (await response.text()).splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    async with running(tmp_path, people, GATEWAY_WORKERS="3", GATEWAY_SHUTDOWN__GRACE="0") as (process, port):
        url = f"http://127.0.0.1:{port}/graphql"
        for _ in range(30):
            async with aiohttp.ClientSession() as client, client.post(url, json={"query": "{ hello }"}) as response:
                assert response.status == 200
        # Until all three have started, one that is still about to does not answer.
        async with asyncio.timeout(60):
            while await metric(port, "gateway_known_operations") < 1:
                await asyncio.sleep(0.1)
        for _ in range(5):
            assert await metric(port, "gateway_operations_total") == 30
            assert await metric(port, 'gateway_operations_seconds_bucket{errors="no",kind="query",le="+Inf"') == 30
        sockets = [SocketClient(f"ws://127.0.0.1:{port}/graphql") for _ in range(6)]
        for opened in sockets:
            await opened.__aenter__()
        assert await metric(port, "gateway_websockets ") == 6
        for opened in sockets:
            await opened.__aexit__()
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            assert await process.wait() == 0


async def test_several_workers_serve_one_port_and_a_dead_one_is_replaced(
    people: PeopleSubgraph, tmp_path: Path
) -> None:
    env = {"GATEWAY_SHUTDOWN__GRACE": "0"}
    async with running(tmp_path, people, "--workers", "2", **env) as (process, port):
        parent = psutil.Process(process.pid)
        first = {child.pid for child in parent.children()}
        assert len(first) == 2
        victim = min(first)
        os.kill(victim, signal.SIGKILL)
        async with asyncio.timeout(60):
            while (
                len(now := {child.pid for child in parent.children() if child.status() != "zombie"}) < 2
                or victim in now
            ):
                await asyncio.sleep(0.1)
        async with aiohttp.ClientSession() as http:
            assert await _ask(http, port, "{ hello }") == {"data": {"hello": "hello world"}}
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            assert await process.wait() == 0
        assert not any(psutil.pid_exists(pid) for pid in now)


async def test_sighup_reads_the_supergraph_again(people: PeopleSubgraph, tmp_path: Path) -> None:
    env = {"GATEWAY_RELOAD__WATCH": "false"}
    async with running(tmp_path, people, **env) as (process, port), aiohttp.ClientSession() as http:
        text = SUPERGRAPH.replace("PORT", str(people.port)).replace("broken: String", "broken: String added: String")
        await asyncio.to_thread((tmp_path / "supergraph.graphql").write_text, text)
        process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(60):
            while "added" not in str(await _ask(http, port, '{ __type(name: "Query") { fields { name } } }')):
                await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Name one source of the supergraph"),
        (["--supergraph", "none.graphql"], "The supergraph file none.graphql cannot be read: No such file"),
        (["--supergraph", "bad.graphql"], "gateway: "),
        (["--subgraphs", "bad.graphql"], "bad.graphql is not JSON"),
        (["--config", "gateway.ini"], "The settings file gateway.ini cannot be read"),
        (["--supergraph", "x", "--config", "wrong.toml"], "unknown key 'prot' (did you mean 'port'?)"),
        (["--supergraph", "good.graphql", "--port", "TAKEN"], "Address already in use."),
    ],
)
async def test_what_stands_in_the_way_of_a_start_is_one_sentence(
    people: PeopleSubgraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    (tmp_path / "bad.graphql").write_text("type Query {")
    (tmp_path / "good.graphql").write_text(SUPERGRAPH)
    (tmp_path / "wrong.toml").write_text("prot = 4000\n")
    monkeypatch.chdir(tmp_path)
    given = ["serve", *(str(people.port) if it == "TAKEN" else it for it in arguments)]
    result = await asyncio.to_thread(CliRunner().invoke, build_app(), given, env={"PORT": "0"})
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


async def test_the_schema_of_the_settings_is_printed() -> None:
    result = CliRunner().invoke(build_app(), ["config", "--schema"])
    assert '"request_timeout"' in result.stdout


async def _ask(http: aiohttp.ClientSession, port: int, query: str) -> object:
    async with http.post(f"http://127.0.0.1:{port}/graphql", json={"query": query}) as response:
        return await response.json()
