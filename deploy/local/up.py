"""`./just up`: PostgreSQL, migrations, question bank, four subgraphs and the gateway, from nothing to URLs, and down again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import aiohttp
import asyncpg

from subgraphs.kit import migrations
from subgraphs.kit.database import database_url as parsed_database_url
from subgraphs.kit.errors import SettingsError
from subgraphs.registry import subgraph_names

from . import ports
from .plan import ROOT, LocalSystem, gateway_spec, service_secret, subgraph_specs
from .postgres import PrivatePostgres, start_private_postgres
from .processes import ManagedProcess, ProcessFailed, ProcessSpec, first_to_end, stop_all

T = TypeVar("T")
DATABASE_NAME = "tandem"
CONNECT_TIMEOUT = 5.0  # seconds to reach the database that DATABASE_URL names


class StartFailed(Exception):
    """Raised when the system cannot start; the message is one sentence that says what to do."""


Say = Callable[[str], None]


async def run_until_stopped(system: LocalSystem, database_url: str | None, say: Say) -> int:
    """Start everything, wait for Ctrl-C, SIGTERM or the death of a process, stop everything. The exit status."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with running_system(system, database_url, say) as processes:
        if stopped.is_set():
            return 0
        for line in _welcome(system):
            say(line)
        waiting = asyncio.create_task(stopped.wait())
        dying = asyncio.create_task(first_to_end(processes))
        await asyncio.wait({waiting, dying}, return_when=asyncio.FIRST_COMPLETED)
        if stopped.is_set():
            dying.cancel()
            say("\nStopping...")
            return 0
        waiting.cancel()
        dead = dying.result()
        say(f"{dead.spec.name} ended by itself with status {dead.process.returncode}.{dead.log_end()}")
        return 1


@asynccontextmanager
async def running_system(
    system: LocalSystem, database_url: str | None, say: Say
) -> AsyncIterator[list[ManagedProcess]]:
    """The whole system while the block runs. Raises StartFailed with one clear sentence."""
    try:
        ports.require_free(system.ports, system.host)
    except ports.PortsTaken as error:
        raise StartFailed(str(error)) from error
    system.log_folder.mkdir(parents=True, exist_ok=True)
    secret = service_secret(system.data_folder)
    server: PrivatePostgres | None = None
    processes: list[ManagedProcess] = []
    try:
        if database_url is None:
            server = await _step(say, "PostgreSQL 18 (private, in .data/)", _start_postgres(system))
            admin_url = server.url(DATABASE_NAME)
        else:
            admin_url = database_url
            await _step(say, "PostgreSQL (DATABASE_URL)", _check_database(database_url))
        await _step(say, f"migrations ({', '.join(migrations.histories())})", asyncio.to_thread(_migrate, admin_url))
        urls = dict.fromkeys(subgraph_names(), admin_url)
        if server is not None:
            await _grant(server)
            urls = {name: server.url(DATABASE_NAME, role=f"tandem_{name}") for name in subgraph_names()}
        await _step(say, "question bank", _load_question_bank(urls["questions"], system.log_folder))
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as client:
            specs = subgraph_specs(
                system, urls, admin_url if server is None else server.url(DATABASE_NAME, "tandem_bus"), secret
            )
            started = await asyncio.gather(*(_start(spec, system, processes) for spec in specs))
            await asyncio.gather(
                *(
                    _step(say, f"{p.spec.name} :{system.ports[p.spec.name]}", p.wait_until_ready(client))
                    for p in started
                )
            )
            gateway = await _start(gateway_spec(system, secret), system, processes)
            await _step(say, f"gateway :{system.ports['gateway']}", gateway.wait_until_ready(client))
        yield processes
    except ProcessFailed as error:
        raise StartFailed(str(error)) from error
    finally:
        await stop_all(processes)
        if server is not None:
            await asyncio.to_thread(server.stop)


async def _start(spec: ProcessSpec, system: LocalSystem, processes: list[ManagedProcess]) -> ManagedProcess:
    process = await ManagedProcess.start(spec, system.log_folder)
    processes.append(process)
    return process


async def _start_postgres(system: LocalSystem) -> PrivatePostgres:
    try:
        server = await asyncio.to_thread(start_private_postgres, system.data_folder / "postgres")
    except Exception as error:
        log = system.data_folder / "postgres" / "log"
        raise StartFailed(f"The private PostgreSQL did not start ({error}). Its log: {log}") from error
    await server.create_database(DATABASE_NAME)
    await server.create_roles([*(f"tandem_{name}" for name in subgraph_names()), "tandem_bus"])
    return server


async def _check_database(url: str) -> None:
    try:
        dsn = parsed_database_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT)
    except SettingsError as error:
        raise StartFailed(str(error)) from error
    except (OSError, asyncpg.PostgresError, TimeoutError, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise StartFailed(
            f"DATABASE_URL is set, but its database cannot be reached ({reason}). Correct it, or unset it to use a private PostgreSQL."
        ) from error
    await connection.close()


def _migrate(url: str) -> None:
    for history in migrations.histories():
        migrations.upgrade(history, url)


async def _grant(server: PrivatePostgres) -> None:
    """Each subgraph's role may use its own schema and nothing else; the bus has a role of its own."""
    connection = await asyncpg.connect(server.url(DATABASE_NAME))
    try:
        for schema in migrations.histories():
            role = f"tandem_{schema}"
            for statement in (
                f"GRANT USAGE ON SCHEMA {schema} TO {role}",
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
                f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
                f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role}",
            ):
                await connection.execute(statement)
    finally:
        await connection.close()


async def _load_question_bank(url: str, log_folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "subgraphs.questions", "load-bank"),
        env={**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    (log_folder / "question_bank.log").write_bytes(output)
    if process.returncode != 0:
        raise StartFailed(f"The question bank could not be loaded:\n{output.decode(errors='replace')[-2000:]}")


async def _step(say: Say, name: str, work: Awaitable[T]) -> T:
    started = time.perf_counter()
    result = await work
    say(f"  ok  {name:<44} {time.perf_counter() - started:6.2f} s")
    return result


def _welcome(system: LocalSystem) -> list[str]:
    gateway = system.url("gateway")
    return [
        "",
        "Tandem is up.",
        f"  GraphQL and GraphiQL   {gateway}/graphql",
        f"  subscriptions          {gateway.replace('http', 'ws', 1)}/graphql  (graphql-transport-ws)",
        *(f"  {name:<22} {system.url(name)}/graphql" for name in subgraph_names()),
        f"  logs                   {_shown(system.log_folder)}",
        "",
        "Try ./just demo in another terminal. Ctrl-C stops everything; the data stays.",
    ]


def _shown(path: Path) -> str:
    with contextlib.suppress(ValueError):
        return str(path.resolve().relative_to(Path.cwd()))
    return str(path)
