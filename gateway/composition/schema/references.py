"""Where a type is used: by which fields, arguments, unions, types that implement it and roots."""

from __future__ import annotations

from collections.abc import Iterator

from .elements import Argument, DirectiveDefinition, Element, Field, TypeDefinition
from .schema import Schema
from .type_reference import base_name


def referencers(schema: Schema, type_name: str) -> Iterator[Element]:
    """Fields, arguments, unions, implementing types, and the schema itself for a root type."""
    if any(root.type.name == type_name for root in schema.roots.values()):
        yield schema
    for type_ in schema.types.values():
        if type_name in type_.interfaces or type_name in type_.members:
            yield type_
        for field in type_.fields.values():
            if base_name(field.type) == type_name:
                yield field
            yield from (argument for argument in field.arguments.values() if base_name(argument.type) == type_name)
    for definition in schema.directive_definitions.values():
        yield from (argument for argument in definition.arguments.values() if base_name(argument.type) == type_name)


def referencing_elements(schema: Schema, type_name: str) -> list[TypeDefinition | DirectiveDefinition]:
    """The types and directive definitions in which the type is used."""
    found: list[TypeDefinition | DirectiveDefinition] = []
    for element in referencers(schema, type_name):
        match element:
            case TypeDefinition() | DirectiveDefinition():
                found.append(element)
            case Field():
                found.append(element.parent)
            case Argument(parent=Field() as field):
                found.append(field.parent)
            case Argument(parent=DirectiveDefinition() as definition):
                found.append(definition)
    return found
