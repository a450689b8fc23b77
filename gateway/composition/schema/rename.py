"""Rename a type, with every reference to it."""

from __future__ import annotations

from .elements import TypeDefinition
from .schema import Schema
from .type_reference import base_name, with_base


def rename_type(schema: Schema, type_: TypeDefinition, name: str) -> None:
    old = type_.name
    type_.name = name
    schema.types = {known.name: known for known in schema.types.values()}
    for other in schema.types.values():
        for part in ("interfaces", "members"):
            names: dict[str, object] = getattr(other, part)
            if old in names:
                setattr(other, part, {name if key == old else key: value for key, value in names.items()})
        for field in other.fields.values():
            if base_name(field.type) == old:
                field.type = with_base(field.type, name)
            for argument in field.arguments.values():
                if base_name(argument.type) == old:
                    argument.type = with_base(argument.type, name)
    for definition in schema.directive_definitions.values():
        for argument in definition.arguments.values():
            if base_name(argument.type) == old:
                argument.type = with_base(argument.type, name)
    schema.forget_implementations()
