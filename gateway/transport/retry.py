"""RetryTransport: asks again when a query failed on its way, within a budget that keeps a struggling subgraph from being flooded."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..errors import SubgraphUnreachable
from .dispatch import AnswerCallback, Cancellable, Outcome, WrappingTransport
from .interface import SubgraphRequest, SubgraphResponse, SubgraphTransport

RETRIED_STATUSES = frozenset({502, 503, 504})
MAX_SAVED_RETRIES = 10.0  # so that a quiet time does not pay for a storm


@dataclass(frozen=True, slots=True)
class RetrySettings:
    """At most `attempts` tries; the pause before try n is random up to `first_pause * 2**n` seconds ("full jitter").

    Each request earns `budget` of a retry: 0.1 means that retries add at most a tenth to the load (as finagle and linkerd do).
    """

    attempts: int = 3
    first_pause: float = 0.025
    max_pause: float = 0.5
    budget: float = 0.1
    saved_at_start: float = 3.0


class RetryTransport(WrappingTransport):
    """Retries queries that met an unreachable subgraph or HTTP 502 to 504; never mutations, never after a timeout.

    The request's own timeout covers all tries and pauses together.
    """

    def __init__(
        self,
        inner: SubgraphTransport,
        settings: RetrySettings | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(inner)
        self._settings = settings or RetrySettings()
        self._jitter = jitter
        self._saved = self._settings.saved_at_start

    def dispatch(self, request: SubgraphRequest, on_outcome: AnswerCallback) -> Cancellable:
        if request.operation_kind != "query":
            return self._inner.dispatch(request, on_outcome)
        saved = self._saved + self._settings.budget
        self._saved = saved if saved < MAX_SAVED_RETRIES else MAX_SAVED_RETRIES
        retried = RetriedFetch(self, request, on_outcome)
        retried.handle = self._inner.dispatch(request, retried.settle)
        return retried

    def pause_before(self, attempt: int) -> float | None:
        """Seconds to wait before the given attempt (1 is the first retry), or None when there shall be none."""
        if attempt >= self._settings.attempts or self._saved < 1.0:
            return None
        self._saved -= 1.0
        return self._jitter() * min(self._settings.max_pause, self._settings.first_pause * float(2**attempt))

    def send(self, fetch: RetriedFetch) -> Cancellable:
        """Try (again)."""
        return self._inner.dispatch(fetch.request, fetch.settle)


class RetriedFetch:
    """One query with all its tries."""

    __slots__ = ("_attempt", "_deadline", "_on_outcome", "_owner", "_timer", "handle", "request")

    def __init__(self, owner: RetryTransport, request: SubgraphRequest, on_outcome: AnswerCallback) -> None:
        self._owner = owner
        self._on_outcome = on_outcome
        self._attempt = 0
        self._deadline = asyncio.get_running_loop().time() + request.timeout
        self._timer: asyncio.TimerHandle | None = None
        self.request = request
        self.handle: Cancellable | None = None

    def settle(self, outcome: Outcome) -> None:
        """Pass the outcome on, unless it is worth another try."""
        if not can_be_retried(outcome):
            self._on_outcome(outcome)
            return
        self._attempt += 1
        pause = self._owner.pause_before(self._attempt)
        loop = asyncio.get_running_loop()
        if pause is None or loop.time() + pause >= self._deadline:
            self._on_outcome(outcome)
            return
        self._timer = loop.call_later(pause, self._try_again)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self.handle is not None:
            self.handle.cancel()

    def _try_again(self) -> None:
        self._timer = None
        left = self._deadline - asyncio.get_running_loop().time()
        self.request = replace(self.request, timeout=max(left, 0.001))
        self.handle = self._owner.send(self)


def can_be_retried(outcome: Outcome) -> bool:
    """Whether the same query may fare better in a moment."""
    if isinstance(outcome, SubgraphResponse):
        return outcome.status in RETRIED_STATUSES
    return isinstance(outcome, SubgraphUnreachable)
