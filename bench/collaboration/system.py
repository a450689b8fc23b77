"""A running system that is measured: its processes, and what they have used so far."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import psutil


@dataclass(slots=True)
class System:
    """`processes` by role; the processor time of a role is that of its process and all of its children."""

    name: str
    processes: dict[str, psutil.Process] = field(default_factory=dict)

    def cpu(self) -> dict[str, float]:
        """Processor seconds so far, by role."""
        return {name: sum(map(_seconds, _family(process))) for name, process in self.processes.items()}

    def memory(self) -> dict[str, int]:
        """Resident bytes, by role; PostgreSQL's shared pages count once for each of its processes, so it is left out."""
        return {
            name: sum(item.memory_info().rss for item in _family(process))
            for name, process in self.processes.items()
            if name != "postgres"
        }

    @staticmethod
    def load_average() -> float:
        """Of the last minute: latencies mean something while it is below the number of processors."""
        return round(os.getloadavg()[0], 1)


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system
