"""Combine @skip / @include conditions: a Guard is a set of alternatives, each a set of conditions that must all hold.

Absorption keeps guards small: `x or (x and y)` is `x`, `(x and y) or (x and not y)` is `x`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from .query_plan import Condition, Conditions

Guard: TypeAlias = frozenset[frozenset[Condition]]

ALWAYS: Guard = frozenset({frozenset()})
NEVER: Guard = frozenset()

# More alternatives than this are rounded up to "always": fetching too much is right, an exploding guard is not.
_MAX_ALTERNATIVES = 32


def both(first: Guard, second: Guard) -> Guard:
    """The guard that holds when both hold."""
    if first in (ALWAYS, second):
        return second
    if second == ALWAYS:
        return first
    return _simplified(one | other for one in first for other in second)


def either(first: Guard, second: Guard) -> Guard:
    """The guard that holds when one of both holds."""
    if first in (second, ALWAYS):
        return first
    if second == ALWAYS:
        return second
    return _simplified([*first, *second])


def covers(wider: Guard, narrower: Guard) -> bool:
    """Whether `wider` certainly holds whenever `narrower` does."""
    return all(any(one <= other for one in wider) for other in narrower)


def common_conditions(guard: Guard) -> frozenset[Condition]:
    """The conditions that every alternative contains."""
    return frozenset.intersection(*guard) if guard else frozenset()


def without(guard: Guard, conditions: frozenset[Condition]) -> Guard:
    """What is left to check when `conditions` are known to hold."""
    if not conditions:
        return guard
    return _simplified(alternative - conditions for alternative in guard)


def conditions_from(guard: Guard) -> Conditions:
    """The form in which plans carry a guard; empty for ALWAYS."""
    if guard == ALWAYS:
        return ()
    return tuple(sorted((tuple(sorted(one, key=_order)) for one in guard), key=lambda one: [_order(c) for c in one]))


def _order(condition: Condition) -> tuple[str, bool]:
    return condition.variable_name, condition.negated


def _simplified(alternatives: Iterable[frozenset[Condition]]) -> Guard:
    kept = {one for one in alternatives if not _is_contradiction(one)}
    while (merged := _resolved_pair(kept)) is not None:
        kept = merged
    kept = {one for one in kept if not any(other < one for other in kept)}
    return frozenset(kept) if len(kept) <= _MAX_ALTERNATIVES else ALWAYS


def _resolved_pair(alternatives: set[frozenset[Condition]]) -> set[frozenset[Condition]] | None:
    """Replace `(a and x)` and `(a and not x)` by `a`, once; None when there is no such pair."""
    for one in alternatives:
        for condition in one:
            rest = one - {condition}
            opposite = rest | {Condition(condition.variable_name, not condition.negated)}
            if opposite in alternatives:
                return (alternatives - {one, opposite}) | {rest}
    return None


def _is_contradiction(conditions: frozenset[Condition]) -> bool:
    return any(Condition(c.variable_name, not c.negated) in conditions for c in conditions)
