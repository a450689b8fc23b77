"""Combine @skip / @include conditions: a Guard is a set of alternatives, each a set of conditions that must all hold.

Absorption keeps guards small: `x or (x and y)` is `x`, `(x and y) or (x and not y)` is `x`.
"""

from __future__ import annotations

from typing import TypeAlias

from ..errors import PlanningLimitExceeded
from .query_plan import Condition, Conditions

Guard: TypeAlias = frozenset[frozenset[Condition]]

ALWAYS: Guard = frozenset({frozenset()})
NEVER: Guard = frozenset()

# Of a fetch, more alternatives than this are rounded up to "always": fetching too much is right, an exploding guard is not.
MAX_ALTERNATIVES = 32

# What the client sees can not be rounded.
MAX_EXACT_ALTERNATIVES = 64


def both(first: Guard, second: Guard, *, is_exact: bool = False) -> Guard:
    """The guard that holds when both hold. With `is_exact` PlanningLimitExceeded is raised where it would have to be rounded up."""
    if first in (ALWAYS, second):
        return second
    if second == ALWAYS:
        return first
    return _bounded(_simplified({one | other for one in first for other in second}), is_exact)


def either(first: Guard, second: Guard, *, is_exact: bool = False) -> Guard:
    """The guard that holds when one of both holds; `is_exact` as above."""
    if first in (second, ALWAYS):
        return first
    if second == ALWAYS:
        return second
    return _bounded(_simplified({*first, *second}), is_exact)


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
    return _simplified({alternative - conditions for alternative in guard})


def conditions_from(guard: Guard) -> Conditions:
    """The form in which plans carry a guard; empty for ALWAYS."""
    if guard == ALWAYS:
        return ()
    return tuple(sorted((tuple(sorted(one, key=_order)) for one in guard), key=lambda one: [_order(c) for c in one]))


def _order(condition: Condition) -> tuple[str, bool]:
    return condition.variable_name, condition.negated


def _simplified(alternatives: set[frozenset[Condition]]) -> Guard:
    kept = {one for one in alternatives if not _is_contradiction(one)}
    while (merged := _resolved_pair(kept)) is not None:
        kept = merged
    return frozenset(one for one in kept if not any(other < one for other in kept))


def _bounded(guard: Guard, is_exact: bool) -> Guard:
    if is_exact and len(guard) > MAX_EXACT_ALTERNATIVES:
        raise PlanningLimitExceeded(
            f"the operation selects a field under more than {MAX_EXACT_ALTERNATIVES} different combinations of conditions"
        )
    return guard if is_exact or len(guard) <= MAX_ALTERNATIVES else ALWAYS


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
