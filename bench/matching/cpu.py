"""CPU seconds of a private PostgreSQL and all its processes, so that figures can be told apart from whatever else the machine does."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import psutil


def server_cpu(data_folder: Path) -> float:
    """User and system seconds so far, those of ended backends included."""
    postmaster = psutil.Process(int((data_folder / "postmaster.pid").read_text().splitlines()[0]))
    times = postmaster.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in postmaster.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            total += child.cpu_times().user + child.cpu_times().system
    return float(total)
