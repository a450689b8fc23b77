"""What a set of entries costs: fetches above all, then how many of them follow one another."""

from __future__ import annotations

from dataclasses import dataclass

from .paths import Entry

FETCH_COST = 1000.0
# Another object type or position in a fetch that goes out anyway: more to send and to merge, but no further request.
SHARED_FETCH_COST = 120.0
# One more stage delays the whole answer by a round trip.
STAGE_COST = 700.0


@dataclass(frozen=True, slots=True)
class Bill:
    """What a set of entries amounts to. Two bills are added in no time, however many entries they stand for."""

    entries: int
    """One bit per entry."""
    requests: int
    """One bit per request; entries of one subgraph at the same stage share one."""
    stages: int
    extra: float = 0.0

    def plus(self, other: Bill) -> Bill:
        """The bill of both sets together."""
        return Bill(
            self.entries | other.entries,
            self.requests | other.requests,
            max(self.stages, other.stages),
            self.extra + other.extra,
        )

    @property
    def cost(self) -> float:
        """The bill in one figure."""
        requests = self.requests.bit_count()
        shared = self.entries.bit_count() - requests
        return requests * FETCH_COST + shared * SHARED_FETCH_COST + self.stages * STAGE_COST + self.extra


class PathCost:
    """Costs of masks over the entries of one search, remembered."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._bills: dict[int, Bill] = {0: Bill(0, 0, 0)}
        self._costs: dict[int, float] = {}
        self._requests: dict[tuple[str, int, int], int] = {}

    def of(self, mask: int) -> float:
        """The cost of fetching all entries whose bits are set."""
        cost = self._costs.get(mask)
        if cost is None:
            cost = self._costs[mask] = self.bill(mask).cost
        return cost

    def bill(self, mask: int) -> Bill:
        """The same, still to be added to."""
        if mask not in self._bills:
            self._bills[mask] = self._computed(mask)
        return self._bills[mask]

    def _computed(self, mask: int) -> Bill:
        requests, depth, left = 0, 0, mask
        while left:
            bit = left & -left
            entry = self.entries[bit.bit_length() - 1]
            number = self._requests.setdefault((entry.head.graph, entry.depth, entry.series), len(self._requests))
            requests |= 1 << number
            depth = max(depth, entry.depth)
            left ^= bit
        return Bill(mask, requests, depth)
