"""Who types, how fast, and what is counted: the same for our system and for the others.

A session is two people who both type, each at half of the session's speed, with uneven pauses. Keys are sent as our provider sends them:
a lone key at once, what follows within 40 ms together, one push at a time. A key counts from the moment it is made until the other has it.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import pycrdt

from subgraphs.collaboration.update_format import read_update

from .system import System

BATCH_SECONDS = 0.04
SETTLE = 3.0  # seconds after the last key for its event to arrive

Mark: TypeAlias = tuple[int, int]
"""A key: the Yjs client that made it, and its clock."""


class Editor(Protocol):
    """One person with a connection to a session."""

    received: dict[Mark, float]
    """When which key of the other arrived (monotonic seconds)."""
    waiting: dict[Mark, asyncio.Future[None]]
    """Who waits for the arrival of a key."""

    async def send(self, updates: Sequence[bytes]) -> bool:
        """Hand updates over; returns when they are acknowledged, True, or at once where nothing is acknowledged, False."""
        ...

    async def close(self) -> None: ...


@dataclass(slots=True)
class Typist:
    """Makes the updates of somebody who types into the shared text."""

    document: Any = field(default_factory=lambda: pycrdt.Doc(client_id=secrets.randbelow(2**32 - 1) + 1))
    keys: int = 0
    _made: list[bytes] = field(default_factory=list)
    _subscription: Any = None

    def __post_init__(self) -> None:
        self._subscription = self.document.observe(lambda event: self._made.append(event.update))

    def key(self, text_name: str = "code:PYTHON") -> tuple[Mark, bytes]:
        """One key: its mark and its update."""
        text = self.document.get(text_name, type=pycrdt.Text)
        text += "x"
        self.keys += 1
        return (self.document.client_id, self.keys - 1), self._made.pop()


def note_arrival(editor: Editor, update: bytes, now: float) -> None:
    """Remember which keys an update brought."""
    for written in read_update(update).written:
        for clock in range(written.clock, written.clock + written.length):
            mark = (written.client, clock)
            editor.received.setdefault(mark, now)
            waiting = editor.waiting.pop(mark, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(None)


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from a key to the other's socket, and what the keys cost."""

    system: str
    sessions: int
    keys_per_second: float
    keys: int
    lost: int
    p50_ms: float
    p99_ms: float
    acknowledged_p50_ms: float | None
    """Until the writer knows that it is on disk; None where nobody tells him."""
    cpu_ms_per_key: dict[str, float]
    load_average: float


@dataclass(frozen=True, slots=True)
class Throughput:
    """As fast as it goes: each person sends a key when the other has got the one before."""

    system: str
    sessions: int
    updates_per_second: float
    updates_per_cpu_second: float
    cpu_share: dict[str, float]


async def key_to_peer(
    system: System, pairs: Sequence[tuple[Editor, Editor]], keys_per_second: float, seconds: float
) -> Latency:
    """Everybody types for so long, each pair at this speed."""
    sent: dict[Mark, tuple[Editor, float]] = {}
    acknowledged: list[float] = []
    before = system.cpu()
    async with asyncio.TaskGroup() as tasks:
        for pair in pairs:
            for writer, reader in (pair, pair[::-1]):
                tasks.create_task(_type(writer, reader, keys_per_second / 2, seconds, sent, acknowledged))
    await asyncio.sleep(SETTLE)
    spent = {name: value - before[name] for name, value in system.cpu().items()}
    latencies = sorted(
        (reader.received[mark] - at) * 1000 for mark, (reader, at) in sent.items() if mark in reader.received
    )
    return Latency(
        system.name,
        len(pairs),
        round(len(sent) / seconds, 1),
        len(sent),
        len(sent) - len(latencies),
        round(statistics.median(latencies), 1),
        round(latencies[int(len(latencies) * 0.99)], 1),
        round(statistics.median(acknowledged) * 1000, 1) if acknowledged else None,
        {name: round(value * 1000 / len(sent), 3) for name, value in spent.items()},
        system.load_average(),
    )


async def throughput(system: System, pairs: Sequence[tuple[Editor, Editor]], seconds: float) -> Throughput:
    """Everybody sends the next key as soon as the other has the last one."""
    before, started = system.cpu(), time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        writing = [
            tasks.create_task(_write_on(writer, reader, started + seconds))
            for pair in pairs
            for writer, reader in (pair, pair[::-1])
        ]
    elapsed = time.perf_counter() - started
    spent = {name: value - before[name] for name, value in system.cpu().items()}
    keys = sum(task.result() for task in writing)
    return Throughput(
        system.name,
        len(pairs),
        round(keys / elapsed, 1),
        round(keys / sum(spent.values()), 1),
        {name: round(value / elapsed, 2) for name, value in spent.items()},
    )


async def _type(
    writer: Editor,
    reader: Editor,
    rate: float,
    seconds: float,
    sent: dict[Mark, tuple[Editor, float]],
    acknowledged: list[float],
) -> None:
    typist, begun = Typist(), time.perf_counter()
    async with _outbox(writer, acknowledged) as outbox:
        due = random.random() / rate
        while due < seconds:
            await asyncio.sleep(max(0.0, begun + due - time.perf_counter()))
            mark, update = typist.key()
            sent[mark] = reader, time.perf_counter()
            outbox.put_nowait(update)
            due += random.uniform(0.5, 1.5) / rate


@asynccontextmanager
async def _outbox(writer: Editor, acknowledged: list[float]) -> AsyncIterator[asyncio.Queue[bytes]]:
    """What is put here is sent as our provider does it; left when everything is sent."""
    waiting: asyncio.Queue[bytes] = asyncio.Queue()

    async def drain() -> None:
        while True:
            updates = [await waiting.get()]
            while not waiting.empty():
                updates.append(waiting.get_nowait())
            started = time.perf_counter()
            if await writer.send(updates):
                acknowledged.append(time.perf_counter() - started)
            for _ in updates:
                waiting.task_done()
            await asyncio.sleep(max(0.0, started + BATCH_SECONDS - time.perf_counter()))

    task = asyncio.create_task(drain())
    try:
        yield waiting
        await waiting.join()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _write_on(writer: Editor, reader: Editor, until: float) -> int:
    typist = Typist()
    while time.perf_counter() < until:
        mark, update = typist.key()
        arrived = reader.waiting[mark] = asyncio.get_running_loop().create_future()
        await writer.send([update])
        await asyncio.wait_for(arrived, 30)
    return typist.keys
