"""OverloadWatch: whether so many requests were refused lately that a load balancer should send them elsewhere."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

# As Apollo Router: more than 10 refusals within a second, then not ready for 5 s.
ALLOWED_REFUSALS = 10
INTERVAL = 1.0
UNREADY = 5.0


class OverloadWatch:
    """Counts refusals in a sliding interval."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._refusals: deque[float] = deque(maxlen=ALLOWED_REFUSALS + 1)
        self._unready_until = float("-inf")

    def refused(self) -> None:
        """Count one request that was refused because too many were in work."""
        now = self._clock()
        self._refusals.append(now)
        if len(self._refusals) > ALLOWED_REFUSALS and now - self._refusals[0] <= INTERVAL:
            self._unready_until = now + UNREADY

    @property
    def is_overloaded(self) -> bool:
        """Whether the process should get no new requests now."""
        return self._clock() < self._unready_until
