"""Reap what runs leave behind: bubblewrap ends without waiting for the first process of its namespace.

Whoever adopts orphans has to do it. The first process of a container may be the runner itself, and some inits look every few seconds
only; until then the dead count against the limits of their slot, and in the end no run there can begin.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path

import structlog

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h

logger = structlog.get_logger(__name__)


class Orphans:
    """The children of this process that it did not start. All children it does start must be told of at once."""

    def __init__(self) -> None:
        self._is_adopting = False
        self._started: set[int] = set()

    def adopt(self) -> None:
        """Become the parent of what the descendants of this process leave behind. Only for a process that starts nothing but runs."""
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0:
            self._is_adopting = True
        else:
            logger.warning("orphans.not_adopted", error=os.strerror(ctypes.get_errno()))

    def started(self, pid: int) -> None:
        self._started.add(pid)

    def ended(self, pid: int) -> None:
        self._started.discard(pid)

    def reap(self) -> None:
        """Take away the dead among them."""
        if not self._is_adopting:
            return
        for thread in Path("/proc/self/task").iterdir():
            with suppress(OSError):
                children = (thread / "children").read_text().split()
                for pid in {int(child) for child in children} - self._started:
                    os.waitpid(pid, os.WNOHANG)


ORPHANS = Orphans()
