"""The measurements: key to peer, joining late, idle participants, running code."""

from __future__ import annotations

import asyncio
import base64
import os
import statistics
import subprocess
import time
from dataclasses import dataclass

import aiohttp
import pycrdt

from subgraphs.collaboration.execution import CaseInput, Job, JobKind, Verdict
from subgraphs.collaboration.execution.cgroups import control_groups
from subgraphs.collaboration.execution.sandbox import FIRST_UID, Sandbox, Slot
from subgraphs.collaboration.execution.supervise import carry_out

from .people import Person, Typist, pairs_in_sessions
from .stage import Stage

SETTLE = 2.0  # seconds after the last key for its event to arrive
LATE_UPDATES = 20_000
PUSH_SIZE = 100


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from a key to the other's socket, and what the keys cost."""

    sessions: int
    keys: int
    lost: int
    p50_ms: float
    p99_ms: float
    acknowledged_p50_ms: float
    cpu_ms_per_key: dict[str, float]


@dataclass(frozen=True, slots=True)
class LateJoin:
    """What it takes to join after many updates."""

    updates: int
    push_seconds: float
    query_ms: float
    apply_ms: float
    bytes: int


@dataclass(frozen=True, slots=True)
class Idle:
    """What a participant costs who does nothing."""

    participants: int
    kib_each: dict[str, float]
    cpu_ms_per_minute_each: dict[str, float]


@dataclass(frozen=True, slots=True)
class Runs:
    """Running a small Python program."""

    per_second: float
    median_ms: float
    bare_ms: float
    """The same program without the sandbox."""


