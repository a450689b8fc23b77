"""Compare two API schemas, element by element."""

from __future__ import annotations

from collections.abc import Iterator

from ..schema import UNSET, Argument, DirectiveDefinition, Field, Kind, Schema, TypeDefinition
from ..schema.type_reference import is_list, is_non_null, is_subtype, item_of, nullable
from ..schema.values import print_value, same_value
from .change import Change, Criticality


def compare_schemas(before: Schema, after: Schema) -> list[Change]:
    """All changes, the breaking ones first."""
    changes = [*_type_changes(before, after), *_directive_changes(before, after), *_root_changes(before, after)]
    order = list(Criticality)
    return sorted(changes, key=lambda change: (order.index(change.criticality), change.coordinate))


def _breaking(code: str, coordinate: str, message: str) -> Change:
    return Change(Criticality.BREAKING, code, coordinate, message)


def _dangerous(code: str, coordinate: str, message: str) -> Change:
    return Change(Criticality.DANGEROUS, code, coordinate, message)


def _safe(code: str, coordinate: str, message: str) -> Change:
    return Change(Criticality.SAFE, code, coordinate, message)


def _root_changes(before: Schema, after: Schema) -> Iterator[Change]:
    for kind in before.roots:
        if kind not in after.roots:
            name = before.roots[kind].type.name
            yield _breaking("ROOT_REMOVED", name, f"The {kind} root type {name} was removed")


def _type_changes(before: Schema, after: Schema) -> Iterator[Change]:
    for name, old in before.types.items():
        new = after.types.get(name)
        if new is None:
            yield _breaking("TYPE_REMOVED", name, f"{name} was removed")
        elif new.kind is not old.kind:
            message = f"{name} changed from {_kind(old)} to {_kind(new)}"
            yield _breaking("TYPE_KIND_CHANGED", name, message)
        else:
            yield from _same_kind_changes(old, new)
    for name, new in after.types.items():
        if name not in before.types:
            yield _safe("TYPE_ADDED", name, f"{_kind(new)} {name} was added")


def _kind(type_: TypeDefinition) -> str:
    return {Kind.INPUT_OBJECT: "input object"}.get(type_.kind, type_.kind.removesuffix("Type").lower())


def _same_kind_changes(old: TypeDefinition, new: TypeDefinition) -> Iterator[Change]:
    match old.kind:
        case Kind.OBJECT | Kind.INTERFACE:
            yield from _interface_changes(old, new)
            yield from _output_field_changes(old, new)
        case Kind.INPUT_OBJECT:
            yield from _input_field_changes(old, new)
        case Kind.UNION:
            yield from _member_changes(old, new)
        case Kind.ENUM:
            yield from _value_changes(old, new)
        case Kind.SCALAR:
            pass
    if old.description != new.description:
        yield _safe("DESCRIPTION_CHANGED", old.name, f"The description of {old.name} changed")


def _interface_changes(old: TypeDefinition, new: TypeDefinition) -> Iterator[Change]:
    for name in old.interfaces:
        if name not in new.interfaces:
            yield _breaking("INTERFACE_REMOVED", old.name, f"{old.name} no longer implements {name}")
    for name in new.interfaces:
        if name not in old.interfaces:
            message = f"{old.name} now implements {name}: fields of that type can return it"
            yield _dangerous("INTERFACE_ADDED", old.name, message)


def _member_changes(old: TypeDefinition, new: TypeDefinition) -> Iterator[Change]:
    for name in old.members:
        if name not in new.members:
            yield _breaking("UNION_MEMBER_REMOVED", old.name, f"{name} was removed from union {old.name}")
    for name in new.members:
        if name not in old.members:
            yield _dangerous("UNION_MEMBER_ADDED", old.name, f"{name} was added to union {old.name}")


def _value_changes(old: TypeDefinition, new: TypeDefinition) -> Iterator[Change]:
    for name in old.values:
        coordinate = f"{old.name}.{name}"
        if name not in new.values:
            yield _breaking("ENUM_VALUE_REMOVED", coordinate, f"{name} was removed from enum {old.name}")
        elif new.values[name].has("deprecated") and not old.values[name].has("deprecated"):
            yield _safe("ENUM_VALUE_DEPRECATED", coordinate, f"{coordinate} is deprecated now")
    for name in new.values:
        if name not in old.values:
            yield _dangerous("ENUM_VALUE_ADDED", f"{old.name}.{name}", f"{name} was added to enum {old.name}")


