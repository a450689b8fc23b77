"""R34 and what belongs to it: many sockets that come and go, in every way there is, cost nobody else an event."""

from __future__ import annotations

import asyncio
import time

from tests.gateway.server.socket_client import SocketClient

from .memory import HEAVY, churn_sockets
from .report import Row
from .stage import Stage, stage

SECONDS = 90.0
STEADY = 40
CHURNING = 120
DEAF = 10  # subscribe to much and never read
FLOOD = "subscription { ticks(every: 0.02) }"
LARGE_ANSWERS = 80
SETTLE = 60.0  # seconds within which everything must be given back: a heartbeat and its timeout
EVERY = 0.25


async def run(minutes: float) -> list[Row]:
    """Churn for a fixed time; `minutes` changes nothing here."""
    async with stage(settings={"WEBSOCKET__QUEUE_MESSAGES": 64}) as running:
        before_files = running.gateway.num_fds()
        stopping = asyncio.Event()
        steady = [asyncio.create_task(_follow(running, number, stopping)) for number in range(STEADY)]
        deaf = [asyncio.create_task(_stay_deaf(running, stopping)) for _ in range(DEAF)]
        churn = [asyncio.create_task(churn_sockets(running, seed, stopping)) for seed in range(CHURNING)]
        await asyncio.sleep(SECONDS)
        closed_as_slow = await running.metric('gateway_websockets_closed_total{code="4413"}')
        stopping.set()
        followed = await asyncio.gather(*steady)
        opened = sum(await asyncio.gather(*churn))
        await asyncio.gather(*deaf)
        left = await _what_is_left(running, before_files)
    gaps = sum(gap for gap, _ in followed)
    latest = max(late for _, late in followed)
    return [
        Row(
            "R34",
            "followers lose nothing while others come and go",
            f"{STEADY} followers beside {opened} sockets in {SECONDS:.0f} s: {gaps} events lost, longest pause {latest * 1000:.0f} ms "
            f"of {EVERY * 1000:.0f}",
            gaps == 0,
        ),
        Row(
            "R34",
            "who never reads is closed with 4413",
            f"{closed_as_slow:.0f} of {DEAF}",
            closed_as_slow == DEAF,
        ),
        Row(
            "R37",
            "afterwards nothing is left: sockets, subscriptions, files",
            ", ".join(f"{name} {value:+.0f}" for name, value in left.items()),
            not any(left.values()),
        ),
    ]


async def _follow(running: Stage, number: int, stopping: asyncio.Event) -> tuple[int, float]:
    """Follow one subscription of its own; return how many events were missed and the longest pause."""
    gaps, longest, expected = 0, 0.0, 0
    query = f'subscription {{ ticks(every: {EVERY}, room: "steady {number}") }}'
    async with SocketClient(f"ws://127.0.0.1:{running.gateway_port}/graphql") as client:
        await client.subscribe("1", query)
        last = time.monotonic()
        while not stopping.is_set():
            message = await client.receive(60)
            if message["type"] == "ping":
                await client.send({"type": "pong"})
                continue
            gaps += message["payload"]["data"]["ticks"] != expected
            expected = message["payload"]["data"]["ticks"] + 1
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
    return gaps, longest


async def _stay_deaf(running: Stage, stopping: asyncio.Event) -> None:
    """Subscribe many times to much, read nothing: it all piles up, first in the network, then in the gateway."""
    client = SocketClient(f"ws://127.0.0.1:{running.gateway_port}/graphql")
    async with client:
        client.socket.transport.pause_reading()
        await client.subscribe("flood", FLOOD)
        for number in range(LARGE_ANSWERS):
            # 87 KB each: the kernel's buffers take some megabytes before anything waits in the gateway.
            await client.subscribe(f"q{number}", HEAVY)
        await stopping.wait()
        client.socket.transport.abort()


async def _what_is_left(running: Stage, before_files: int) -> dict[str, float]:
    deadline = time.monotonic() + SETTLE
    while True:
        left = {
            "sockets": await running.metric("gateway_websockets "),
            "subscriptions": await running.metric("gateway_subscriptions "),
            "upstream": await running.metric("gateway_shared_subscriptions "),
            # Connections to subgraphs and to this scraper are kept for some seconds.
            "files": max(0, running.gateway.num_fds() - before_files - 5),
        }
        if not any(left.values()) or time.monotonic() > deadline:
            return left
        await asyncio.sleep(1)
