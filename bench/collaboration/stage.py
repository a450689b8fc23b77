"""The system that is measured: a private PostgreSQL, the collaboration subgraph and the gateway as processes of their own."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import psutil
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import OKPKey

from deploy.local.postgres import start_private_postgres
from subgraphs.kit import migrations
from subgraphs.kit.events import Event
from subgraphs.kit.postgres_bus import PostgresBus

from .system import System

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "bench"
START_TIMEOUT = 300.0  # seconds for a process to answer
SECRET = "bench-secret"


@dataclass(slots=True)
class Stage:
    """What a measurement needs to know. `url` is where people connect: the gateway, or the subgraph itself."""

    url: str
    database_url: str
    system: System
    key: OKPKey
    bus: PostgresBus

    def token(self, user_id: UUID) -> str:
        claims = {
            "iss": "tandem",
            "aud": "tandem",
            "sub": str(user_id),
            "sid": str(uuid4()),
            "exp": int(time.time()) + 3600,
        }
        return jwt.encode({"alg": "Ed25519", "kid": "bench", "typ": "at+jwt"}, claims, self.key, algorithms=["Ed25519"])

    async def make_sessions(self, pairs: list[tuple[UUID, UUID]]) -> None:
        """Let matches happen; the subgraph makes a session of each."""
        events = [
            Event(
                "match.created",
                str(match_id := uuid4()),
                {
                    "match_id": str(match_id),
                    "user1_id": str(first),
                    "user2_id": str(second),
                    "question_id": None,
                    "language": "PYTHON",
                    "difficulty": "EASY",
                    "topics": [],
                    "interviewer_id": None,
                },
                source="bench",
            )
            for first, second in pairs
        ]
        await self.bus.publish(events)


@asynccontextmanager
async def open_stage(*, through_gateway: bool) -> AsyncIterator[Stage]:
    """Start everything; stop it at the end."""
    async with AsyncExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-bench-", ignore_cleanup_errors=True))
        )
        folder.chmod(0o755)
        postgres = await asyncio.to_thread(start_private_postgres, folder / "postgres")
        stack.callback(postgres.stop)
        await postgres.create_database(DATABASE)
        url = postgres.url(DATABASE)
        for history in ("bus", "collaboration"):
            await asyncio.to_thread(migrations.upgrade, history, url)
        key = OKPKey.generate_key("Ed25519", {"kid": "bench", "use": "sig"})
        keys_url = await stack.enter_async_context(_serve_keys(key))

        postmaster = int((postgres.data_folder / "postmaster.pid").read_text().splitlines()[0])
        processes = {"postgres": psutil.Process(postmaster)}
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "USER_SERVICE_URL": keys_url,
            "EXECUTION": "off",
            "PORT": str(port := free_port()),
        }
        command = [sys.executable, "-m", "subgraphs", "serve", "collaboration"]
        served = await stack.enter_async_context(running_process(command, environment, port, folder))
        processes["collaboration"] = psutil.Process(served.pid)
        target = f"http://127.0.0.1:{port}"
        if through_gateway:
            target, gateway = await stack.enter_async_context(_gateway(target, folder))
            processes["gateway"] = gateway
        bus = PostgresBus(url)
        await bus.start()
        stack.push_async_callback(bus.aclose)
        name = "Tandem, through the gateway" if through_gateway else "Tandem, the subgraph alone"
        yield Stage(target, url, System(name, processes), key, bus)


@asynccontextmanager
async def _gateway(subgraph_url: str, folder: Path) -> AsyncIterator[tuple[str, psutil.Process]]:
    subgraphs = folder / "subgraphs.json"
    sdl = str(ROOT / "schema/collaboration.graphql")
    subgraphs.write_text(json.dumps([{"name": "collaboration", "url": f"{subgraph_url}/graphql", "sdl": sdl}]))
    port = free_port()
    command = [sys.executable, "-m", "gateway", "serve", "--subgraphs", str(subgraphs), "--port", str(port)]
    async with running_process(command, dict(os.environ), port, folder) as process:
        yield f"http://127.0.0.1:{port}", psutil.Process(process.pid)


@asynccontextmanager
async def running_process(
    command: list[str], environment: dict[str, str], port: int, folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that answers on its port; it is ended with the block. What it logs goes to a file in `folder`."""
    with (folder / f"{port}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, env=environment, cwd=ROOT, stdout=log, stderr=log)
    try:
        async with asyncio.timeout(START_TIMEOUT):
            while True:
                if process.returncode is not None:
                    raise RuntimeError((folder / f"{port}.log").read_text()[-2000:])
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                await asyncio.sleep(0.1)
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


@asynccontextmanager
async def _serve_keys(key: OKPKey) -> AsyncIterator[str]:
    async def keys(request: web.Request) -> web.Response:
        return web.json_response({"keys": [key.as_dict(private=False)]})

    app = web.Application()
    app.router.add_get("/.well-known/jwks.json", keys)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port := free_port())
    await site.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


def free_port() -> int:
    """A port that nobody uses right now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
