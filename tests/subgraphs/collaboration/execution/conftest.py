"""A sandbox of this machine and a slot in it; without bubblewrap these tests are skipped, and say so."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from subgraphs.collaboration.execution import Job, JobResult
from subgraphs.collaboration.execution.sandbox import Sandbox, SandboxMissing
from subgraphs.collaboration.execution.slots import FIRST_UID, Slot, make_slots
from subgraphs.collaboration.execution.supervise import carry_out

Run = Callable[[Job], Awaitable[JobResult]]
# Test runs beside each other, and beside a runner that serves, must not share a uid: process limits count per uid.
_numbers = itertools.count(FIRST_UID + 500 + os.getpid() % 5000)


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    try:
        return Sandbox.find()
    except SandboxMissing as missing:
        pytest.skip(f"no sandbox here: {missing}")


@pytest.fixture
async def slot() -> AsyncIterator[Slot]:
    (slot,) = make_slots(1, next(_numbers))
    yield slot
    await slot.aclose()


@pytest.fixture
def run(sandbox: Sandbox, slot: Slot) -> Run:
    """Carry out a job in a sandbox that stood ready, as the runner does."""

    async def run_job(job: Job) -> JobResult:
        await slot.make_ready(sandbox)
        return await carry_out(sandbox, slot, job)

    return run_job
