"""What a set of entries costs: fetches above all, then how many of them follow one another."""

from __future__ import annotations

from .paths import Entry

FETCH_COST = 1000.0
# Another object type or position in a fetch that goes out anyway: more to send and to merge, but no further request.
SHARED_FETCH_COST = 120.0
# One more stage delays the whole answer by a round trip.
STAGE_COST = 700.0


class PathCost:
    """Costs of masks over the entries of one search, remembered."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._costs: dict[int, float] = {0: 0.0}

    def of(self, mask: int) -> float:
        """The cost of fetching all entries whose bits are set."""
        if mask not in self._costs:
            self._costs[mask] = self._computed(mask)
        return self._costs[mask]

    def _computed(self, mask: int) -> float:
        requests: set[tuple[str, int, int]] = set()
        count, depth = 0, 0
        while mask:
            bit = mask & -mask
            entry = self.entries[bit.bit_length() - 1]
            requests.add((entry.head.graph, entry.depth, entry.series))
            depth = max(depth, entry.depth)
            count += 1
            mask ^= bit
        return len(requests) * FETCH_COST + (count - len(requests)) * SHARED_FETCH_COST + depth * STAGE_COST
