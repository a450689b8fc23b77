"""Deadline: the time that planning one operation may take; every stage asks it on the way.

It is processor time of the planning thread: on a machine that is busy with something else, small operations are not refused.
"""

from __future__ import annotations

import time

from ..errors import PlanningLimitExceeded


class Deadline:
    """Starts to run when it is made. `stage` tells what is being done, for the error."""

    __slots__ = ("_ends", "_seconds", "stage")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = time.thread_time() + seconds
        self.stage = "normalizing the operation"

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return time.thread_time() > self._ends

    def check(self) -> None:
        """Raise PlanningLimitExceeded when the time is up."""
        if self.is_over:
            raise PlanningLimitExceeded(
                f"planning took too long: more than {self._seconds:g} s; it was {self.stage}. Ask for less in one operation"
            )
