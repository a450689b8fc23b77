"""The balancer of one machine sends new connections to replicas that are ready, and to any that answers when none is."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
import uvloop
from aiohttp import web

from deploy.local.balancer import Address, Balancer
from deploy.local.ports import free_block

PATIENCE = 30.0
LARGE = b"0123456789abcdef" * 500_000  # more than all buffers on its way


class Replica:
    """An HTTP server that says its name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_ready = True

    async def answer(self, request: web.Request) -> web.Response:
        if request.path == "/ready":
            return web.Response(status=200 if self.is_ready else 503)
        return web.Response(text=self.name, headers={"connection": "close"})


async def test_new_connections_go_round_among_the_ready_ones() -> None:
    async with balanced("one", "two", "three") as (url, replicas):
        replicas[1].is_ready = False
        await until(url, {"one", "three"})
        replicas[1].is_ready = True
        await until(url, {"one", "two", "three"})


async def test_where_none_is_ready_one_answers_all_the_same() -> None:
    async with balanced("one", "two") as (url, replicas):
        for replica in replicas:
            replica.is_ready = False
        await asyncio.sleep(0)
        assert set(await answers(url, 4)) <= {"one", "two"}


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_what_is_sent_arrives_whole_whatever_side_ends_first(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def send_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer with all that came, when no more will come."""
        writer.write(await reader.read())
        await writer.drain()
        writer.close()

    async def exchange() -> None:
        server = await asyncio.start_server(send_all, "127.0.0.1", 0)
        port = free_block(1)
        balancer = Balancer([Address(*server.sockets[0].getsockname()[:2])])
        serving = asyncio.create_task(balancer.serve(Address("127.0.0.1", port)))
        reader, writer = await connected(port)
        writer.write(LARGE)
        # All is sent and ended before the balancer has found a replica.
        writer.write_eof()
        await writer.drain()
        gc.collect()
        assert await asyncio.wait_for(reader.read(), PATIENCE) == LARGE
        writer.close()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        server.close()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(exchange())


async def connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to whoever listens there, soon."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)


@asynccontextmanager
async def balanced(*names: str) -> AsyncIterator[tuple[str, list[Replica]]]:
    """These replicas behind a balancer."""
    replicas = [Replica(name) for name in names]
    runners, addresses = [], []
    for replica in replicas:
        app = web.Application()
        app.router.add_get("/{path:.*}", replica.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        port = free_block(1)
        await web.TCPSite(runner, "127.0.0.1", port).start()
        runners.append(runner)
        addresses.append(Address("127.0.0.1", port))
    port = free_block(1)
    serving = asyncio.create_task(Balancer(addresses).serve(Address("127.0.0.1", port)))
    try:
        yield f"http://127.0.0.1:{port}", replicas
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        for runner in runners:
            await runner.cleanup()


async def until(url: str, wanted: set[str]) -> None:
    """Wait until exactly these answer, each as often as the others."""
    async with asyncio.timeout(PATIENCE):
        while True:
            counted = Counter(await answers(url, 2 * len(wanted)))
            if counted == Counter(dict.fromkeys(wanted, 2)):
                return
            await asyncio.sleep(0.1)


async def answers(url: str, count: int) -> list[str]:
    """What so many connections are told, one after the other; none while nobody listens yet."""
    found = []
    async with aiohttp.ClientSession() as client:
        for _ in range(count):
            try:
                async with client.get(url) as response:
                    found.append(await response.text())
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
    return found
