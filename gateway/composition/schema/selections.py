"""What a field set selects, read against a schema: compared, merged and printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from graphql import print_ast
from graphql.language import (
    DirectiveNode,
)

from ...specs.feature import ConstValue
from .elements import Field, TypeDefinition
from .type_reference import base_name
from .values import print_value


@dataclass(frozen=True, slots=True)
class SelectedField:
    field: Field
    arguments: dict[str, ConstValue]
    alias: str | None
    directives: tuple[DirectiveNode, ...]
    selections: tuple[Selection, ...]

    @property
    def type(self) -> TypeDefinition | None:
        return self.field.schema.type(base_name(self.field.type))


@dataclass(frozen=True, slots=True)
class SelectedFragment:
    type_condition: TypeDefinition | None
    directives: tuple[DirectiveNode, ...]
    selections: tuple[Selection, ...]


Selection: TypeAlias = SelectedField | SelectedFragment
Selections: TypeAlias = tuple[Selection, ...]
FieldOf: TypeAlias = Callable[[TypeDefinition, str], Field | None]
"""How a field is looked up; what is looked up is what the field set uses."""


def field_of(type_: TypeDefinition, name: str) -> Field | None:
    return type_.field(name)


def fields_of(selections: Selections) -> Iterator[SelectedField]:
    """All selected fields, depth first."""
    for selection in selections:
        if isinstance(selection, SelectedField):
            yield selection
        yield from fields_of(selection.selections)


def print_selections(selections: Selections) -> str:
    return " ".join(_print_selection(selection) for selection in selections)


def same_selections(left: Selections, right: Selections) -> bool:
    """Whether both select the same, in any order and whatever type they start from."""
    return sorted(map(_print_sorted, left)) == sorted(map(_print_sorted, right))


def _print_selection(selection: Selection) -> str:
    if isinstance(selection, SelectedField):
        text = f"{selection.alias}: {selection.field.name}" if selection.alias else selection.field.name
        if selection.arguments:
            known = selection.field.arguments
            arguments = (
                f"{name}: {print_value(value, known[name].type, selection.field.schema)}"
                for name, value in selection.arguments.items()
            )
            text += f"({', '.join(arguments)})"
    else:
        text = f"... on {selection.type_condition.name}" if selection.type_condition else "..."
    text += "".join(f" {print_ast(directive)}" for directive in selection.directives)
    return f"{text} {{ {print_selections(selection.selections)} }}" if selection.selections else text


def _print_sorted(selection: Selection) -> str:
    alone = _print_selection(replace(selection, selections=()))
    inner = sorted(map(_print_sorted, selection.selections))
    return f"{alone} {{ {' '.join(inner)} }}" if inner else alone


def merge_repeated(selections: Iterable[Selection]) -> Selections:
    """Select what is selected twice only once, with the selections of both."""
    merged: dict[str, Selection] = {}
    for selection in selections:
        key = _response_key(selection)
        first = merged.get(key)
        if first is None:
            merged[key] = selection
        elif selection.selections:
            merged[key] = replace(first, selections=merge_repeated((*first.selections, *selection.selections)))
    return tuple(merged.values())


def _response_key(selection: Selection) -> str:
    if isinstance(selection, SelectedField):
        key = selection.alias or selection.field.name
    else:
        key = f"... on {selection.type_condition.name}" if selection.type_condition else "..."
    return key + "".join(f" {print_ast(directive)}" for directive in selection.directives)
