"""R28: memory stays flat at half load: queries known and new, refusals, and sockets that come and go."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from collections.abc import Iterator

from websockets.exceptions import ConnectionClosed

from gateway.server.operations import MAX_KNOWN_OPERATIONS
from tests.gateway.server.socket_client import SocketClient

from .open_load import OpenLoad, request_bytes
from .report import Row
from .stage import ROOT, Stage, stage

HEAVY = (ROOT / "bench" / "gateway" / "operations" / "heavy.graphql").read_text(encoding="utf-8")
SIMPLE = "{ topProducts { upc name price } }"
# What the gateway remembers is bounded, so memory grows until those bounds are reached; that is no leak, and not measured.
MAX_WARM_UP = 900.0  # seconds
SAMPLE_EVERY = 5.0  # seconds
SETTLING = 120.0  # seconds of the mix before the first sample
TOLD_EVERY = 12  # samples
SOCKETS = 50
MAX_WAITING = 200
TARGET = 1.0  # MiB in 10 minutes


def mixed_requests(numbers: Iterator[int]) -> Iterator[bytes]:
    """Of twenty requests: 12 simple, 4 heavy, 2 new operations, one that is invalid, one that is no GraphQL."""
    simple, heavy = request_bytes(SIMPLE), request_bytes(HEAVY)
    invalid, nonsense = request_bytes("{ nothing }"), request_bytes("{ topProducts { upc ")
    chance = random.Random(1)
    for number in numbers:
        match number % 20:
            case 0 | 5 | 10 | 15:
                yield heavy
            case 1 | 11:
                yield new_operation(chance.randrange(10**9))
            case 2:
                yield invalid
            case 3:
                yield nonsense
            case _:
                yield simple


def new_operation(number: int) -> bytes:
    """An operation that the gateway has not seen before."""
    return request_bytes(f"query Soak{number % 997} {{ topProducts {{ upc name a{number}: price }} }}")


async def run(minutes: float) -> list[Row]:
    """Measure the slope of the gateway's memory over `minutes`."""
    async with stage() as running:
        load = OpenLoad(running.gateway_port)
        heavy = request_bytes(HEAVY)
        peak = await load.run_closed(lambda: heavy, 16, 5)
        mixed = mixed_requests(itertools.count())
        # A mix costs about a third of what the heavy operation costs.
        capacity = await _capacity(load, mixed, peak)
        stopping = asyncio.Event()
        churn = [asyncio.create_task(churn_sockets(running, seed, stopping)) for seed in range(SOCKETS)]
        await _warm_up(load, running, mixed, capacity / 2)
        samples = await _sampled(load, running, mixed, capacity / 2, minutes * 60)
        stopping.set()
        opened = sum(await asyncio.gather(*churn))
        load.close()
        per_ten_minutes = slope(samples) * 600
        broken = load.outcome.broken
        figure = (
            f"{per_ten_minutes:+.2f} MiB in 10 min over {minutes:g} min at {capacity / 2:.0f} requests/s "
            f"({load.outcome.sent} requests, {load.outcome.held_back} held back, {opened} sockets, "
            f"{samples[0][1]:.1f} -> {samples[-1][1]:.1f} MiB)"
        )
        return [
            Row("R28", f"memory grows by less than {TARGET:g} MiB in 10 min", figure, per_ten_minutes < TARGET),
            Row("R28", "no request is lost meanwhile", f"{broken} of {load.outcome.sent}", broken == 0),
        ]


async def _capacity(load: OpenLoad, mixed: Iterator[bytes], heavy_rate: float) -> float:
    """Requests of the mix per second that are still answered in time (p50 below 50 ms), found upwards."""
    rate = heavy_rate
    while rate < heavy_rate * 6:
        outcome = await load.run(lambda: next(mixed), rate * 1.25, 4)
        if outcome.percentile(0.5) > 50 or outcome.broken:
            break
        rate *= 1.25
    return rate


async def _warm_up(load: OpenLoad, running: Stage, mixed: Iterator[bytes], rate: float) -> None:
    new = itertools.count(2 * 10**9)
    until = time.monotonic() + MAX_WARM_UP
    while await running.metric("gateway_known_operations") < MAX_KNOWN_OPERATIONS and time.monotonic() < until:
        await load.run(lambda: new_operation(next(new)), 60, 2, MAX_WAITING)
    await load.run(lambda: next(mixed), rate, SETTLING, MAX_WAITING)
    known = await running.metric("gateway_known_operations")
    print(f"memory: warm, {known:.0f} operations known", flush=True)


async def _sampled(
    load: OpenLoad, running: Stage, mixed: Iterator[bytes], rate: float, seconds: float
) -> list[tuple[float, float]]:
    samples: list[tuple[float, float]] = []
    gateway = running.gateway
    started = time.monotonic()

    async def watch() -> None:
        while True:
            samples.append((time.monotonic() - started, gateway.memory_info().rss / 2**20))
            if len(samples) % TOLD_EVERY == 1:
                print(f"memory: {samples[-1][0]:6.0f} s {samples[-1][1]:7.2f} MiB", flush=True)
            await asyncio.sleep(SAMPLE_EVERY)

    watching = asyncio.create_task(watch())
    # Where others use the machine, too, there is not always half of it left: load that piles up is not what is measured here.
    await load.run(lambda: next(mixed), rate, seconds, MAX_WAITING)
    watching.cancel()
    return samples


async def churn_sockets(running: Stage, seed: int, stopping: asyncio.Event) -> int:
    """Open a socket, follow something, leave in one of three ways, again and again; return how often."""
    chance = random.Random(seed)
    opened = 0
    url = f"ws://127.0.0.1:{running.gateway_port}/graphql"
    while not stopping.is_set():
        opened += 1
        # On a busy machine a handshake may come too late, on either side; the next one will have more luck.
        with contextlib.suppress(TimeoutError, ConnectionClosed, OSError):
            await _follow_for_a_while(url, chance)
    return opened


async def _follow_for_a_while(url: str, chance: random.Random) -> None:
    async with SocketClient(url) as client:
        await client.subscribe("1", f'subscription {{ ticks(every: 0.5, room: "{chance.randrange(5)}") }}')
        await client.subscribe("2", SIMPLE)
        await client.receive_many(3)
        await asyncio.sleep(chance.uniform(0.5, 5))
        match chance.randrange(3):
            case 0:
                await client.send({"id": "1", "type": "complete"})
            case 1:
                client.socket.transport.abort()


def slope(samples: list[tuple[float, float]]) -> float:
    """Least squares: MiB per second."""
    mean_x = sum(x for x, _ in samples) / len(samples)
    mean_y = sum(y for _, y in samples) / len(samples)
    over = sum((x - mean_x) * (y - mean_y) for x, y in samples)
    under = sum((x - mean_x) ** 2 for x, _ in samples)
    return over / under if under else 0.0
