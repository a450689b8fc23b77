"""Add to a schema what a spec defines, or check that what the schema defines under that name is the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from ...specs import ArgumentSpec, DirectiveSpec, EnumSpec, FeatureSpec, InputObjectSpec, ScalarSpec, TypeSpec
from ...specs.feature import by_name
from ..error_codes import ErrorCode
from ..errors import CompositionError, error
from .elements import Argument, DirectiveDefinition, Field, Kind, TypeDefinition
from .features import LinkedFeature
from .schema import Schema
from .type_reference import is_list, is_non_null, item_of, nullable
from .values import print_value, same_value

NameOf: TypeAlias = Callable[[str], str]
"""The name in the schema of an element of the spec."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def add_spec(schema: Schema, spec: FeatureSpec, feature: LinkedFeature) -> list[CompositionError]:
    """Add all elements of a linked spec."""
    errors: list[CompositionError] = []
    for type_ in spec.types.values():
        errors += add_type(schema, type_, feature.type_name)
    for directive in spec.directives.values():
        errors += add_directive(schema, directive, feature.directive_name(directive.name), feature.type_name)
    return errors


def add_type(schema: Schema, spec: TypeSpec, name_of: NameOf) -> list[CompositionError]:
    name = name_of(spec.name)
    existing = schema.type(name)
    match spec:
        case ScalarSpec():
            if existing:
                return ensure_kind(existing, Kind.SCALAR)
            schema.add_type(name, Kind.SCALAR)
        case EnumSpec():
            if existing:
                return ensure_kind(existing, Kind.ENUM) or _ensure_values(existing, spec)
            type_ = schema.add_type(name, Kind.ENUM)
            for value, description in spec.values:
                type_.add_value(value).description = description
        case InputObjectSpec():
            if existing:
                return ensure_kind(existing, Kind.INPUT_OBJECT) or _ensure_input_fields(existing, spec, name_of)
            type_ = schema.add_type(name, Kind.INPUT_OBJECT)
            for field in spec.fields:
                type_.add_field(field.name, resolve_type(field.type, name_of)).default = field.default
    return []


def add_directive(schema: Schema, spec: DirectiveSpec, name: str, name_of: NameOf) -> list[CompositionError]:
    existing = schema.directive(name)
    if existing is not None:
        return _ensure_directive(existing, spec, name_of)
    definition = schema.add_directive(name)
    definition.locations = spec.locations
    definition.is_repeatable = spec.repeatable
    for argument in spec.arguments:
        definition.add_argument(argument.name, resolve_type(argument.type, name_of), argument.default)
    return []


def resolve_type(template: str, name_of: NameOf) -> str:
    """`[[federation__Scope!]!]!` of `[[{Scope}!]!]!`."""
    return _PLACEHOLDER.sub(lambda match: name_of(match[1]), template)


def ensure_kind(existing: TypeDefinition, kind: Kind) -> list[CompositionError]:
    if existing.kind is kind:
        return []
    name = existing.name
    message = f"Invalid definition for type {name}: {name} should be a {kind} but is defined as a {existing.kind}"
    return [error(ErrorCode.TYPE_DEFINITION_INVALID, message, existing)]


def _ensure_values(existing: TypeDefinition, spec: EnumSpec) -> list[CompositionError]:
    expected = sorted(value for value, _ in spec.values)
    actual = sorted(existing.values)
    if expected == actual:
        return []
    message = (
        f'Invalid definition for type "{spec.name}": expected values [{", ".join(expected)}]'
        f" but found [{', '.join(actual)}]."
    )
    return [error(ErrorCode.TYPE_DEFINITION_INVALID, message, existing)]


