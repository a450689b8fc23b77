"""Joining late and idle participants. Typing is measured in typing_load, running code in running_code."""

from __future__ import annotations

import asyncio
import base64
import time
from dataclasses import dataclass, replace

import aiohttp
import pycrdt

from .peers import peer_pairs
from .people import pairs_in_sessions
from .stage import Stage
from .system import System
from .typing_load import Typist

LATE_UPDATES = 20_000
PUSH_SIZE = 100
COMPACTED_AFTER = 25.0  # seconds: the longest until the subgraph looks at the document, and some to merge it


@dataclass(frozen=True, slots=True)
class LateJoin:
    """What it takes to join after many updates."""

    system: str
    updates: int
    push_seconds: float
    query_ms: float
    apply_ms: float
    bytes: int


@dataclass(frozen=True, slots=True)
class Idle:
    """What a participant costs who does nothing."""

    system: str
    participants: int
    kib_each: dict[str, float]
    cpu_ms_per_minute_each: dict[str, float]


async def late_join(stage: Stage) -> LateJoin:
    """Write many single-key updates, wait until they are compacted, join."""
    async with aiohttp.ClientSession() as client:
        ((first, second),) = await pairs_in_sessions(stage, client, 1)
        typist = Typist()
        push = "mutation ($input: PushUpdatesInput!) { pushUpdates(input: $input) { __typename } }"
        started = time.perf_counter()
        for _ in range(LATE_UPDATES // PUSH_SIZE):
            keys = [base64.b64encode(typist.key()[1]).decode() for _ in range(PUSH_SIZE)]
            while (await first.ask(push, input={"sessionId": first.session_id, "updates": keys}))["pushUpdates"][
                "__typename"
            ] != "UpdatesAcknowledged":
                await asyncio.sleep(0.05)
        pushed = time.perf_counter() - started
        await asyncio.sleep(COMPACTED_AFTER)
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
        stage.system.name,
        LATE_UPDATES,
        round(pushed, 1),
        round((loaded - started) * 1000, 1),
        round((applied - loaded) * 1000, 1),
        sum(map(len, updates)),
    )


async def idle(stage: Stage, sessions: int, seconds: float) -> Idle:
    """Pairs that follow their sessions and do nothing."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        before = stage.system.memory()
        pairs = await pairs_in_sessions(stage, client, sessions)
        found = await _idle(stage.system, before, 2 * sessions, seconds)
        for pair in pairs:
            for person in pair:
                await person.close()
    return found


async def idle_at_peer(system: System, url: str, sessions: int, seconds: float) -> Idle:
    """The same at a peer."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        before = system.memory()
        pairs = await peer_pairs(system.name, url, client, sessions)
        found = await _idle(system, before, 2 * sessions, seconds)
        for pair in pairs:
            for editor in pair:
                await editor.close()
    return found


async def _idle(system: System, before: dict[str, int], people: int, seconds: float) -> Idle:
    memory = {name: (value - before[name]) / 1024 / people for name, value in system.memory().items()}
    spent = system.cpu()
    await asyncio.sleep(seconds)
    cpu = {name: (value - spent[name]) * 1000 / people * 60 / seconds for name, value in system.cpu().items()}
    return Idle(
        system.name,
        people,
        {name: round(value, 1) for name, value in memory.items()},
        {name: round(value, 2) for name, value in cpu.items()},
    )


async def late_join_at_peer(system: System, url: str) -> LateJoin:
    """The same at a peer: its document is asked for with an empty state vector."""
    async with aiohttp.ClientSession() as client:
        ((first, second),) = await peer_pairs(system.name, url, client, 1)
        typist, started = Typist(), time.perf_counter()
        mark, update = typist.key()
        for _ in range(LATE_UPDATES - 1):
            await first.send([update])
            mark, update = typist.key()
        arrived = second.waiting[mark] = asyncio.get_running_loop().create_future()
        await first.send([update])
        await asyncio.wait_for(arrived, 120)
        pushed = time.perf_counter() - started
        joining = replace(second, received={}, waiting={}, synced=asyncio.Event())
        started = time.perf_counter()
        await joining.connect()
        loaded = time.perf_counter()
        copy: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
        copy.apply_update(joining.loaded)
        applied = time.perf_counter()
        for editor in (first, second, joining):
            await editor.close()
    return LateJoin(
        system.name,
        LATE_UPDATES,
        round(pushed, 1),
        round((loaded - started) * 1000, 1),
        round((applied - loaded) * 1000, 1),
        len(joining.loaded),
    )
