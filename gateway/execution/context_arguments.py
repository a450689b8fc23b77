"""Arguments filled from an ancestor (@fromContext): group the entities of a fetch by the values they get, one request a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from ..planning.query_plan import ContextArgument
from .compiled_plan import CompiledFetch, CompiledInput
from .conditions import conditions_hold
from .representations import Batch
from .response_tree import TreeObject, objects_with_ancestors, value_at


@dataclass(slots=True)
class ContextGroup:
    """The objects of one fetch that share the values of all its context arguments; one batch for each input."""

    values: dict[str, Any]
    batches: tuple[Batch, ...]


@dataclass(slots=True)
class _InputGroups:
    """The groups of one input, by their values as JSON."""

    by_values: dict[bytes, tuple[dict[str, Any], Batch]] = field(default_factory=dict)


def group_by_context(fetch: CompiledFetch, tree: TreeObject, variables: Mapping[str, Any]) -> list[ContextGroup]:
    """The requests that this fetch needs; none when no object takes part."""
    inputs = [_group_input(entity_input, tree, variables) for entity_input in fetch.inputs]
    groups: list[ContextGroup] = []
    for number in range(max(len(groups_of_input) for groups_of_input in inputs)):
        values: dict[str, Any] = {}
        batches = []
        for groups_of_input in inputs:
            if number < len(groups_of_input):
                own_values, batch = groups_of_input[number]
            else:
                # This input has fewer groups: it asks for nothing more, but its variables must still have a value.
                own_values, batch = (groups_of_input[0][0] if groups_of_input else {}), Batch()
            values.update(own_values)
            batches.append(batch)
        groups.append(ContextGroup(values, tuple(batches)))
    return groups


def _group_input(
    entity_input: CompiledInput, tree: TreeObject, variables: Mapping[str, Any]
) -> list[tuple[dict[str, Any], Batch]]:
    groups: dict[bytes, tuple[dict[str, Any], Batch]] = {}
    for target in entity_input.targets:
        if not conditions_hold(target.conditions, variables):
            continue
        for item, ancestors in objects_with_ancestors(tree, target.path):
            values = {
                argument.variable_name: _argument_value(argument, ancestors)
                for argument in entity_input.context_arguments
            }
            key = orjson.dumps(values)
            if key not in groups:
                groups[key] = (values, Batch())
            target.represent([item], groups[key][1])
    return [group for group in groups.values() if group[1].targets]


def _argument_value(argument: ContextArgument, ancestors: tuple[Any, ...]) -> Any:
    ancestor = ancestors[-1 - argument.levels_up] if argument.levels_up < len(ancestors) else None
    path = argument.path
    if argument.by_type and isinstance(ancestor, dict):
        path = argument.by_type.get(str(ancestor.get("__typename")), path)
    return value_at(ancestor, path)
