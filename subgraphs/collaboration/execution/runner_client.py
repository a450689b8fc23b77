"""How the subgraph asks the runner: a port, and what stands there when there is no runner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..errors import ExecutionUnavailable
from .jobs import Job, JobResult


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A language that code can be run in, and what runs it."""

    language: str
    version: str


class Runner(Protocol):
    """Runs jobs, one at a time or several, each in a sandbox."""

    async def toolchains(self) -> list[Toolchain]:
        """What can be run. Raises ExecutionUnavailable when nothing can."""
        ...

    async def run(self, job: Job) -> JobResult:
        """Raises ExecutionUnavailable when it cannot be run here and now."""
        ...

    async def aclose(self) -> None: ...


class NoRunner:
    """Stands for a runner where none is configured."""

    async def toolchains(self) -> list[Toolchain]:
        return []

    async def run(self, job: Job) -> JobResult:
        raise ExecutionUnavailable("Running code is not available here: no sandboxed runner is configured.")

    async def aclose(self) -> None:
        return None
