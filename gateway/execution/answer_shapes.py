"""What each fetch brings: the tree keys of its document, nested, without types and arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from ..planning.query_plan import FetchNode, ItemsStep, KeyStep, ResponsePath

# An object's tree keys; None for a leaf.
Shape: TypeAlias = "dict[str, Shape | None]"

# A path of tree keys in which ITEMS stands for "every item", without type steps.
PlainPath: TypeAlias = tuple[str, ...]
ITEMS = "@"


def shape_of_fetch(fetch: FetchNode) -> Shape:
    """The shape of the whole `data` that this fetch answers with."""
    document = parse(fetch.document, no_location=True)
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    shape: Shape = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            _add_selections(shape, definition.selection_set, fragments)
    return shape


def plain_path(path: ResponsePath) -> PlainPath:
    """The path without its type steps."""
    steps: list[str] = []
    for step in path:
        match step:
            case KeyStep(key):
                steps.append(key)
            case ItemsStep():
                steps.append(ITEMS)
    return tuple(steps)


def shape_below(shape: Shape | None, path: PlainPath) -> Shape | None:
    """The shape of the objects at `path`, or None when the fetch brings none there."""
    for key in path:
        if key == ITEMS:
            continue
        if shape is None:
            return None
        shape = shape.get(key)
    return shape


def _add_selections(
    shape: Shape, selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> None:
    for selection in selection_set.selections:
        match selection:
            case FieldNode():
                key = selection.alias.value if selection.alias else selection.name.value
                if selection.selection_set is None:
                    shape.setdefault(key, None)
                    continue
                below = shape.get(key)
                if below is None:
                    below = shape[key] = {}
                _add_selections(below, selection.selection_set, fragments)
            case InlineFragmentNode():
                _add_selections(shape, selection.selection_set, fragments)
            case FragmentSpreadNode():
                _add_selections(shape, fragments[selection.name.value].selection_set, fragments)
