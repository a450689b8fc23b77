"""Print a schema as SDL, in the form supergraphs have: directives and types by name, applied directives on lines of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .elements import (
    Argument,
    Directive,
    DirectiveDefinition,
    Element,
    EnumValue,
    Field,
    Kind,
    RootKind,
    TypeDefinition,
)
from .schema import Schema
from .values import print_value

_KEYWORDS = {
    Kind.SCALAR: "scalar",
    Kind.OBJECT: "type",
    Kind.INTERFACE: "interface",
    Kind.UNION: "union",
    Kind.ENUM: "enum",
    Kind.INPUT_OBJECT: "input",
}
_LONG_DESCRIPTION = 70  # characters; longer ones get lines of their own, as graphql-js prints them


def print_schema(schema: Schema) -> str:
    definitions: list[str] = []
    if schema.directives or schema.description or not _has_default_names(schema):
        definitions.append(_print_schema_definition(schema))
    definitions += map(_print_directive, _by_name(schema.directive_definitions.values()))
    definitions += map(_print_type, _by_name(schema.types.values()))
    return "\n\n".join(definitions) + "\n"


def _by_name(elements: Iterable[TypeDefinition] | Iterable[DirectiveDefinition]) -> list:  # type: ignore[type-arg]
    return sorted(elements, key=lambda element: (element.name.lower(), element.name.swapcase()))


def _has_default_names(schema: Schema) -> bool:
    return all(root.type.name == kind.default_name for kind, root in schema.roots.items())


def _print_schema_definition(schema: Schema) -> str:
    roots = [f"  {kind}: {schema.roots[kind].type.name}" for kind in RootKind if kind in schema.roots]
    head = _print_description(schema) + "schema" + _on_lines(schema.directives)
    return head + ("\n" if schema.directives else " ") + "{\n" + "\n".join(roots) + "\n}"


def _print_directive(definition: DirectiveDefinition) -> str:
    repeatable = " repeatable" if definition.is_repeatable else ""
    arguments = _print_arguments(list(definition.arguments.values()), "")
    locations = " | ".join(definition.locations)
    return f"{_print_description(definition)}directive @{definition.name}{arguments}{repeatable} on {locations}"


def _print_type(type_: TypeDefinition) -> str:
    text = f"{_print_description(type_)}{_KEYWORDS[type_.kind]} {type_.name}"
    if type_.interfaces:
        text += f" implements {' & '.join(type_.interfaces)}"
    text += _on_lines(type_.directives)
    if type_.kind is Kind.UNION:
        separator = "\n" if type_.directives else ""
        return f"{text}{separator} = {' | '.join(type_.members)}" if type_.members else text
    members: Iterator[str]
    if type_.kind is Kind.ENUM:
        members = (_print_value(value, index) for index, value in enumerate(type_.values.values()))
    else:
        members = (_print_field(field, index) for index, field in enumerate(type_.fields.values()))
    printed = list(members)
    if not printed:
        return text
    return text + ("\n" if type_.directives else " ") + "{\n" + "\n".join(printed) + "\n}"


def _print_value(value: EnumValue, index: int) -> str:
    return f"{_print_description(value, '  ', is_first=index == 0)}  {value.name}{_inline(value.directives)}"


def _print_field(field: Field, index: int) -> str:
    text = _print_description(field, "  ", is_first=index == 0)
    text += f"  {field.name}{_print_arguments(list(field.arguments.values()), '  ')}: {field.type}"
    if field.default is not ...:
        text += f" = {print_value(field.default, field.type, field.schema)}"
    return text + _inline(field.directives)


def _print_arguments(arguments: Sequence[Argument], indentation: str) -> str:
    if not arguments:
        return ""
    if not any(argument.description for argument in arguments):
        return "(" + ", ".join(map(_print_argument, arguments)) + ")"
    lines = (
        _print_description(argument, "  " + indentation, is_first=index == 0)
        + f"  {indentation}{_print_argument(argument)}"
        for index, argument in enumerate(arguments)
    )
    return "(\n" + "\n".join(lines) + f"\n{indentation})"


def _print_argument(argument: Argument) -> str:
    default = ""
    if argument.default is not ...:
        default = f" = {print_value(argument.default, argument.type, argument.schema)}"
    return f"{argument.name}: {argument.type}{default}{_inline(argument.directives)}"


def _inline(directives: Sequence[Directive]) -> str:
    return "".join(f" {directive}" for directive in directives)


def _on_lines(directives: Sequence[Directive]) -> str:
    return "".join(f"\n  {directive}" for directive in directives)


def _print_description(element: Element, indentation: str = "", *, is_first: bool = True) -> str:
    text = element.description
    if text is None:
        return ""
    block = _block_string(text, prefers_lines=len(text) > _LONG_DESCRIPTION).replace("\n", "\n" + indentation)
    start = indentation if is_first or not indentation else "\n" + indentation
    return f"{start}{block}\n"


def _block_string(text: str, *, prefers_lines: bool) -> str:
    is_single_line = "\n" not in text
    has_leading_space = text[:1] in (" ", "\t") and bool(text)
    on_lines = not is_single_line or text.endswith(('"', "\\")) or prefers_lines
    result = "\n" if on_lines and not (is_single_line and has_leading_space) else ""
    result += text
    if on_lines:
        result += "\n"
    return '"""' + result.replace('"""', '\\"""') + '"""'
