"""A sandbox of this machine and a slot in it; without bubblewrap these tests are skipped, and say so."""

from __future__ import annotations

import itertools
import os
from collections.abc import Awaitable, Callable, Iterator

import pytest

from subgraphs.collaboration.execution import Job, JobResult
from subgraphs.collaboration.execution.cgroups import control_groups
from subgraphs.collaboration.execution.sandbox import FIRST_UID, Sandbox, SandboxMissing, Slot
from subgraphs.collaboration.execution.supervise import carry_out

Run = Callable[[Job], Awaitable[JobResult]]
# Test runs beside each other, and beside a runner that serves, must not share a uid: process limits count per uid.
_numbers = itertools.count(500 + os.getpid() % 5000)


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    try:
        return Sandbox.find()
    except SandboxMissing as missing:
        pytest.skip(f"no sandbox here: {missing}")


@pytest.fixture
def slot() -> Iterator[Slot]:
    (group,) = control_groups(1)
    slot = Slot(0, group, FIRST_UID + next(_numbers) if os.geteuid() == 0 else None)
    yield slot
    group.remove()


@pytest.fixture
def run(sandbox: Sandbox, slot: Slot) -> Run:
    """Carry out a job in the sandbox."""

    async def run_job(job: Job) -> JobResult:
        return await carry_out(sandbox, slot, job)

    return run_job