async def key_to_peer(stage: Stage, sessions: int, keys_per_second: float, seconds: float) -> Latency:
    """One of each pair types at this speed; each key is stored, acknowledged and seen by the other."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as client:
        pairs = await pairs_in_sessions(stage, client, sessions)
        sent: list[dict[str, float]] = []
        acknowledged: list[float] = []
        before = {name: stage.cpu_seconds(name) for name in stage.processes}
        async with asyncio.TaskGroup() as tasks:
            for place, (first, _) in enumerate(pairs):
                times: dict[str, float] = {}
                sent.append(times)
                start = place / sessions / keys_per_second
                tasks.create_task(_type(first, times, acknowledged, start, keys_per_second, seconds))
        await asyncio.sleep(SETTLE)
        spent = {name: stage.cpu_seconds(name) - before[name] for name in stage.processes}
        latencies = [
            (second.received[update] - at) * 1000
            for times, (_, second) in zip(sent, pairs, strict=True)
            for update, at in times.items()
            if update in second.received
        ]
        keys = sum(map(len, sent))
        for pair in pairs:
            for person in pair:
                await person.close()
    latencies.sort()
    return Latency(
        sessions,
        keys,
        keys - len(latencies),
        round(statistics.median(latencies), 1),
        round(latencies[int(len(latencies) * 0.99)], 1),
        round(statistics.median(acknowledged) * 1000, 1),
        {name: round(value * 1000 / keys, 2) for name, value in spent.items()},
    )


async def _type(
    person: Person, times: dict[str, float], acknowledged: list[float], start: float, rate: float, seconds: float
) -> None:
    typist = Typist()
    await asyncio.sleep(start)
    begun = time.perf_counter()
    pushes: set[asyncio.Task[None]] = set()
    number = 0
    while (due := number / rate) < seconds:
        await asyncio.sleep(max(0.0, begun + due - time.perf_counter()))
        update = typist.key()
        times[update] = time.perf_counter()
        task = asyncio.create_task(_push(person, update, acknowledged))
        pushes.add(task)
        task.add_done_callback(pushes.discard)
        number += 1
    await asyncio.gather(*pushes)


async def _push(person: Person, update: str, acknowledged: list[float]) -> None:
    started = time.perf_counter()
    answer = await person.push(update)
    pushed = (answer.get("data") or {}).get("pushUpdates") or {}
    if pushed.get("__typename") != "UpdatesAcknowledged":
        raise RuntimeError(str(answer))
    acknowledged.append(time.perf_counter() - started)


async def late_join(stage: Stage) -> LateJoin:
    """Write many single-key updates, wait until they are compacted, join."""
    async with aiohttp.ClientSession() as client:
        ((first, second),) = await pairs_in_sessions(stage, client, 1)
        typist = Typist()
        push = "mutation ($input: PushUpdatesInput!) { pushUpdates(input: $input) { __typename } }"
        started = time.perf_counter()
        for _ in range(LATE_UPDATES // PUSH_SIZE):
            keys = [typist.key() for _ in range(PUSH_SIZE)]
            while (await first.ask(push, input={"sessionId": first.session_id, "updates": keys}))["pushUpdates"][
                "__typename"
            ] != "UpdatesAcknowledged":
                await asyncio.sleep(0.05)
        pushed = time.perf_counter() - started
        await asyncio.sleep(10)
        started = time.perf_counter()
        document = await second.ask("query ($id: ID!) { document(sessionId: $id) { updates } }", id=second.session_id)
        loaded = time.perf_counter()
        updates = [base64.b64decode(update) for update in document["document"]["updates"]]
        copy: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
        for update in updates:
            copy.apply_update(update)
        applied = time.perf_counter()
        length = len(str(copy.get("code:PYTHON", type=pycrdt.Text)))
        if length < LATE_UPDATES:
            raise RuntimeError(f"the document has {length} characters of {LATE_UPDATES}")
        await first.close()
        await second.close()
    return LateJoin(
        LATE_UPDATES,
        round(pushed, 1),
        round((loaded - started) * 1000, 1),
        round((applied - loaded) * 1000, 1),
        sum(map(len, updates)),
    )


async def idle(stage: Stage, sessions: int, seconds: float) -> Idle:
    """Pairs that follow their sessions and do nothing."""
    before = {name: stage.memory(name) for name in stage.processes}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        pairs = await pairs_in_sessions(stage, client, sessions)
        people = 2 * sessions
        memory = {name: (stage.memory(name) - before[name]) / 1024 / people for name in stage.processes}
        spent = {name: stage.cpu_seconds(name) for name in stage.processes}
        await asyncio.sleep(seconds)
        cpu = {name: (stage.cpu_seconds(name) - spent[name]) * 1000 / people * 60 / seconds for name in stage.processes}
        for pair in pairs:
            for person in pair:
                await person.close()
    return Idle(
        people,
        {name: round(value, 1) for name, value in memory.items()},
        {name: round(value, 2) for name, value in cpu.items()},
    )


async def runs(count: int, workers: int) -> Runs:
    """Run a small Python program many times, `workers` at once, and once more without the sandbox."""
    sandbox = Sandbox.find()
    groups = control_groups(workers)
    uid = FIRST_UID + 20_000 if os.geteuid() == 0 else None
    slots = [Slot(n, group, None if uid is None else uid + n) for n, group in enumerate(groups)]
    job = Job(JobKind.PROGRAM, "python", "print('hello')", (CaseInput(),), "bench")
    durations: list[float] = []

    async def work(slot: Slot) -> None:
        for _ in range(count // workers):
            started = time.perf_counter()
            (case,) = (await carry_out(sandbox, slot, job)).cases
            if case.verdict is not Verdict.COMPLETED:
                raise RuntimeError(f"{case}")
            durations.append((time.perf_counter() - started) * 1000)

    started = time.perf_counter()
    await asyncio.gather(*(work(slot) for slot in slots))
    elapsed = time.perf_counter() - started
    alone: list[float] = []
    durations_together = list(durations)
    durations.clear()
    for _ in range(20):
        bare_started = time.perf_counter()
        await asyncio.to_thread(
            subprocess.run, ["/usr/bin/python3", "-I", "-S", "-c", job.source], check=True, capture_output=True
        )
        alone.append((time.perf_counter() - bare_started) * 1000)
        await _one(sandbox, slots[0], job, durations)
    for group in groups:
        group.remove()
    return Runs(
        round(len(durations_together) / elapsed, 1),
        round(statistics.median(durations), 1),
        round(statistics.median(alone), 1),
    )


async def _one(sandbox: Sandbox, slot: Slot, job: Job, durations: list[float]) -> None:
    started = time.perf_counter()
    await carry_out(sandbox, slot, job)
    durations.append((time.perf_counter() - started) * 1000)
