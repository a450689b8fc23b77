"""An in-memory matcher in the way of Nakama's: every interval each active ticket searches an index, in no particular order.

Kept of it: tickets in a map, an inverted index over their properties, a pass per interval over all active tickets in random order, hits
sorted by age, mutual acceptance (`rev_precision`, which Nakama leaves off by default), and that a ticket which wants exactly one partner
searches in one pass only and can be found afterwards. It has no relaxation, no place in line, and forgets everything with its process; it
writes nothing to a disk. Left out: the text index itself (dictionaries stand for it, which are faster), parties, and the network.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from subgraphs.matching.rules import Role

from .population import Arrival

INTERVAL = 15.0  # seconds between passes, Nakama's default
MAX_PASSES = (
    1  # passes a ticket searches in: Nakama's max_intervals is 2, but 1 where the least and the greatest size are equal
)
RATE = 20.0  # arrivals a second in the simulated clock


@dataclass(slots=True)
class MemoryTicket:
    """One ticket."""

    arrival: Arrival
    created_at: float
    passes: int = 0


class IntervalMatcher:
    """The matcher of one process."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._tickets: dict[UUID, MemoryTicket] = {}
        self._active: dict[UUID, MemoryTicket] = {}
        self._index: defaultdict[tuple[str, str, str], set[UUID]] = defaultdict(set)

    def add(self, arrival: Arrival, at: float, *, is_active: bool = True) -> None:
        ticket = MemoryTicket(arrival, at)
        self._tickets[arrival.user_id] = ticket
        if is_active:
            self._active[arrival.user_id] = ticket
        for term in _terms(arrival):
            self._index[term].add(arrival.user_id)

    def run_pass(self) -> list[tuple[MemoryTicket, MemoryTicket]]:
        """One interval's work."""
        active = list(self._active.values())
        self._chance.shuffle(active)
        pairs = []
        for ticket in active:
            if ticket.arrival.user_id not in self._tickets:
                continue
            partner = self._search(ticket)
            ticket.passes += 1
            if partner is not None:
                pairs.append((ticket, partner))
                self._remove(ticket)
                self._remove(partner)
            elif ticket.passes >= MAX_PASSES:
                self._active.pop(ticket.arrival.user_id, None)
        return pairs

    def _search(self, ticket: MemoryTicket) -> MemoryTicket | None:
        wish = ticket.arrival.wish
        hits: set[UUID] = set()
        for topic in wish.topics:
            hits |= self._index[(wish.language, wish.difficulty, topic)]
        found = sorted((self._tickets[id] for id in hits), key=lambda hit: hit.created_at)
        return next((hit for hit in found if _accept_each_other(ticket, hit)), None)

    def _remove(self, ticket: MemoryTicket) -> None:
        user_id = ticket.arrival.user_id
        self._tickets.pop(user_id, None)
        self._active.pop(user_id, None)
        for term in _terms(ticket.arrival):
            self._index[term].discard(user_id)


@dataclass(frozen=True, slots=True)
class Simulated:
    """Sorted waits in simulated seconds, and what the passes cost in real ones."""

    waits: list[float]
    pairs: int
    busy_seconds: float


def simulate(waiting: Sequence[Arrival], people: Sequence[Arrival], chance: random.Random) -> Simulated:
    """Let people arrive at RATE into a queue; a pass each INTERVAL, which takes as long as it really takes."""
    matcher = IntervalMatcher(chance)
    for arrival in waiting:
        matcher.add(arrival, -600 * chance.random(), is_active=False)
    waits: list[float] = []
    busy, now, position, pairs = 0.0, chance.random() * INTERVAL, 0, 0
    while position < len(people) or now < (len(people) / RATE) + 2 * INTERVAL:
        while position < len(people) and position / RATE <= now:
            matcher.add(people[position], position / RATE)
            position += 1
        started = time.perf_counter()
        found = matcher.run_pass()
        took = time.perf_counter() - started
        busy += took
        pairs += len(found)
        waits += [now + took - each.created_at for pair in found for each in pair if each.created_at >= 0]
        now += INTERVAL
    return Simulated(sorted(waits), pairs, busy)


def _terms(arrival: Arrival) -> list[tuple[str, str, str]]:
    wish = arrival.wish
    return [(wish.language, wish.difficulty, topic) for topic in wish.topics]


def _accept_each_other(one: MemoryTicket, other: MemoryTicket) -> bool:
    roles = {one.arrival.wish.role, other.arrival.wish.role}
    return one is not other and (len(roles) == 2 or roles == {Role.ANY})
