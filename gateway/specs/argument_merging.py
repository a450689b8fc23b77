"""Merge the values that subgraphs give to one argument of a non-repeatable directive, by the strategy its spec declares."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .feature import ConstValue, MergeStrategy

Requirements = list[list[str]]
"""Conditions in disjunctive normal form: the outer list is an OR of inner lists, each of which is an AND."""


def merge_argument_values(strategy: MergeStrategy, values: Sequence[ConstValue]) -> ConstValue:
    """The merged value, or `...` when no subgraph gives one."""
    if strategy is MergeStrategy.MAX:
        return max(values)
    if strategy is MergeStrategy.DNF_CONJUNCTION:
        return dnf_conjunction(values)
    given = [value for value in values if value is not None and value is not ...]
    if not given:
        return ...
    if strategy is MergeStrategy.NULLABLE_MAX:
        return max(given)
    if strategy is MergeStrategy.NULLABLE_AND:
        return all(given)
    union: list[ConstValue] = []
    for value in given:
        union.extend(item for item in value if item not in union)
    return union


def dnf_conjunction(values: Sequence[Requirements]) -> Requirements:
    """All of the given requirements together, as one: their product, without duplicates and without what another one implies.

    `[[a], [b]]` and `[[c]]` give `[[a, c], [b, c]]`.
    """
    distinct: list[Requirements] = []
    seen: set[str] = set()
    for value in values:
        normal = sorted((sorted(inner) for inner in empty_means_true(value)), key=json.dumps)
        key = json.dumps(normal)
        if key not in seen:
            seen.add(key)
            distinct.append(normal)
    if not distinct:
        return []
    result = distinct[0]
    for current in distinct[1:]:
        product: dict[tuple[str, ...], list[str]] = {}
        for left in result:
            for right in current:
                candidate = sorted([*left, *(item for item in right if item not in left)])
                product.setdefault(tuple(candidate), candidate)
        result = _without_implied(list(product.values()))
    return result


def empty_means_true(value: Requirements) -> Requirements:
    """`[]` as `[[]]`: routers take an empty list of alternatives for no requirement at all."""
    return value or [[]]


def _without_implied(values: Requirements) -> Requirements:
    result: Requirements = []
    for candidate in sorted(values, key=len):
        entry = set(candidate)
        if not any(entry.issuperset(kept) for kept in result):
            result.append(candidate)
    return result
