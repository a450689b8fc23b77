"""A subgraph that is asked to stop gives notice: not ready, still answering, every answer sends its caller elsewhere; then it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import aiohttp

from deploy.local.ports import free_block

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60.0
PROGRAM = """
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from subgraphs.kit.serving import serve
from subgraphs.kit.settings import SubgraphSettings

async def answer(request):
    return PlainTextResponse("stopping" if request.app.state.is_stopping else "working")

app = Starlette(routes=[Route("/", answer)])
app.state.is_stopping = False
serve(app, SubgraphSettings(_env_file=None, database_url="postgresql://unused/unused"))
"""


async def test_sigterm_is_told_to_callers_before_it_ends() -> None:
    port = free_block(1)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PORT": str(port), "SHUTDOWN_NOTICE": "3"},
    )
    try:
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as client:
            assert await ask(client, port) == ("working", None)
            process.send_signal(signal.SIGTERM)
            while (answer := await ask(client, port))[0] == "working":
                await asyncio.sleep(0.02)
            assert answer == ("stopping", "close")
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ask(client: aiohttp.ClientSession, port: int) -> tuple[str, str | None]:
    """The answer and its Connection header, once somebody listens."""
    while True:
        try:
            async with client.get(f"http://127.0.0.1:{port}/") as response:
                return await response.text(), response.headers.get("connection")
        except aiohttp.ClientConnectorError:
            await asyncio.sleep(0.05)
