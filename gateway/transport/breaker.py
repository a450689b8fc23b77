"""BreakerTransport: stops asking a subgraph that mostly fails, and tries one request now and then until it works again."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ..errors import SubgraphOverloaded, SubgraphTimeout, SubgraphUnreachable
from .dispatch import NOTHING_TO_CANCEL, AnswerCallback, Cancellable, Outcome, WrappingTransport
from .interface import SubgraphRequest, SubgraphResponse, SubgraphTransport

BUCKETS = 10  # the window moves in tenths: old calls leave it a tenth at a time


class BreakerState(StrEnum):
    """CLOSED lets everything through, OPEN nothing, HALF_OPEN one probe."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """Opens when `failure_rate` of at least `min_calls` calls within `window` seconds failed; one probe after `open_for` seconds."""

    failure_rate: float = 0.5
    min_calls: int = 20
    window: float = 10.0
    open_for: float = 5.0


class BreakerTransport(WrappingTransport):
    """Counts unreachable subgraphs, timeouts and HTTP 502 to 504 as failures; a GraphQL error is an answer, not a failure."""

    def __init__(
        self,
        inner: SubgraphTransport,
        settings: BreakerSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(inner)
        self._settings = settings or BreakerSettings()
        self._clock = clock
        self._buckets: deque[Bucket] = deque()
        self._opened_at = 0.0
        self.state = BreakerState.CLOSED

    def __repr__(self) -> str:
        calls, failures = self._counts()
        return f"<BreakerTransport {self.state}: {failures} of {calls} calls failed>"

    def dispatch(self, request: SubgraphRequest, on_outcome: AnswerCallback) -> Cancellable:
        if self.state is BreakerState.CLOSED:
            return self._inner.dispatch(request, ObservedCall(self, on_outcome))
        if self.state is BreakerState.OPEN and self._clock() - self._opened_at >= self._settings.open_for:
            self.state = BreakerState.HALF_OPEN
            probe = Probe(self, on_outcome)
            probe.handle = self._inner.dispatch(request, probe)
            return probe
        name = request.subgraph_name
        on_outcome(SubgraphOverloaded(name, f'Subgraph "{name}" keeps failing and is not asked for a moment.'))
        return NOTHING_TO_CANCEL

    def record(self, is_failure: bool) -> None:
        """Count one call; opens the breaker when the rate is reached."""
        now = self._clock()
        width = self._settings.window / BUCKETS
        if not self._buckets or now - self._buckets[-1].started >= width:
            self._buckets.append(Bucket(now))
            while now - self._buckets[0].started > self._settings.window:
                self._buckets.popleft()
        bucket = self._buckets[-1]
        bucket.calls += 1
        if not is_failure or self.state is not BreakerState.CLOSED:
            return
        bucket.failures += 1
        calls, failures = self._counts()
        if calls >= self._settings.min_calls and failures >= calls * self._settings.failure_rate:
            self.open()

    def open(self) -> None:
        """Let nothing through from now on."""
        self.state = BreakerState.OPEN
        self._opened_at = self._clock()

    def close(self) -> None:
        """Let everything through again, with a clean slate."""
        self.state = BreakerState.CLOSED
        self._buckets.clear()

    def _counts(self) -> tuple[int, int]:
        return sum(bucket.calls for bucket in self._buckets), sum(bucket.failures for bucket in self._buckets)


class Bucket:
    """The calls of a tenth of the window."""

    __slots__ = ("calls", "failures", "started")

    def __init__(self, started: float) -> None:
        self.started = started
        self.calls = 0
        self.failures = 0


class ObservedCall:
    """The callback of one call: counts, then tells."""

    __slots__ = ("_breaker", "_on_outcome")

    def __init__(self, breaker: BreakerTransport, on_outcome: AnswerCallback) -> None:
        self._breaker = breaker
        self._on_outcome = on_outcome

    def __call__(self, outcome: Outcome) -> None:
        self._breaker.record(is_failure(outcome))
        self._on_outcome(outcome)


class Probe:
    """The one call of a half-open breaker: its outcome decides."""

    __slots__ = ("_breaker", "_is_over", "_on_outcome", "handle")

    def __init__(self, breaker: BreakerTransport, on_outcome: AnswerCallback) -> None:
        self._breaker = breaker
        self._on_outcome = on_outcome
        self._is_over = False
        self.handle: Cancellable | None = None

    def __call__(self, outcome: Outcome) -> None:
        self._is_over = True
        if is_failure(outcome):
            self._breaker.open()
        else:
            self._breaker.close()
        self._on_outcome(outcome)

    def cancel(self) -> None:
        # A probe that nobody waits for tells nothing: the breaker waits for the next one.
        if not self._is_over:
            self._is_over = True
            self._breaker.open()
            if self.handle is not None:
                self.handle.cancel()


def is_failure(outcome: Outcome) -> bool:
    """Whether this outcome speaks for a subgraph in trouble."""
    if isinstance(outcome, SubgraphResponse):
        return 502 <= outcome.status <= 504
    return isinstance(outcome, SubgraphUnreachable | SubgraphTimeout)
