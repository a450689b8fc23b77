"""Rate limits per client by GCRA, the leaky bucket that needs one number for each client.

The "theoretical arrival time" (TAT) of a client is when its bucket will be empty. A request is let in if that lies at
most `burst` requests ahead of now: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from .refusals import RateLimited
from .request import Caller
from .settings import RateLimitSettings


class RateLimiter:
    """In memory, so for this process: with n workers or replicas a client may come to n times the rate."""

    def __init__(
        self,
        settings: RateLimitSettings,
        on_limited: Callable[[], object] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._interval = 1 / settings.rate
        self._tolerance = settings.burst * self._interval
        self._on_limited = on_limited
        self._clock = clock
        self._arrival_times: OrderedDict[str, float] = OrderedDict()

    def charge(self, caller: Caller, cost: int) -> None:
        """Count the cost of an operation beside the request that was admitted. Raises RateLimited."""
        if self._settings.cost_per_request and cost:
            self.admit(caller, cost / self._settings.cost_per_request)

    def admit(self, caller: Caller, requests: float = 1.0) -> None:
        """Count a request. Raises RateLimited, and counts nothing, when it comes too early."""
        key = client_key(caller)
        now = self._clock()
        earliest = max(self._arrival_times.get(key, now), now)
        # What costs more than the whole burst is let in when the bucket is empty, or it would never be.
        increment = min(requests * self._interval, self._tolerance)
        wait = earliest + increment - self._tolerance - now
        if wait > 1e-9:
            self._on_limited()
            raise RateLimited(wait)
        self._arrival_times[key] = earliest + increment
        self._arrival_times.move_to_end(key)
        if len(self._arrival_times) > self._settings.max_clients:
            self._arrival_times.popitem(last=False)


def client_key(caller: Caller) -> str:
    """Return who is limited: the person where there is a token, else the address."""
    subject = caller.claims.get("sub") if caller.claims else None
    return f"sub:{subject}" if subject else f"ip:{caller.address}"