def _output_field_changes(old: TypeDefinition, new: TypeDefinition) -> Iterator[Change]:
    for name, field in old.fields.items():
        changed = new.fields.get(name)
        if changed is None:
            yield _breaking("FIELD_REMOVED", field.coordinate, f"{field.coordinate} was removed")
            continue
        if field.type != changed.type:
            message = f"{field.coordinate} changed type from {field.type} to {changed.type}"
            if is_subtype(field.type, changed.type, new.schema.is_direct_subtype):
                yield _safe("FIELD_TYPE_NARROWED", field.coordinate, message)
            else:
                yield _breaking("FIELD_TYPE_CHANGED", field.coordinate, message)
        if changed.has("deprecated") and not field.has("deprecated"):
            yield _safe("FIELD_DEPRECATED", field.coordinate, f"{field.coordinate} is deprecated now")
        yield from _argument_changes(field, changed)
    for name, added in new.fields.items():
        if name not in old.fields:
            yield _safe("FIELD_ADDED", added.coordinate, f"{added.coordinate} was added")


def _argument_changes(old: Field | DirectiveDefinition, new: Field | DirectiveDefinition) -> Iterator[Change]:
    for name, argument in old.arguments.items():
        changed = new.arguments.get(name)
        if changed is None:
            yield _breaking("ARGUMENT_REMOVED", argument.coordinate, f"Argument {argument.coordinate} was removed")
            continue
        yield from _input_type_changes(argument, changed, "Argument", "ARGUMENT")
    for name, added in new.arguments.items():
        if name in old.arguments:
            continue
        if added.is_required:
            message = f"A required argument {added.coordinate} was added"
            yield _breaking("REQUIRED_ARGUMENT_ADDED", old.coordinate, message)
        else:
            message = f"An optional argument {added.coordinate} was added"
            yield _dangerous("OPTIONAL_ARGUMENT_ADDED", added.coordinate, message)


def _input_field_changes(old: TypeDefinition, new: TypeDefinition) -> Iterator[Change]:
    for name, field in old.fields.items():
        changed = new.fields.get(name)
        if changed is None:
            message = f"Input field {field.coordinate} was removed"
            yield _breaking("INPUT_FIELD_REMOVED", field.coordinate, message)
            continue
        yield from _input_type_changes(field, changed, "Input field", "INPUT_FIELD")
    for name, added in new.fields.items():
        if name in old.fields:
            continue
        if added.is_required:
            message = f"A required input field {added.coordinate} was added"
            yield _breaking("REQUIRED_INPUT_FIELD_ADDED", old.name, message)
        else:
            message = f"An optional input field {added.coordinate} was added"
            yield _dangerous("OPTIONAL_INPUT_FIELD_ADDED", added.coordinate, message)


def _input_type_changes(old: Argument | Field, new: Argument | Field, what: str, code: str) -> Iterator[Change]:
    coordinate = old.coordinate
    if old.type != new.type:
        message = f"{what} {coordinate} changed type from {old.type} to {new.type}"
        if _accepts_all_of(new.type, old.type):
            yield _safe(f"{code}_TYPE_WIDENED", coordinate, message)
        else:
            yield _breaking(f"{code}_TYPE_CHANGED", coordinate, message)
    if old.default is UNSET and new.default is UNSET:
        return
    if (old.default is UNSET) != (new.default is UNSET) or not same_value(old.default, new.default):
        message = f"{what} {coordinate} changed its default from {_default(old)} to {_default(new)}"
        # Without its default, a non-null argument that a client left out is missing now.
        if new.is_required and not old.is_required and old.type == new.type:
            yield _breaking(f"{code}_DEFAULT_REMOVED", coordinate, message)
        else:
            yield _dangerous(f"{code}_DEFAULT_CHANGED", coordinate, message)


def _default(element: Argument | Field) -> str:
    return "none" if element.default is UNSET else print_value(element.default, element.type, element.schema)


def _accepts_all_of(new: str, old: str) -> bool:
    """Whether every value that could be given before can be given now."""
    if is_non_null(new):
        return is_non_null(old) and _accepts_all_of(nullable(new), nullable(old))
    old = nullable(old)
    if is_list(new):
        # A single value is taken for a list of one.
        return _accepts_all_of(item_of(new), item_of(old) if is_list(old) else old)
    return new == old


def _directive_changes(before: Schema, after: Schema) -> Iterator[Change]:
    for name, old in before.directive_definitions.items():
        new = after.directive_definitions.get(name)
        if new is None:
            yield _breaking("DIRECTIVE_REMOVED", old.coordinate, f"Directive {old.coordinate} was removed")
            continue
        for location in old.locations:
            if location not in new.locations:
                message = f"Directive {old.coordinate} can no longer be used on {location}"
                yield _breaking("DIRECTIVE_LOCATION_REMOVED", old.coordinate, message)
        if old.is_repeatable and not new.is_repeatable:
            message = f"Directive {old.coordinate} is no longer repeatable"
            yield _breaking("DIRECTIVE_NOT_REPEATABLE", old.coordinate, message)
        yield from _argument_changes(old, new)
    for name, new in after.directive_definitions.items():
        if name not in before.directive_definitions:
            yield _safe("DIRECTIVE_ADDED", new.coordinate, f"Directive {new.coordinate} was added")
