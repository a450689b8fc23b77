"""Conditions of a plan: which @skip and @include hold for the variables of a request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..planning.query_plan import Conditions, DeferredBlock, ProjectedField, QueryPlan


def conditions_hold(conditions: Conditions, variables: Mapping[str, Any]) -> bool:
    """Whether at least one of the groups holds as a whole; no group at all means always."""
    return not conditions or any(
        all(bool(variables.get(condition.variable_name)) is not condition.negated for condition in group)
        for group in conditions
    )


def condition_variables(plan: QueryPlan) -> tuple[str, ...]:
    """The names of all Boolean variables on which the shape of the answer depends."""
    names: set[str] = set()
    _collect_from_fields(plan.projection, names)
    _collect_from_deferred(plan.root_deferred, names)
    return tuple(sorted(names))


def deferred_blocks(plan: QueryPlan) -> Iterator[DeferredBlock]:
    """All deferred blocks of a plan, each before those inside it."""
    yield from _blocks_in(plan.projection, plan.root_deferred)


def _blocks_in(fields: Iterable[ProjectedField], deferred: Iterable[DeferredBlock]) -> Iterator[DeferredBlock]:
    yield from deferred
    for field in fields:
        yield from _blocks_in(field.selections, field.deferred)


def _collect_from_fields(fields: Iterable[ProjectedField], names: set[str]) -> None:
    for field in fields:
        _collect(field.conditions, names)
        for _, conditions in field.defers:
            _collect(conditions, names)
        _collect_from_fields(field.selections, names)
        _collect_from_deferred(field.deferred, names)


def _collect_from_deferred(deferred: Iterable[DeferredBlock], names: set[str]) -> None:
    for block in deferred:
        _collect(block.conditions, names)
        if block.if_variable is not None:
            names.add(block.if_variable)


def _collect(conditions: Conditions, names: set[str]) -> None:
    for group in conditions:
        names.update(condition.variable_name for condition in group)
