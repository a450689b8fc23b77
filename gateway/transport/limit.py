"""LimitTransport: a bound on how many fetches of one subgraph are on their way, and on how many wait for their turn."""

from __future__ import annotations

import asyncio
from collections import deque

from ..errors import SubgraphOverloaded, SubgraphTimeout
from .dispatch import NOTHING_TO_CANCEL, AnswerCallback, Cancellable, Outcome, WrappingTransport
from .interface import SubgraphRequest, SubgraphTransport


class LimitTransport(WrappingTransport):
    """Sends at most `max_in_flight` requests at a time; up to `max_waiting` more wait in order, the rest is refused at once."""

    def __init__(self, inner: SubgraphTransport, max_in_flight: int, max_waiting: int = 0) -> None:
        super().__init__(inner)
        self._max_in_flight = max_in_flight
        self._max_waiting = max_waiting
        self._in_flight = 0
        self._waiting: deque[LimitedFetch] = deque()

    def __repr__(self) -> str:
        return f"<LimitTransport: {self._in_flight} of {self._max_in_flight} in flight, {len(self._waiting)} waiting>"

    def dispatch(self, request: SubgraphRequest, on_outcome: AnswerCallback) -> Cancellable:
        if self._in_flight >= self._max_in_flight and len(self._waiting) >= self._max_waiting:
            name = request.subgraph_name
            message = f'Subgraph "{name}" already has {self._in_flight} requests in flight.'
            on_outcome(SubgraphOverloaded(name, message))
            return NOTHING_TO_CANCEL
        fetch = LimitedFetch(self, request, on_outcome)
        if self._in_flight < self._max_in_flight:
            self.start(fetch)
        else:
            fetch.timer = asyncio.get_running_loop().call_later(request.timeout, fetch.time_out)
            self._waiting.append(fetch)
        return fetch

    def start(self, fetch: LimitedFetch) -> None:
        """Send it now."""
        self._in_flight += 1
        fetch.is_started = True
        fetch.handle = self._inner.dispatch(fetch.request, fetch.settle)

    def finished(self) -> None:
        """One is over: the next may start."""
        self._in_flight -= 1
        while self._waiting and self._in_flight < self._max_in_flight:
            fetch = self._waiting.popleft()
            if fetch.timer is not None:
                fetch.timer.cancel()
            self.start(fetch)

    def forget(self, fetch: LimitedFetch) -> None:
        """It does not wait any more."""
        if fetch in self._waiting:
            self._waiting.remove(fetch)


class LimitedFetch:
    """One fetch that counts against the limit, or waits to."""

    __slots__ = ("_on_outcome", "_owner", "handle", "is_over", "is_started", "request", "timer")

    def __init__(self, owner: LimitTransport, request: SubgraphRequest, on_outcome: AnswerCallback) -> None:
        self._owner = owner
        self._on_outcome = on_outcome
        self.request = request
        self.handle: Cancellable | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.is_started = False
        self.is_over = False

    def settle(self, outcome: Outcome) -> None:
        """The outcome is here: make room, then tell."""
        self.is_over = True
        self._owner.finished()
        self._on_outcome(outcome)

    def time_out(self) -> None:
        """It waited for its whole time."""
        self._owner.forget(self)
        name = self.request.subgraph_name
        self._on_outcome(SubgraphTimeout(name, f'Subgraph "{name}" was too busy for {self.request.timeout:g} s.'))

    def cancel(self) -> None:
        if self.is_over:
            return
        self.is_over = True
        if self.timer is not None:
            self.timer.cancel()
        if self.is_started:
            if self.handle is not None:
                self.handle.cancel()
            self._owner.finished()
        else:
            self._owner.forget(self)
