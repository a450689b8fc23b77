"""Field sets, the `"id org { id }"` of @key, @requires and @provides, read against the type they select from."""

from __future__ import annotations

from dataclasses import replace

from graphql import print_ast
from graphql.language import (
    StringValueNode,
)

from ..error_codes import ErrorCode
from ..errors import CompositionError, InvalidSchema, directive_code, invalid, nodes_of
from .elements import Directive, Field, Kind, TypeDefinition
from .read_selections import parse_selections
from .selections import FieldOf, Selections, field_of, fields_of
from .type_reference import base_name


def parse_field_set(
    parent: TypeDefinition,
    directive: Directive,
    directive_name: str,
    field_accessor: FieldOf = field_of,
    *,
    validate: bool = True,
) -> Selections:
    """The `fields` of an applied directive, whose name in the federation spec is given. Raises InvalidSchema, its codes precise."""
    try:
        source = _fields_argument(directive, directive_name)
        selections = parse_selections(parent, source, field_accessor, validate=validate)
        if validate:
            _reject_aliases(selections, directive_name)
    except InvalidSchema as problem:
        raise InvalidSchema(at_field_set(directive, directive_name, found) for found in problem.errors) from problem
    return selections


def _fields_argument(directive: Directive, directive_name: str) -> str:
    fields = directive.arguments.get("fields")
    arguments = getattr(directive.node, "arguments", None) or ()
    written = next((argument.value for argument in arguments if argument.name.value == "fields"), None)
    # An unquoted word is an enum value, which reads as a string too.
    if not isinstance(fields, str) or (written is not None and not isinstance(written, StringValueNode)):
        raise invalid(
            directive_code(directive_name, "INVALID_FIELDS_TYPE"),
            'Invalid value for argument "fields": must be a string.',
            directive,
        )
    return fields


def at_field_set(directive: Directive, directive_name: str, problem: CompositionError) -> CompositionError:
    """An error within a field set, told from where the field set stands."""
    code = problem.code
    message = problem.message.strip()
    if code is ErrorCode.INVALID_GRAPHQL:
        code = directive_code(directive_name, "INVALID_FIELDS")
    if message.startswith("Cannot query field"):
        if directive_name == "key":
            hint = (
                "the field should either be added to this subgraph or, if it should not be resolved by this subgraph,"
                " you need to add it to this subgraph with @external"
            )
        else:
            hint = "if the field is defined in another subgraph, you need to add it to this subgraph with @external"
        message = f"{message.removesuffix('.')} ({hint})."
    return replace(
        problem,
        code=code,
        message=f"On {describe_target(directive)}, for {print_applied(directive)}: {message}",
        nodes=nodes_of([directive, *problem.nodes]),
    )


def describe_target(directive: Directive) -> str:
    kind = "field" if isinstance(directive.parent, Field) else "type"
    return f'{kind} "{directive.parent.coordinate}"'


def print_applied(directive: Directive) -> str:
    """As it is written in the SDL, which may not be what it should be."""
    return print_ast(directive.node) if directive.node is not None else str(directive)


def _reject_aliases(selections: Selections, directive_name: str) -> None:
    for selected in fields_of(selections):
        if selected.alias:
            text = f"{selected.alias}: {selected.field.name}"
            raise invalid(
                ErrorCode.INVALID_GRAPHQL,
                f'Cannot use alias "{selected.alias}" in "{text}": aliases are not currently supported in @{directive_name}',
            )


def selects_union_or_interface(field: Field) -> TypeDefinition | None:
    type_ = field.schema.type(base_name(field.type))
    return type_ if type_ is not None and type_.kind in (Kind.UNION, Kind.INTERFACE) else None
