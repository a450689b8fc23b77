"""RunningFetch: one request of a plan on its way to a subgraph; SharedCount: how many requests of one fetch are still on theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..transport.dispatch import Outcome
from .compiled_plan import CompiledFetch
from .joined_fetches import JoinedRequest
from .representations import Batch

if TYPE_CHECKING:
    from .plan_run import PlanRun


class RunningFetch:
    """The callback of one request on its way."""

    __slots__ = ("_run", "batches", "bytes_sent", "fetch", "is_answered", "joined", "remaining", "started")

    def __init__(
        self,
        run: PlanRun,
        fetch: CompiledFetch,
        batches: tuple[Batch, ...],
        remaining: SharedCount | None,
        joined: JoinedRequest | None,
    ) -> None:
        self._run = run
        self.fetch = fetch
        self.batches = batches
        self.remaining = remaining
        self.joined = joined
        self.is_answered = False
        self.started = 0.0
        self.bytes_sent = 0

    def __call__(self, outcome: Outcome) -> None:
        self.is_answered = True
        self._run.answered(self, outcome)


class SharedCount:
    """Counts down the requests of one fetch."""

    __slots__ = ("_left",)

    def __init__(self, count: int) -> None:
        self._left = count

    def last(self) -> bool:
        """Count one; whether it was the last."""
        self._left -= 1
        return self._left == 0
