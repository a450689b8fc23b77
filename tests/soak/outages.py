"""R19 to R22 under load: subgraphs killed and stopped, and their connections delayed, reset, swallowed and truncated.

Every operation asks all four subgraphs. Whatever happens to one of them, each answer has status 200 and brings what the
others know; when it is back, so is all of the answer.
"""

from __future__ import annotations

import asyncio
import itertools
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.gateway.faults import FaultProxy

from .open_load import OpenLoad, Outcome, request_bytes
from .report import Row
from .stage import Stage, stage

# inventory and reviews are asked for entities of the other two; without them there is still something to tell.
QUERY = (
    "{ users { id name reviews { id body } } topProducts { upc name price inStock shippingEstimate "
    "reviews { id author { name } } } }"
)
RATE = 25.0  # requests per second: well below what a busy machine of two cores can do
FAULT_SECONDS = 12.0
RECOVERY = 20.0  # seconds within which all of the answer must be back: the breaker probes every 5 s
TIMEOUT = 1.0  # seconds for one fetch here; the default is 5


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to a subgraph, and what a client may feel of it."""

    name: str
    begin: Callable[[], Awaitable[None]]
    end: Callable[[], Awaitable[None]]
    is_felt: bool = True
    """Whether answers lose something; else the gateway must make up for it."""


async def run(minutes: float) -> list[Row]:
    """Do one thing after the other to a subgraph while load goes on; `minutes` changes nothing here."""
    rows: list[Row] = []
    async with _stage_behind_proxy() as (running, proxy):
        load = OpenLoad(running.gateway_port)
        # Each from somebody else: what is asked for one person is never shared, so each operation needs its own fetches.
        requests = itertools.cycle([request_bytes(QUERY, authorization=f"Bearer {number}") for number in range(1_000)])
        calm = await load.run(requests.__next__, RATE, FAULT_SECONDS)
        rows.append(_row("none", calm, 0.0, is_felt=False))
        for fault in _faults(running, proxy):
            await fault.begin()
            outcome = await load.run(requests.__next__, RATE, FAULT_SECONDS)
            await fault.end()
            back_after = await _time_until_whole(load, requests)
            rows.append(_row(fault.name, outcome, back_after, fault.is_felt))
            print(f"outages: {rows[-1].promise}: {rows[-1].measured}", flush=True)
        load.close()
    return rows


@asynccontextmanager
async def _stage_behind_proxy() -> AsyncIterator[tuple[Stage, FaultProxy]]:
    # The proxy must be there before the gateway, and its target's port is known only on the stage: so it is put in later.
    async with FaultProxy(0) as proxy:
        settings = {"TRAFFIC__SUBGRAPH_TIMEOUT": TIMEOUT}
        async with stage(settings=settings, ports={"reviews": proxy.port}) as running:
            proxy.target_port = running.ports["reviews"]
            yield running, proxy


def _faults(running: Stage, proxy: FaultProxy) -> list[Fault]:
    def signals(name: str, number: signal.Signals) -> Callable[[], Awaitable[None]]:
        async def send() -> None:
            running.send_signal(name, number)

        return send

    def toxic(**changes: object) -> Callable[[], Awaitable[None]]:
        async def change() -> None:
            for name, value in changes.items():
                setattr(proxy.faults, name, value)
            if any(changes.values()):
                proxy.cut()

        return change

    async def start_again() -> None:
        running.start("inventory")

    return [
        Fault("SIGKILL", signals("inventory", signal.SIGKILL), start_again),
        Fault("SIGSTOP", signals("inventory", signal.SIGSTOP), signals("inventory", signal.SIGCONT)),
        Fault("100 ms of latency", toxic(latency=0.05), toxic(latency=0.0), is_felt=False),
        Fault("connections refused", toxic(refuse=True), toxic(refuse=False)),
        Fault("connections reset", toxic(reset_after=0), toxic(reset_after=None)),
        Fault("answers truncated", toxic(close_after=40), toxic(close_after=None)),
        Fault("answers swallowed", toxic(blackhole=True), toxic(blackhole=False)),
        Fault("answers at 2 kB/s", toxic(bytes_per_second=2_000), toxic(bytes_per_second=None)),
    ]


async def _time_until_whole(load: OpenLoad, requests: Iterator[bytes]) -> float:
    started = time.monotonic()
    while time.monotonic() - started < RECOVERY:
        outcome = await load.run(requests.__next__, 20, 0.2)
        if outcome.statuses[200] == outcome.sent and not outcome.with_errors:
            return time.monotonic() - started
        await asyncio.sleep(0.1)
    return float("inf")


def _row(fault: str, outcome: Outcome, back_after: float, is_felt: bool) -> Row:
    others = outcome.sent - outcome.statuses[200]
    promise = "whole answers" if not is_felt else "status 200 with what the others know"
    measured = (
        f"{outcome.sent} sent, {others} not 200, {outcome.with_errors} partial, {outcome.without_data} without data; "
        f"p50 {outcome.percentile(0.5):.0f} ms, p99 {outcome.percentile(0.99):.0f} ms; whole again after {back_after:.1f} s"
    )
    holds = others == 0 and outcome.without_data == 0 and back_after < RECOVERY
    if not is_felt:
        holds = holds and outcome.with_errors == 0
    return Row("R19-R22", f"{fault}: {promise}", measured, holds)
