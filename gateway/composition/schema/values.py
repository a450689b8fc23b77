"""Constant values of a schema: defaults and directive arguments, as Python values. Compared, checked and printed here."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from graphql import ConstValueNode, ValueNode
from graphql.language import (
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
)

from ...specs.feature import ConstValue
from .type_reference import TypeReference, base_name, is_list, is_list_or_non_null_list, is_non_null, item_of, nullable

if TYPE_CHECKING:
    from .schema import Schema

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_BUILT_IN_SCALARS = frozenset(("Int", "Float", "String", "Boolean", "ID"))


def value_from_node(node: ValueNode | ConstValueNode) -> ConstValue:
    """The value as written, without a type: enum values become strings, numbers that are whole become int."""
    match node:
        case NullValueNode():
            return None
        case IntValueNode():
            return int(node.value)
        case FloatValueNode():
            number = float(node.value)
            return int(number) if number.is_integer() and abs(number) < 1e15 else number
        case BooleanValueNode() | StringValueNode() | EnumValueNode():
            return node.value
        case ListValueNode():
            return [value_from_node(item) for item in node.values]
        case ObjectValueNode():
            return {field.name.value: value_from_node(field.value) for field in node.fields}
    return None  # a variable, which no constant has: the parser rejects it


def same_value(left: ConstValue, right: ConstValue) -> bool:
    """Equality that keeps true apart from 1, which Python does not."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list):
        return (
            isinstance(right, list)
            and len(left) == len(right)
            and all(same_value(a, b) for a, b in zip(left, right, strict=True))
        )
    if isinstance(left, dict):
        return (
            isinstance(right, dict)
            and left.keys() == right.keys()
            and all(same_value(value, right[key]) for key, value in left.items())
        )
    return bool(left == right) and isinstance(left, str) == isinstance(right, str)


def print_value(value: ConstValue, reference: TypeReference | None = None, schema: Schema | None = None) -> str:
    """GraphQL syntax of a value; with its type, enum values are printed as such and not as strings."""
    if value is None or value is ...:
        return "null"
    if reference is not None:
        reference = nullable(reference)
    if isinstance(value, list):
        item = item_of(reference) if reference is not None and is_list(reference) else None
        return "[" + ", ".join(print_value(element, item, schema) for element in value) + "]"
    if reference is not None and is_list_or_non_null_list(reference):
        return print_value(value, item_of(reference), schema)
    if isinstance(value, dict):
        return "{" + ", ".join(_print_field(name, item, reference, schema) for name, item in value.items()) + "}"
    if isinstance(value, str):
        return _print_string(value, reference, schema)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _print_field(name: str, value: ConstValue, reference: TypeReference | None, schema: Schema | None) -> str:
    field_type = None
    if reference is not None and schema is not None:
        definition = schema.type(reference)
        field = definition.fields.get(name) if definition else None
        field_type = field.type if field else None
    return f"{name}: {print_value(value, field_type, schema)}"


def _print_string(value: str, reference: TypeReference | None, schema: Schema | None) -> str:
    if reference == "ID" and _INTEGER.fullmatch(value):
        return value
    if reference is not None and schema is not None and reference not in _BUILT_IN_SCALARS:
        definition = schema.type(reference)
        if definition is not None and value in definition.values:
            return value
    return json.dumps(value, ensure_ascii=False)


def is_valid_value(schema: Schema, value: ConstValue, reference: TypeReference) -> bool:
    """Whether a value could be given where this type is expected."""
    if is_non_null(reference):
        return value is not None and is_valid_value(schema, value, nullable(reference))
    if value is None or value is ...:
        return True
    if is_list(reference):
        item = item_of(reference)
        if isinstance(value, list):
            return all(is_valid_value(schema, element, item) for element in value)
        return is_valid_value(schema, value, item)
    definition = schema.type(base_name(reference))
    if definition is None:
        return True
    if definition.is_input_object:
        if not isinstance(value, dict):
            return False
        # A required field that is left out is found elsewhere: here only what is given counts.
        known = all(
            is_valid_value(schema, value.get(name, ...), field.type) for name, field in definition.fields.items()
        )
        return known and value.keys() <= definition.fields.keys()
    if definition.is_enum:
        return isinstance(value, str) and value in definition.values
    return _is_valid_scalar(value, definition.name)


def _is_valid_scalar(value: ConstValue, name: str) -> bool:
    if name not in _BUILT_IN_SCALARS:
        return True
    if isinstance(value, bool):
        return name == "Boolean"
    if isinstance(value, int):
        return name in ("Int", "ID", "Float")
    if isinstance(value, float):
        return math.isfinite(value) and name == "Float"
    if isinstance(value, str):
        return name in ("String", "ID")
    return False


def with_defaults(schema: Schema, value: ConstValue, reference: TypeReference) -> ConstValue:
    """A value with the defaults of its input objects filled in, so that two spellings of the same can be compared."""
    if value is None:
        return None
    reference = nullable(reference)
    if is_list(reference):
        if isinstance(value, list):
            return [with_defaults(schema, item, item_of(reference)) for item in value]
        return with_defaults(schema, value, item_of(reference))
    definition = schema.type(reference)
    if definition is None or not definition.is_input_object or not isinstance(value, dict):
        return value
    filled: dict[str, Any] = {}
    for name, field in definition.fields.items():
        given = value.get(name, field.default)
        filled[name] = None if given is ... else with_defaults(schema, given, field.type)
    return filled
