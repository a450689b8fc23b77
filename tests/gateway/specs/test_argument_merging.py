"""How the arguments of a directive are merged that subgraphs apply differently."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.specs.argument_merging import Requirements, dnf_conjunction, merge_argument_values
from gateway.specs.feature import MergeStrategy

SCOPES = ("a", "b", "c")
REQUIREMENTS = st.lists(st.lists(st.sampled_from(SCOPES), unique=True, max_size=3), max_size=3)


@pytest.mark.parametrize(
    ("strategy", "values", "merged"),
    [
        (MergeStrategy.MAX, [1, 5, 3], 5),
        (MergeStrategy.NULLABLE_MAX, [None, 5, 3], 5),
        (MergeStrategy.NULLABLE_MAX, [None, ...], ...),
        (MergeStrategy.NULLABLE_AND, [True, None, False], False),
        (MergeStrategy.NULLABLE_AND, [True, None], True),
        (MergeStrategy.NULLABLE_UNION, [["a", "b"], None, ["b", "c"]], ["a", "b", "c"]),
        (MergeStrategy.DNF_CONJUNCTION, [[["a"], ["b"]], [["c"]]], [["a", "c"], ["b", "c"]]),
    ],
)
def test_strategy(strategy: MergeStrategy, values: list[Any], merged: Any) -> None:
    assert merge_argument_values(strategy, values) == merged


@pytest.mark.parametrize(
    ("values", "merged"),
    [
        ([[["a"]], [["a"]]], [["a"]]),
        ([[["a"]], []], [["a"]]),
        ([[["a"], ["b"]], [["b"]]], [["b"]]),
        ([[["b", "a"]]], [["a", "b"]]),
    ],
)
def test_equal_and_implied_requirements_are_left_out(values: list[Requirements], merged: Requirements) -> None:
    assert dnf_conjunction(values) == merged


@given(st.lists(REQUIREMENTS, min_size=1, max_size=3))
def test_the_conjunction_allows_whom_every_subgraph_allows(values: list[Requirements]) -> None:
    merged = dnf_conjunction(values)
    for chosen in product((False, True), repeat=len(SCOPES)):
        scopes = {scope for scope, has in zip(SCOPES, chosen, strict=True) if has}
        assert _allows(merged, scopes) == all(_allows(value, scopes) for value in values)


def _allows(requirements: Requirements, scopes: set[str]) -> bool:
    return not requirements or any(scopes.issuperset(inner) for inner in requirements)
