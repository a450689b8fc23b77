"""R41: what is said through one gateway and one replica is heard through the others; how soon is printed with `-s`."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from deploy.local.plan import REPLICA_PORTS
from deploy.local.ports import free_block
from tests.system.conftest import RunningUp, up
from tests.system.crowd import PATIENCE, Follower, Person, crowd

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(900)]

PAIRS = 5
ROUNDS = 60
PAUSE = 0.05  # seconds between two messages: 20 a second


@dataclass(slots=True)
class TimedFollower(Follower):
    """Notes when it heard of each message."""

    heard_at: dict[str, float] = field(default_factory=dict)

    def _hear(self, event: dict[str, Any]) -> None:
        count = len(self.messages)
        Follower._hear(self, event)
        for message_id in self.messages[count:]:
            self.heard_at[message_id] = time.perf_counter()


async def test_what_is_said_on_one_replica_is_heard_on_the_other(data_folder: Path) -> None:
    folder = data_folder.parent / "other-replica"
    options = ("--bus", "nats", "--replicas", "collaboration=2", "gateway=2")
    with up(folder, free_block(REPLICA_PORTS + 50), *options) as running:
        await asyncio.to_thread(running.wait_until_up)
        from_sending, from_answer = await _seconds_until_heard(running)
    print(
        f"\n{len(from_sending)} messages through two gateways, heard after sending: {_told(from_sending)}; "
        f"after the answer to who sent: {_told(from_answer)}"
    )


def _told(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    p50, p99 = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    return f"p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms"


async def _seconds_until_heard(running: RunningUp) -> tuple[list[float], list[float]]:
    """Everybody speaks through the first gateway, and both listen through the second: seconds since sending, and since the answer."""
    first, second = (f"http://127.0.0.1:{running.first_port + REPLICA_PORTS + number}" for number in (1, 2))
    async with crowd(running.gateway_url, PAIRS, 1) as people:
        listening = [TimedFollower(replace(person, url=second)) for person in people.people]
        tasks = [asyncio.create_task(follower.run()) for follower in listening]
        async with asyncio.timeout(PATIENCE):
            for follower in listening:
                await follower.is_there.wait()
        times: dict[str, tuple[float, float]] = {}
        speakers = [replace(person, url=first) for person in people.people]
        speaking = []
        for number in range(ROUNDS * len(speakers)):
            speaking.append(asyncio.create_task(_say(speakers[number % len(speakers)], number, times)))
            await asyncio.sleep(PAUSE)
        await asyncio.gather(*speaking)
        by_session: dict[str, list[TimedFollower]] = {}
        for follower in listening:
            by_session.setdefault(follower.person.session_id, []).append(follower)
        async with asyncio.timeout(PATIENCE):
            while any(sum(len(it.heard_at) for it in pair) < 2 * 2 * ROUNDS for pair in by_session.values()):
                await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert [reason for follower in listening for reason in follower.resyncs] == []
    heard = [(*times[message_id], at) for follower in listening for message_id, at in follower.heard_at.items()]
    return [at - sent for sent, _, at in heard], [at - answered for _, answered, at in heard]


async def _say(person: Person, number: int, times: dict[str, tuple[float, float]]) -> None:
    began = time.perf_counter()
    message_id = await person.say(f"message {number}", f"n{number}")
    times[message_id] = (began, time.perf_counter())