def _ensure_input_fields(existing: TypeDefinition, spec: InputObjectSpec, name_of: NameOf) -> list[CompositionError]:
    errors = []
    expected = by_name(*spec.fields)
    prefix = f"Invalid definition for type {existing.name}:"

    def add(message: str, at: Field | TypeDefinition) -> None:
        errors.append(error(ErrorCode.TYPE_DEFINITION_INVALID, f"{prefix} {message}", at))

    for name, field in expected.items():
        type_ = resolve_type(field.type, name_of)
        actual = existing.fields.get(name)
        if actual is None:
            if is_non_null(type_) and field.default is ...:
                add(f"missing required input field {name}", existing)
        elif not _fits(existing.schema, type_, actual.type):
            add(f'input field "{name}" should have type "{type_}" but found type "{actual.type}"', actual)
        elif not is_non_null(actual.type) and not _same_default(field, actual):
            add(f'input field "{name}" should have default value {print_value(field.default)}', actual)
    for name, actual in existing.fields.items():
        if name not in expected:
            add(f'unknown/unsupported input field "{name}"', actual)
    return errors


def _ensure_directive(existing: DirectiveDefinition, spec: DirectiveSpec, name_of: NameOf) -> list[CompositionError]:
    what = f'"@{existing.name}"'
    prefix = f"Invalid definition for directive {what}:"
    errors = ensure_arguments(existing, spec.arguments, f"directive {what}", name_of)
    # A schema may allow itself less than the spec does: not to repeat the directive, or fewer locations. Never more.
    if existing.is_repeatable and not spec.repeatable:
        errors.append(
            error(ErrorCode.DIRECTIVE_DEFINITION_INVALID, f"{prefix} {what} should not be repeatable", existing)
        )
    if not set(existing.locations) <= set(spec.locations):
        message = (
            f"{prefix} {what} should have locations {', '.join(spec.locations)},"
            f" but found (non-subset) {', '.join(existing.locations)}"
        )
        errors.append(error(ErrorCode.DIRECTIVE_DEFINITION_INVALID, message, existing))
    return errors


def ensure_arguments(
    existing: DirectiveDefinition | Field, expected: tuple[ArgumentSpec, ...], what: str, name_of: NameOf
) -> list[CompositionError]:
    errors = []

    def add(message: str, at: Argument | None = None) -> None:
        errors.append(
            error(ErrorCode.DIRECTIVE_DEFINITION_INVALID, f"Invalid definition for {what}: {message}", at or existing)
        )

    for argument in expected:
        type_ = resolve_type(argument.type, name_of)
        actual = existing.arguments.get(argument.name)
        if actual is None:
            # An optional argument that is never passed need not be declared.
            if is_non_null(type_) and argument.default is ...:
                add(f'missing required argument "{argument.name}"')
        elif not _fits(existing.schema, type_, actual.type):
            add(f'argument "{argument.name}" should have type "{type_}" but found type "{actual.type}"', actual)
        elif not is_non_null(actual.type) and not _same_default(argument, actual):
            add(
                f'argument "{argument.name}" should have default value {print_value(argument.default)}'
                f" but found default value {print_value(actual.default)}",
                actual,
            )
    known = by_name(*expected)
    for actual in existing.arguments.values():
        if actual.name not in known:
            add(f'unknown/unsupported argument "{actual.name}"', actual)
    return errors


def _same_default(expected: ArgumentSpec, actual: Argument | Field) -> bool:
    if expected.default is ... or actual.default is ...:
        return expected.default is actual.default
    return same_value(expected.default, actual.default)


def _fits(schema: Schema, expected: str, actual: str) -> bool:
    """An optional argument may be declared mandatory; a custom scalar may be declared as any type that is none."""
    if is_non_null(actual) and not is_non_null(expected):
        actual = nullable(actual)
    return expected == actual or _is_redefinition(schema, expected, actual)


def _is_redefinition(schema: Schema, expected: str, actual: str) -> bool:
    if is_non_null(expected):
        return is_non_null(actual) and _is_redefinition(schema, nullable(expected), nullable(actual))
    if is_list(expected):
        return is_list(actual) and _is_redefinition(schema, item_of(expected), item_of(actual))
    return _is_custom_scalar(schema, expected) and not _is_custom_scalar(schema, actual)


def _is_custom_scalar(schema: Schema, name: str) -> bool:
    type_ = schema.type(name)
    return type_ is not None and type_.kind is Kind.SCALAR and name not in schema.BUILT_IN_SCALARS
