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

import aiohttp
import psutil
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import OKPKey

from deploy.local.postgres import start_private_postgres
from subgraphs.kit import migrations
from subgraphs.kit.events import Event
from subgraphs.kit.postgres_bus import PostgresBus

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "bench"
START_TIMEOUT = 60.0  # seconds for a process to answer
SECRET = "bench-secret"


@dataclass(slots=True)
class Stage:
    """What a measurement needs to know. `url` is where people connect: the gateway, or the subgraph itself."""

    url: str
    database_url: str
    processes: dict[str, psutil.Process]
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

    def cpu_seconds(self, name: str) -> float:
        """Processor time of a process so far."""
        times = self.processes[name].cpu_times()
        return times.user + times.system

    def memory(self, name: str) -> int:
        """Resident bytes of a process."""
        return int(self.processes[name].memory_info().rss)


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

        processes: dict[str, psutil.Process] = {}
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "USER_SERVICE_URL": keys_url,
            "EXECUTION": "off",
            "LOG_LEVEL": "ERROR",
            "PORT": str(port := _free_port()),
        }
        command = [sys.executable, "-m", "subgraphs", "serve", "collaboration"]
        processes["collaboration"] = await stack.enter_async_context(_process(command, environment, port))
        target = f"http://127.0.0.1:{port}"
        if through_gateway:
            subgraphs = folder / "subgraphs.json"
            entry = {
                "name": "collaboration",
                "url": f"{target}/graphql",
                "sdl": str(ROOT / "schema/collaboration.graphql"),
            }
            subgraphs.write_text(json.dumps([entry]))
            gateway_port = _free_port()
            command = [
                sys.executable,
                "-m",
                "gateway",
                "serve",
                "--subgraphs",
                str(subgraphs),
                "--port",
                str(gateway_port),
            ]
            processes["gateway"] = await stack.enter_async_context(_process(command, dict(os.environ), gateway_port))
            target = f"http://127.0.0.1:{gateway_port}"
        bus = PostgresBus(url)
        await bus.start()
        stack.push_async_callback(bus.aclose)
        yield Stage(target, url, processes, key, bus)


@asynccontextmanager
async def _process(command: list[str], environment: dict[str, str], port: int) -> AsyncIterator[psutil.Process]:
    process = await asyncio.create_subprocess_exec(*command, env=environment, cwd=ROOT)
    try:
        async with aiohttp.ClientSession() as client, asyncio.timeout(START_TIMEOUT):
            while True:
                with suppress(aiohttp.ClientError):
                    async with client.get(f"http://127.0.0.1:{port}/health") as response:
                        if response.status == 200:
                            break
                await asyncio.sleep(0.1)
        yield psutil.Process(process.pid)
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
    site = web.TCPSite(runner, "127.0.0.1", port := _free_port())
    await site.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
