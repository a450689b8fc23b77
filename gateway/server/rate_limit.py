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
from .settings_safety import RateLimitSettings


class RateLimiter:
    """In memory, so for this process; `rate_sharing.SharedRates` lets several processes count together."""

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
        self.on_admitted: Callable[[str, float], None] | None = None
        """Called with the client and the requests that were counted."""

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
        self._set(key, earliest + increment)
        if self.on_admitted is not None:
            self.on_admitted(key, requests)

    def add(self, client: str, requests: float) -> None:
        """Count what another process has let in."""
        now = self._clock()
        # Bounded: who has come to several processes at once waits for what was let in, not for ever.
        latest = now + 2 * self._tolerance
        self._set(client, min(max(self._arrival_times.get(client, now), now) + requests * self._interval, latest))

    def counted(self, client: str) -> float:
        """Return how many requests of a client weigh on it now."""
        now = self._clock()
        return max(0.0, self._arrival_times.get(client, now) - now) / self._interval

    def _set(self, client: str, arrival_time: float) -> None:
        self._arrival_times[client] = arrival_time
        self._arrival_times.move_to_end(client)
        if len(self._arrival_times) > self._settings.max_clients:
            self._arrival_times.popitem(last=False)


def client_key(caller: Caller) -> str:
    """Return who is limited: the person where there is a token, else the address."""
    subject = caller.claims.get("sub") if caller.claims else None
    return f"sub:{subject}" if subject else f"ip:{caller.address}"
