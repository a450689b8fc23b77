"""Parse the text inside @key, @requires, @provides and @fromContext into a small hashable tree, and print it again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from graphql import FieldNode, GraphQLSyntaxError, InlineFragmentNode, OperationDefinitionNode, SelectionSetNode, parse
from graphql.language import print_ast

# Field sets repeat a lot within one supergraph; the bound only keeps a long-lived process from growing.
_CACHED_FIELD_SETS = 20_000


class FieldSetError(ValueError):
    """Raised when a text is not a selection set; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class FieldSetArgument:
    """One argument; `value` is GraphQL text."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class FieldSetField:
    """One field of a field set. `alias` differs from `field_name` only in the selections of @fromContext."""

    field_name: str
    arguments: tuple[FieldSetArgument, ...] = ()
    selections: FieldSet = ()
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class FieldSetFragment:
    """`... on Type { selections }`; without a type it is a plain group."""

    type_condition: str | None
    selections: FieldSet


FieldSet: TypeAlias = "tuple[FieldSetField | FieldSetFragment, ...]"


@lru_cache(maxsize=_CACHED_FIELD_SETS)
def parse_field_set(text: str) -> FieldSet:
    """Parse `id organization { id }`, with or without braces around the whole. Raises FieldSetError."""
    stripped = text.strip()
    if not stripped:
        raise FieldSetError(f'"{text}" is not a field set: it is empty')
    try:
        document = parse(stripped if stripped.startswith("{") else "{" + stripped + "}", no_location=True)
    except GraphQLSyntaxError as error:
        raise FieldSetError(f'"{text}" is not a field set: {error.message}') from error
    if len(document.definitions) != 1 or not isinstance(document.definitions[0], OperationDefinitionNode):
        raise FieldSetError(f'"{text}" is not a field set: one selection set is expected')
    return _from_selection_set(document.definitions[0].selection_set, text)


def print_field_set(field_set: FieldSet) -> str:
    """The text of a field set on one line, without outer braces."""
    return " ".join(_print_selection(selection) for selection in field_set)


def _from_selection_set(node: SelectionSetNode | None, text: str) -> FieldSet:
    if node is None:
        return ()
    selections: list[FieldSetField | FieldSetFragment] = []
    for selection in node.selections:
        match selection:
            case FieldNode():
                arguments = tuple(
                    FieldSetArgument(argument.name.value, print_ast(argument.value))
                    for argument in selection.arguments or ()
                )
                nested = _from_selection_set(selection.selection_set, text)
                alias = selection.alias.value if selection.alias else None
                selections.append(FieldSetField(selection.name.value, arguments, nested, alias))
            case InlineFragmentNode():
                condition = selection.type_condition.name.value if selection.type_condition else None
                selections.append(FieldSetFragment(condition, _from_selection_set(selection.selection_set, text)))
            case _:
                raise FieldSetError(f'"{text}" is not a field set: named fragments cannot be used in it')
    return tuple(selections)


def _print_selection(selection: FieldSetField | FieldSetFragment) -> str:
    if isinstance(selection, FieldSetFragment):
        condition = f"... on {selection.type_condition}" if selection.type_condition else "..."
        return f"{condition} {{ {print_field_set(selection.selections)} }}"
    text = f"{selection.alias}: {selection.field_name}" if selection.alias else selection.field_name
    if selection.arguments:
        text += "(" + ", ".join(f"{argument.name}: {argument.value}" for argument in selection.arguments) + ")"
    if selection.selections:
        text += f" {{ {print_field_set(selection.selections)} }}"
    return text
