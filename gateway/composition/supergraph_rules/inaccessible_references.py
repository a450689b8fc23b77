"""Which input fields and enum values are used in default values, and where."""

from __future__ import annotations

from collections.abc import Iterator

from ...specs.feature import ConstValue
from ..schema import UNSET, Argument, EnumValue, Field, Schema
from ..schema.type_reference import is_list, item_of, nullable


def default_value_references(schema: Schema) -> dict[str, list[Argument | Field]]:
    """By coordinate of the input field or enum value: the arguments and input fields whose default uses it."""
    found: dict[str, list[Argument | Field]] = {}
    for element in _with_defaults(schema):
        for used in _used_by(schema, element.default, element.type):
            found.setdefault(used.coordinate, []).append(element)
    return found


def _with_defaults(schema: Schema) -> Iterator[Argument | Field]:
    elements: list[Argument | Field] = []
    for type_ in schema.types.values():
        for field in type_.fields.values():
            elements.append(field)
            elements.extend(field.arguments.values())
    for definition in schema.directive_definitions.values():
        elements.extend(definition.arguments.values())
    return (element for element in elements if element.default is not UNSET and element.default is not None)


def _used_by(schema: Schema, value: ConstValue, reference: str) -> Iterator[Field | EnumValue]:
    reference = nullable(reference)
    if value is None:
        return
    if is_list(reference):
        for item in value if isinstance(value, list) else [value]:
            yield from _used_by(schema, item, item_of(reference))
        return
    type_ = schema.type(reference)
    if type_ is None:
        return
    if isinstance(value, dict) and type_.is_input_object:
        for name, item in value.items():
            field = type_.fields.get(name)
            if field is not None:
                yield field
                yield from _used_by(schema, item, field.type)
    elif isinstance(value, str) and value in type_.values:
        yield type_.values[value]
