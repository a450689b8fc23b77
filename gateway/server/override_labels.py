"""Which labels of progressive @override are active for a request: those of the settings, and `percent(x)` for x % of
requests.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable

from ..supergraph import Supergraph

_PERCENT = re.compile(r"percent\((\d{1,3}(?:\.\d{1,8})?)\)")


class OverrideLabels:
    """All percents of a request are decided by one number: whoever is among the 10 % is among the 50 %, and plans
    stay few.
    """

    def __init__(
        self, supergraph: Supergraph, always: Iterable[str], chance: Callable[[], float] = random.random
    ) -> None:
        self._chance = chance
        constant = frozenset(always)
        percents = sorted({(share, label) for label in _labels(supergraph) if (share := _share(label)) is not None})
        # By rising share; below the first bound all are active, below the second all but the first, and so on.
        self._sets = [
            (percents[index][0], constant | {label for _, label in percents[index:]}) for index in range(len(percents))
        ]
        self._constant = constant

    def active(self) -> frozenset[str]:
        """Return the labels for one request."""
        if not self._sets:
            return self._constant
        number = self._chance()
        for share, labels in self._sets:
            if number < share:
                return labels
        return self._constant


def _labels(supergraph: Supergraph) -> set[str]:
    return {
        of_subgraph.override_label
        for type_ in supergraph.types.values()
        for field in type_.fields.values()
        for of_subgraph in field.by_graph.values()
        if of_subgraph.override_label
    }


def _share(label: str) -> float | None:
    found = _PERCENT.fullmatch(label)
    return float(found.group(1)) / 100 if found else None
