"""Read plain arguments from variables and pick plain fields from values: the two ends of a direct operation.

Leaf values go through the schema's own scalars and enums, so they come out as the executor would write them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    InlineFragmentNode,
    SelectionSetNode,
    is_leaf_type,
    is_object_type,
    is_required_input_field,
)
from strawberry.federation import Schema

MAX_INT = 2**31 - 1
CHECKED_BY_CLASS: Mapping[str, type] = {"ID": str, "String": str, "Boolean": bool, "Int": int}

Reader = Callable[[Any], Any]
Picker = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class DirectInfo:
    """What the resolver of a direct field may ask of its `info`: nothing but the context."""

    context: Any


class NotPlain(Exception):
    """Raised while an operation is looked at: it is not one that can be answered directly."""


class NotUnderstood(Exception):
    """Raised while variables are read: the executor has to say what is wrong with them."""


def input_reader(type_: Any, schema: Schema) -> Reader:
    """A function that turns a JSON value of this input type into what a resolver gets. Raises NotPlain."""
    if isinstance(type_, GraphQLNonNull):
        return _required(input_reader(type_.of_type, schema))
    if isinstance(type_, GraphQLList):
        return _optional(_list_reader(input_reader(type_.of_type, schema)))
    if isinstance(type_, GraphQLInputObjectType):
        return _optional(_object_reader(type_, schema))
    if isinstance(type_, GraphQLScalarType | GraphQLEnumType):
        return _optional(_leaf_reader(type_))
    raise NotPlain


def plain_selections(
    schema: Schema, document: DocumentNode, selected: SelectionSetNode, type_: GraphQLObjectType
) -> Picker:
    """A function that picks what is selected of a value of this type. Raises NotPlain when a field takes more than picking."""
    definition = schema.get_type_by_name(type_.name)
    fields = {schema.config.name_converter.get_graphql_name(field): field for field in definition.fields}  # type: ignore[union-attr]
    constants: dict[str, str] = {}
    picks: dict[str, tuple[str, Callable[[Any], Any]]] = {}
    for node in _fields_of(schema, document, selected, type_):
        key = node.alias.value if node.alias else node.name.value
        if node.name.value == "__typename":
            constants[key] = type_.name
            continue
        field = fields.get(node.name.value)
        if field is None or field.base_resolver is not None or node.arguments:
            raise NotPlain
        picks[key] = (field.python_name, _writer(type_.fields[node.name.value].type))
    in_order = tuple((key, *pick) for key, pick in picks.items())

    def pick(value: Any) -> dict[str, Any]:
        picked: dict[str, Any] = {**constants}
        for key, name, write in in_order:
            picked[key] = write(getattr(value, name))
        return picked

    return pick


def _fields_of(
    schema: Schema, document: DocumentNode, selected: SelectionSetNode, type_: GraphQLObjectType
) -> Iterator[FieldNode]:
    """The fields that are selected of this type, in order, fragments written out."""
    for node in selected.selections:
        if node.directives:
            raise NotPlain
        if isinstance(node, FieldNode):
            yield node
            continue
        fragment: InlineFragmentNode | FragmentDefinitionNode | None = None
        if isinstance(node, InlineFragmentNode):
            fragment = node
        elif isinstance(node, FragmentSpreadNode):
            fragment = next(
                item
                for item in document.definitions
                if isinstance(item, FragmentDefinitionNode) and item.name.value == node.name.value
            )
        if fragment is None or fragment.directives:
            raise NotPlain
        if _applies(schema, fragment, type_):
            yield from _fields_of(schema, document, fragment.selection_set, type_)


def _applies(schema: Schema, fragment: InlineFragmentNode | FragmentDefinitionNode, type_: GraphQLObjectType) -> bool:
    if fragment.type_condition is None:
        return True
    condition = schema._schema.type_map[fragment.type_condition.name.value]
    if is_object_type(condition):
        return condition is type_
    return schema._schema.is_sub_type(condition, type_)  # type: ignore[arg-type]


def _writer(type_: Any) -> Callable[[Any], Any]:
    if isinstance(type_, GraphQLNonNull):
        return _never_null(_writer(type_.of_type))
    if isinstance(type_, GraphQLList):
        write = _writer(type_.of_type)
        return lambda value: None if value is None else [write(item) for item in value]
    if not is_leaf_type(type_):
        raise NotPlain
    write_leaf = type_.coerce_output_value
    return lambda value: None if value is None else write_leaf(value)


def _never_null(write: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def write_value(value: Any) -> Any:
        if value is None:
            raise TypeError("Cannot return null for a field that is never null.")
        return write(value)

    return write_value


def _required(read: Reader) -> Reader:
    def read_value(value: Any) -> Any:
        if value is None:
            raise NotUnderstood
        return read(value)

    return read_value


def _optional(read: Reader) -> Reader:
    return lambda value: None if value is None else read(value)


def _list_reader(read: Reader) -> Reader:
    def read_list(value: Any) -> list[Any]:
        if type(value) is not list:
            raise NotUnderstood  # a lone value stands for a list of one: the executor knows
        return [read(item) for item in value]

    return read_list


def _leaf_reader(type_: GraphQLScalarType | GraphQLEnumType) -> Reader:
    expected = CHECKED_BY_CLASS.get(type_.name)

    def read_checked(value: Any) -> Any:
        if type(value) is not expected or (isinstance(value, int) and abs(value) > MAX_INT):
            raise NotUnderstood
        return value

    def read_scalar(value: Any) -> Any:
        if type(value) is not str:
            raise NotUnderstood
        try:
            return type_.coerce_input_value(value)
        except Exception as error:
            raise NotUnderstood from error

    return read_scalar if expected is None else read_checked


def _object_reader(type_: GraphQLInputObjectType, schema: Schema) -> Reader:
    definition: Any = schema.get_type_by_name(type_.name)
    fields = {schema.config.name_converter.get_graphql_name(field): field for field in definition.fields}
    readers = {
        name: (fields[name].python_name, input_reader(field.type, schema)) for name, field in type_.fields.items()
    }
    required = [name for name, field in type_.fields.items() if is_required_input_field(field)]
    input_class = definition.origin

    def read_object(value: Any) -> Any:
        if type(value) is not dict or any(name not in value for name in required):
            raise NotUnderstood
        try:
            members = [(*readers[name], item) for name, item in value.items()]
        except KeyError as error:
            raise NotUnderstood from error
        return input_class(**{name: read(item) for name, read, item in members})

    return read_object
