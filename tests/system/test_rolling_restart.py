"""A rolling restart of every service at 50 requests a second and 500 open subscriptions loses no request and no event."""

from __future__ import annotations

import asyncio
import os
import re
import time
from pathlib import Path

import pytest

from deploy.local.plan import REPLICA_PORTS
from deploy.local.ports import free_block
from deploy.local.supervise import ask_for_rolling_restart
from tests.system.conftest import up
from tests.system.crowd import crowd

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(1800)]

RATE = float(os.environ.get("TANDEM_RATE", "50"))  # requests a second
PAIRS = int(os.environ.get("TANDEM_PAIRS", "50"))
DEVICES = int(os.environ.get("TANDEM_DEVICES", "5"))  # subscriptions of each person
WARM_UP = 5.0  # seconds of load before the first process is replaced
RESTART_TIMEOUT = 900.0
REPLICAS = ("users=2", "questions=2", "matching=2", "collaboration=2", "gateway=2")


async def test_a_rolling_restart_loses_no_request_and_no_event(data_folder: Path) -> None:
    folder = data_folder.parent / "rolling"
    options = ("--bus", "nats", "--replicas", *REPLICAS)
    with up(folder, free_block(REPLICA_PORTS + 50), *options) as running:
        await asyncio.to_thread(running.wait_until_up)
        async with crowd(running.gateway_url, PAIRS, DEVICES) as people:
            sockets_before = sum(follower.sockets for follower in people.followers)
            load = asyncio.create_task(people.load(RATE))
            await asyncio.sleep(WARM_UP)
            ask_for_rolling_restart(folder / "up.pid")
            await _done(running.lines)
            await asyncio.sleep(WARM_UP)
            load.cancel()
            await asyncio.gather(load, return_exceptions=True)
            await people.wait_until_told()

    replaced = re.findall(r"(\S+) replaced in ([\d.]+) s", running.output)
    seconds = sorted(people.seconds)
    print(
        f"\n{len(people.followers)} subscriptions, {people.asked} requests at {RATE:g} a second: {len(people.failures)} failed; "
        f"p50 {seconds[len(seconds) // 2] * 1000:.0f} ms, p99 {seconds[int(len(seconds) * 0.99)] * 1000:.0f} ms, "
        f"slowest {seconds[-1] * 1000:.0f} ms; "
        f"{sum(len(said) for said in people.said.values())} messages acknowledged; "
        f"{sum(follower.sockets for follower in people.followers) - sockets_before} sockets opened again; {replaced}"
    )
    print("\n".join(people.failures[:200]))
    assert len(replaced) == 2 * len(REPLICAS), running.output
    assert people.failures == []
    assert people.untold() == []
    assert [reason for follower in people.followers for reason in follower.resyncs] == []


async def _done(lines: list[str]) -> None:
    deadline = time.monotonic() + RESTART_TIMEOUT
    while not any("Rolling restart done" in line for line in lines):
        assert time.monotonic() < deadline, "".join(lines)
        assert not any("Rolling restart stopped" in line for line in lines), "".join(lines)
        await asyncio.sleep(0.2)
