"""What every GraphQL schema must keep, federated or not: names, fields, interfaces, defaults, and how directives are applied."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..error_codes import ErrorCode
from ..errors import CompositionError, error
from .elements import Argument, Directive, DirectiveDefinition, Element, EnumValue, Field, Kind, TypeDefinition
from .schema import Schema
from .type_reference import is_list_or_non_null_list, is_non_null, is_subtype, nullable
from .values import is_valid_value, print_value

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")

_LOCATION_OF_KIND = {
    Kind.SCALAR: "SCALAR",
    Kind.OBJECT: "OBJECT",
    Kind.INTERFACE: "INTERFACE",
    Kind.UNION: "UNION",
    Kind.ENUM: "ENUM",
    Kind.INPUT_OBJECT: "INPUT_OBJECT",
}


def schema_errors(schema: Schema) -> list[CompositionError]:
    """All violations of the GraphQL specification, each with the code INVALID_GRAPHQL."""
    return [
        *_application_errors(schema),
        *(found for type_ in schema.types.values() for found in _type_errors(type_)),
        *_argument_and_value_errors(schema),
        *(found for type_ in schema.types_of(Kind.OBJECT, Kind.INTERFACE) for found in _implementation_errors(type_)),
        *_input_cycle_errors(schema),
    ]


def _invalid(message: str, *at: object) -> CompositionError:
    return error(ErrorCode.INVALID_GRAPHQL, message, *at)


def _application_errors(schema: Schema) -> Iterator[CompositionError]:
    """Directives where they may not be, twice where they may be once, with unknown or without required arguments."""
    for element in _all_elements(schema):
        if not element.directives:
            continue
        seen: set[str] = set()
        for directive in element.directives:
            definition = schema.directive(directive.name)
            if definition is None:
                continue
            location = _location(element)
            if location not in definition.locations:
                yield _invalid(f'Directive "@{directive.name}" may not be used on {location}.', directive)
            if directive.name in seen and not definition.is_repeatable:
                message = f'The directive "@{directive.name}" can only be used once at this location.'
                yield _invalid(message, directive)
            seen.add(directive.name)
            yield from _application_argument_errors(directive, definition)


def _application_argument_errors(directive: Directive, definition: DirectiveDefinition) -> Iterator[CompositionError]:
    for name in directive.arguments:
        if name not in definition.arguments:
            yield _invalid(f'Unknown argument "{name}" on directive "@{directive.name}".', directive)
    for argument in definition.arguments.values():
        if argument.is_required and argument.name not in directive.arguments:
            yield _invalid(
                f'Directive "@{directive.name}" argument "{argument.name}" of type "{argument.type}" is required,'
                " but it was not provided.",
                directive,
            )


def _all_elements(schema: Schema) -> Iterator[Element]:
    yield schema
    for type_ in schema.types.values():
        yield from type_.elements()
    for definition in schema.directive_definitions.values():
        yield from definition.arguments.values()


def _location(element: Element) -> str:
    match element:
        case Schema():
            return "SCHEMA"
        case TypeDefinition():
            return _LOCATION_OF_KIND[element.kind]
        case Field():
            return "INPUT_FIELD_DEFINITION" if element.parent.is_input_object else "FIELD_DEFINITION"
        case Argument():
            return "ARGUMENT_DEFINITION"
        case EnumValue():
            return "ENUM_VALUE"
    return "DIRECTIVE_DEFINITION"


def _name_errors(element: Element) -> Iterator[CompositionError]:
    if element.name.startswith("__"):
        message = f'Name "{element.name}" must not begin with "__", which is reserved by GraphQL introspection.'
        yield _invalid(message, element)
    elif not _NAME.fullmatch(element.name):
        yield _invalid(f'Names must only contain [_a-zA-Z0-9] but "{element.name}" does not.', element)


def _type_errors(type_: TypeDefinition) -> Iterator[CompositionError]:
    yield from _name_errors(type_)
    match type_.kind:
        case Kind.OBJECT | Kind.INTERFACE:
            if not type_.fields:
                yield _invalid(f"Type {type_.name} must define one or more fields.", type_)
        case Kind.INPUT_OBJECT:
            if not type_.fields:
                yield _invalid(f"Input Object type {type_.name} must define one or more fields.", type_)
        case Kind.UNION:
            if not type_.members:
                yield _invalid(f"Union type {type_.name} must define one or more member types.", type_)
        case Kind.ENUM:
            if not type_.values:
                yield _invalid(f"Enum type {type_.name} must define one or more values.", type_)
            for value in type_.values.values():
                yield from _name_errors(value)
                if value.name in ("true", "false", "null"):
                    yield _invalid(f"Enum type {type_.name} cannot include value: {value.name}.", value)
    for field in type_.fields.values():
        yield from _name_errors(field)
        if type_.is_input_object:
            yield from _input_errors(field, "input field")


def _argument_and_value_errors(schema: Schema) -> Iterator[CompositionError]:
    for type_ in schema.types_of(Kind.OBJECT, Kind.INTERFACE):
        for field in type_.fields.values():
            for argument in field.arguments.values():
                yield from _name_errors(argument)
                yield from _input_errors(argument, "argument")
    for definition in schema.all_directives():
        yield from _name_errors(definition)
        if not definition.is_built_in:
            for argument in definition.arguments.values():
                yield from _name_errors(argument)
                yield from _input_errors(argument, "argument")
        for directive in schema.applications.get(definition.name, ()):
            yield from _application_value_errors(directive, definition)


def _input_errors(element: Field | Argument, what: str) -> Iterator[CompositionError]:
    if element.is_required and element.has("deprecated"):
        yield _invalid(f"Required {what} {element.coordinate} cannot be deprecated.", element)
    if element.default is not ... and not is_valid_value(element.schema, element.default, element.type):
        if _shadows_fitting_built_in(element):
            return
        yield _invalid(
            f"Invalid default value (got: {print_value(element.default)}) provided for {what} {element.coordinate}"
            f" of type {element.type}.",
            element,
        )


def _shadows_fitting_built_in(element: Field | Argument) -> bool:
    return (
        isinstance(element, Argument)
        and nullable(element.type) in element.schema.BUILT_IN_SCALARS
        and (is_valid_value(Schema(), element.default, element.type))
    )


def _application_value_errors(directive: Directive, definition: DirectiveDefinition) -> Iterator[CompositionError]:
    for argument in definition.arguments.values():
        value = directive.arguments.get(argument.name)
        is_given = value is not None and value is not False and value not in (0, "")
        if is_given and not is_valid_value(definition.schema, value, argument.type):
            parent = directive.parent.coordinate
            yield _invalid(
                f'Invalid value for "{argument.coordinate}" of type "{argument.type}" in application of'
                f' "{definition.coordinate}" to "{parent}".',
                directive,
                argument,
            )


def _implementation_errors(type_: TypeDefinition) -> Iterator[CompositionError]:
    schema = type_.schema
    if type_.name in type_.interfaces:
        message = f"Type {type_.name} cannot implement itself because it would create a circular reference."
        yield _invalid(message, type_)
    for name in type_.interfaces:
        interface = schema.types.get(name)
        if interface is None:
            continue
        for expected in interface.fields.values():
            field = type_.fields.get(expected.name)
            if field is None:
                message = f"Interface field {expected.coordinate} expected but {type_.name} does not provide it."
                yield _invalid(message, expected, type_)
            else:
                yield from _implemented_field_errors(schema, expected, field)
        for inherited in interface.interfaces:
            if inherited in type_.interfaces:
                continue
            if inherited == type_.name:
                message = f"Type {type_.name} cannot implement {name} because it would create a circular reference."
            else:
                message = f"Type {type_.name} must implement {inherited} because it is implemented by {name}."
            yield _invalid(message, type_, interface)


def _implemented_field_errors(schema: Schema, expected: Field, field: Field) -> Iterator[CompositionError]:
    if not is_subtype(expected.type, field.type, schema.is_direct_subtype):
        yield _invalid(
            f"Interface field {expected.coordinate} expects type {expected.type} but {field.coordinate} of type {field.type}"
            " is not a proper subtype.",
            expected,
            field,
        )
    for argument in expected.arguments.values():
        own = field.arguments.get(argument.name)
        if own is None:
            message = (
                f"Interface field argument {argument.coordinate} expected but {field.coordinate} does not provide it."
            )
            yield _invalid(message, argument, field)
        elif own.type != argument.type:
            yield _invalid(
                f"Interface field argument {argument.coordinate} expects type {argument.type} but {own.coordinate}"
                f" is type {own.type}.",
                argument,
                own,
            )
    for own in field.arguments.values():
        if own.name not in expected.arguments and own.is_required:
            yield _invalid(
                f"Field {field.coordinate} includes required argument {own.name} that is missing from the Interface field"
                f" {expected.coordinate}.",
                own,
                expected,
            )


def _input_cycle_errors(schema: Schema) -> Iterator[CompositionError]:
    """Inputs that need themselves: no value could ever be given for them."""
    visited: set[str] = set()
    for start in schema.types_of(Kind.INPUT_OBJECT):
        if start.name in visited:
            continue
        path: list[Field] = []
        position = {start.name: 0}
        visited.add(start.name)
        stack = [iter(list(start.fields.values()))]
        while stack:
            field = next(stack[-1], None)
            if field is None:
                stack.pop()
                if path:
                    position.pop(nullable(path.pop().type), None)
                continue
            target = _required_input(field)
            if target is None:
                continue
            if target.name in position:
                cycle = [*path[position[target.name] :], field]
                names = ".".join(step.name for step in cycle)
                yield _invalid(
                    f'Cannot reference Input Object "{target.name}" within itself through a series of non-null fields:'
                    f' "{names}".',
                    *cycle,
                )
            elif target.name not in visited:
                visited.add(target.name)
                path.append(field)
                position[target.name] = len(path)
                stack.append(iter(list(target.fields.values())))


def _required_input(field: Field) -> TypeDefinition | None:
    if not is_non_null(field.type) or is_list_or_non_null_list(field.type):
        return None
    type_ = field.schema.types.get(nullable(field.type))
    return type_ if type_ is not None and type_.is_input_object else None
