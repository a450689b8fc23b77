"""`./just up`: PostgreSQL, migrations, question bank, four subgraphs and the gateway, from nothing to URLs, and down again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
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
from .plan import ROOT, LocalSystem, balancer_specs, gateway_specs, nats_spec, service_secret, subgraph_specs
from .postgres import PrivatePostgres, start_private_postgres
from .processes import ManagedProcess, ProcessFailed, ProcessSpec, stop_all
from .supervise import REPLACE_ALL, AlreadyRunning, Supervisor, keep_postgres_running, process_id_file

T = TypeVar("T")
DATABASE_NAME = "tandem"
GRANTS = ROOT / "deploy" / "grants.sql"
CONNECT_TIMEOUT = 5.0  # seconds to reach the database that DATABASE_URL names


class StartFailed(Exception):
    """Raised when the system cannot start; the message is one sentence that says what to do."""


Say = Callable[[str], None]


async def run_until_stopped(system: LocalSystem, database_url: str | None, say: Say) -> int:
    """Start everything, wait for Ctrl-C, SIGTERM, a closed terminal or the death of a process, stop everything. The exit status."""
    stopped = asyncio.Event()
    main = asyncio.current_task()
    is_up = False

    def stop() -> None:
        stopped.set()
        if not is_up and main is not None:
            main.cancel()  # while it starts there is nothing to wait for

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    loop.add_signal_handler(REPLACE_ALL, say, "Everything is still starting: nothing is replaced.")
    try:
        with process_id_file(system.process_id_file):
            async with running_system(system, database_url, say) as processes:
                is_up = True
                for line in _welcome(system):
                    say(line)
                supervisor = Supervisor(processes, system.log_folder, say)
                loop.add_signal_handler(REPLACE_ALL, supervisor.ask_to_replace_all)
                dead = await supervisor.watch(stopped)
                if dead is None:
                    say("\nStopping...")
                    return 0
                say(f"{dead.spec.name} ended by itself with status {dead.process.returncode}.{dead.log_end()}")
                return 1
    except asyncio.CancelledError:
        if not stopped.is_set():
            raise
        say("\nStopped before everything was up.")
        return 130
    except AlreadyRunning as error:
        raise StartFailed(str(error)) from error
    except OSError as error:
        if error.filename is None:
            raise
        raise StartFailed(
            f"{error.filename} cannot be used: {error.strerror}. Make it possible, or name another folder: --data FOLDER"
        ) from error


@asynccontextmanager
async def running_system(
    system: LocalSystem, database_url: str | None, say: Say
) -> AsyncIterator[list[ManagedProcess]]:
    """The whole system while the block runs. Raises StartFailed with one clear sentence."""
    try:
        ports.require_free(system.all_ports, system.host)
    except ports.PortsTaken as error:
        raise StartFailed(str(error)) from error
    system.log_folder.mkdir(parents=True, exist_ok=True)
    secret = service_secret(system.data_folder)
    server: PrivatePostgres | None = None
    processes: list[ManagedProcess] = []
    keeping: asyncio.Task[None] | None = None
    try:
        if database_url is None:
            server = await _step(say, "PostgreSQL 18 (private, in .data/)", _start_postgres(system))
            admin_url = server.url(DATABASE_NAME)
        else:
            admin_url = database_url
            await _step(say, "PostgreSQL (DATABASE_URL)", _check_database(database_url))
        await _step(say, f"migrations ({', '.join(migrations.histories())})", asyncio.to_thread(_migrate, admin_url))
        urls = dict.fromkeys(subgraph_names(), admin_url)
        bus_url = admin_url
        if server is not None:
            await _grant(server)
            urls = {name: server.url(DATABASE_NAME, role=f"tandem_{name}") for name in subgraph_names()}
            bus_url = server.url(DATABASE_NAME, "tandem_bus")
        await _step(say, "question bank", _load_question_bank(urls["questions"], system.log_folder))
        stages = [
            [nats_spec(system)] if system.uses_nats else [],
            subgraph_specs(system, urls, bus_url, secret),
            gateway_specs(system, secret),
            balancer_specs(system),
        ]
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as client:
            for specs in stages:
                await _start_all(specs, system, processes, client, say)
        if server is not None:
            keeping = asyncio.create_task(keep_postgres_running(server, say))
        yield processes
    except ProcessFailed as error:
        raise StartFailed(str(error)) from error
    finally:
        await stop_all(processes)
        if keeping is not None:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
        if server is not None:
            await asyncio.to_thread(server.stop)


async def _start_all(
    specs: Sequence[ProcessSpec],
    system: LocalSystem,
    processes: list[ManagedProcess],
    client: aiohttp.ClientSession,
    say: Say,
) -> None:
    """Start these processes together and wait until all are ready."""
    started = await asyncio.gather(*(_start(spec, system, processes) for spec in specs))
    ports_by_process = system.all_ports
    for_person = {p.spec.name: f"{p.spec.name} :{ports_by_process.get(p.spec.name, '')}".rstrip(" :") for p in started}
    await asyncio.gather(*(_step(say, for_person[p.spec.name], p.wait_until_ready(client)) for p in started))


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
    """Each subgraph's role may use its own schema, and append to the bus, which has a role of its own."""
    connection = await asyncpg.connect(server.url(DATABASE_NAME))
    try:
        await connection.execute(GRANTS.read_text(encoding="utf-8"))
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
    has_pages = (ROOT / "web" / "dist" / "practice" / "index.html").exists()
    return [
        "",
        "Tandem is up.",
        f"  GraphQL and GraphiQL   {gateway}/graphql",
        f"  subscriptions          {gateway.replace('http', 'ws', 1)}/graphql  (graphql-transport-ws)",
        *(f"  {name:<22} {system.url(name)}/graphql" for name in subgraph_names()),
        f"  practice page          {gateway}/practice"
        if has_pages
        else "  practice page          not built: ./just web (needs Node)",
        f"  logs                   {_shown(system.log_folder)}",
        "",
        "Try ./just demo in another terminal. Ctrl-C stops everything; the data stays.",
    ]


def _shown(path: Path) -> str:
    with contextlib.suppress(ValueError):
        return str(path.resolve().relative_to(Path.cwd()))
    return str(path)
