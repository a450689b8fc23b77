"""Field sets, the `"id org { id }"` of @key, @requires and @provides, read against the type they select from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

from graphql import GraphQLSyntaxError, parse, print_ast
from graphql.language import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
)

from ...specs.feature import ConstValue
from ...specs.federation import FEDERATION_IDENTITY
from ..error_codes import ErrorCode
from ..errors import CompositionError, InvalidSchema, directive_code, invalid, nodes_of
from .elements import Directive, Field, Kind, Schema, TypeDefinition
from .type_reference import base_name, is_list, is_non_null, item_of, nullable
from .values import is_valid_value, print_value, value_from_node


@dataclass(frozen=True, slots=True)
class SelectedField:
    field: Field
    arguments: dict[str, ConstValue]
    alias: str | None
    directives: tuple[DirectiveNode, ...]
    selections: tuple[Selection, ...]

    @property
    def type(self) -> TypeDefinition | None:
        return self.field.schema.type(base_name(self.field.type))


@dataclass(frozen=True, slots=True)
class SelectedFragment:
    type_condition: TypeDefinition | None
    directives: tuple[DirectiveNode, ...]
    selections: tuple[Selection, ...]


Selection: TypeAlias = SelectedField | SelectedFragment
Selections: TypeAlias = tuple[Selection, ...]
FieldOf: TypeAlias = Callable[[TypeDefinition, str], Field | None]
"""How a field is looked up; what is looked up is what the field set uses."""


def field_of(type_: TypeDefinition, name: str) -> Field | None:
    return type_.field(name)


def parse_selections(
    parent: TypeDefinition, source: str, field_accessor: FieldOf = field_of, *, validate: bool = True
) -> Selections:
    """Raises InvalidSchema (INVALID_GRAPHQL) when the text is no selection set of this type."""
    selections = _read_selections(parent, _selection_set_node(source), field_accessor)
    if validate:
        for selection in selections:
            _validate(selection)
    return selections


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


def fields_of(selections: Selections) -> Iterator[SelectedField]:
    """All selected fields, depth first."""
    for selection in selections:
        if isinstance(selection, SelectedField):
            yield selection
        yield from fields_of(selection.selections)


def print_selections(selections: Selections) -> str:
    return " ".join(_print_selection(selection) for selection in selections)


def same_selections(left: Selections, right: Selections) -> bool:
    """Whether both select the same, in any order and whatever type they start from."""
    return sorted(map(_print_sorted, left)) == sorted(map(_print_sorted, right))


def _print_selection(selection: Selection) -> str:
    if isinstance(selection, SelectedField):
        text = f"{selection.alias}: {selection.field.name}" if selection.alias else selection.field.name
        if selection.arguments:
            known = selection.field.arguments
            arguments = (
                f"{name}: {print_value(value, known[name].type, selection.field.schema)}"
                for name, value in selection.arguments.items()
            )
            text += f"({', '.join(arguments)})"
    else:
        text = f"... on {selection.type_condition.name}" if selection.type_condition else "..."
    text += "".join(f" {print_ast(directive)}" for directive in selection.directives)
    return f"{text} {{ {print_selections(selection.selections)} }}" if selection.selections else text


def _print_sorted(selection: Selection) -> str:
    alone = _print_selection(replace(selection, selections=()))
    inner = sorted(map(_print_sorted, selection.selections))
    return f"{alone} {{ {' '.join(inner)} }}" if inner else alone


@lru_cache(maxsize=4096)
def _selection_set_node(source: str) -> SelectionSetNode:
    text = source if source.strip().startswith("{") else f"{{{source}}}"
    try:
        document = parse(text, no_location=True)
    except GraphQLSyntaxError as problem:
        raise invalid(ErrorCode.INVALID_GRAPHQL, problem.message) from problem
    except RecursionError as problem:
        raise invalid(ErrorCode.INVALID_GRAPHQL, "Syntax Error: the selection is nested too deeply.") from problem
    if len(document.definitions) != 1:
        message = f"Selections should contain a single definitions, found {len(document.definitions)}"
        raise invalid(ErrorCode.INVALID_GRAPHQL, message)
    definition = document.definitions[0]
    if not isinstance(definition, OperationDefinitionNode):
        raise invalid(ErrorCode.INVALID_GRAPHQL, "Expected an operation definition but got another one")
    _reject_empty(definition.selection_set)
    return definition.selection_set


def _reject_empty(node: SelectionSetNode) -> None:
    # The parser lets them pass.
    if not node.selections:
        raise invalid(ErrorCode.INVALID_GRAPHQL, 'Syntax Error: Expected Name, found "}".')
    for selection in node.selections:
        inner = getattr(selection, "selection_set", None)
        if inner is not None:
            _reject_empty(inner)


def _read_selections(parent: TypeDefinition, node: SelectionSetNode, field_accessor: FieldOf) -> Selections:
    selections: list[Selection] = []
    for selection in node.selections:
        for directive in selection.directives or ():
            if parent.schema.directive(directive.name.value) is None:
                raise invalid(ErrorCode.INVALID_GRAPHQL, f'Unknown directive "@{directive.name.value}"')
        match selection:
            case FieldNode():
                selections.append(_read_field(parent, selection, field_accessor))
            case InlineFragmentNode():
                condition = (
                    parent.schema.type(selection.type_condition.name.value) if selection.type_condition else None
                )
                if condition is not None and not condition.is_composite:
                    condition = None
                inner = _read_selections(condition or parent, selection.selection_set, field_accessor)
                selections.append(SelectedFragment(condition, tuple(selection.directives or ()), inner))
            case FragmentSpreadNode():
                message = f'Cannot find fragment name "{selection.name.value}" (no fragments were provided)'
                raise invalid(ErrorCode.INVALID_GRAPHQL, message)
    return merge_repeated(selections)


def merge_repeated(selections: Iterable[Selection]) -> Selections:
    """Select what is selected twice only once, with the selections of both."""
    merged: dict[str, Selection] = {}
    for selection in selections:
        key = _response_key(selection)
        first = merged.get(key)
        if first is None:
            merged[key] = selection
        elif selection.selections:
            merged[key] = replace(first, selections=merge_repeated((*first.selections, *selection.selections)))
    return tuple(merged.values())


def _response_key(selection: Selection) -> str:
    if isinstance(selection, SelectedField):
        key = selection.alias or selection.field.name
    else:
        key = f"... on {selection.type_condition.name}" if selection.type_condition else "..."
    return key + "".join(f" {print_ast(directive)}" for directive in selection.directives)


def _read_field(parent: TypeDefinition, node: FieldNode, field_accessor: FieldOf) -> SelectedField:
    field = field_accessor(parent, node.name.value)
    if field is None:
        raise invalid(
            ErrorCode.INVALID_GRAPHQL, f'Cannot query field "{node.name.value}" on type "{parent.name}".', parent
        )
    inner: Selections = ()
    if node.selection_set is not None:
        type_ = parent.schema.type(base_name(field.type))
        if type_ is None or not type_.is_composite:
            message = (
                f'Field "{field.coordinate}" must not have a selection since type "{field.type}" has no subfields.'
            )
            raise invalid(ErrorCode.INVALID_GRAPHQL, message, field)
        inner = _read_selections(type_, node.selection_set, field_accessor)
    arguments = _read_arguments(field, tuple(node.arguments or ()))
    alias = node.alias.value if node.alias else None
    return SelectedField(field, arguments, alias, tuple(node.directives or ()), inner)


def _read_arguments(field: Field, nodes: tuple[ArgumentNode, ...]) -> dict[str, ConstValue]:
    values: dict[str, ConstValue] = {}
    for node in nodes:
        name = node.name.value
        argument = field.arguments.get(name)
        if argument is None:
            raise UnknownArgument(field, name)
        try:
            values[name] = _typed_value(field.schema, node.value, argument.type)
        except ValueError as problem:
            raise invalid(ErrorCode.INVALID_GRAPHQL, f'Invalid value for argument "{name}": {problem}') from problem
    return values


class UnknownArgument(InvalidSchema):
    """Raised when a field set passes an argument that the field does not have."""

    def __init__(self, field: Field, argument: str) -> None:
        self.field = field
        self.argument = argument
        message = (
            f'Unknown argument "{argument}" found in value: "{field.coordinate}" has no argument named "{argument}"'
        )
        super().__init__([CompositionError(ErrorCode.INVALID_GRAPHQL, message)])


class MissingArgument(InvalidSchema):
    """Raised when a field set leaves out an argument that the field requires."""

    def __init__(self, field: Field, argument: str) -> None:
        self.field = field
        self.argument = argument
        message = f'Missing mandatory value for argument "{argument}" of field "{field.coordinate}" in selection "{field.name}"'
        super().__init__([CompositionError(ErrorCode.INVALID_GRAPHQL, message)])


def _typed_value(schema: Schema, node: ValueNode, reference: str) -> ConstValue:
    if isinstance(node, NullValueNode):
        if is_non_null(reference):
            raise ValueError(f'Invalid null value for non-null type "{reference}"')
        return None
    reference = nullable(reference)
    if is_list(reference):
        items = node.values if isinstance(node, ListValueNode) else (node,)
        return [_typed_value(schema, item, item_of(reference)) for item in items]
    accepted = _NODES_OF_SCALARS.get(reference)
    if accepted is not None:
        if not isinstance(node, accepted):
            raise ValueError(f"{reference} cannot represent value {print_ast(node)}.")
        return value_from_node(node)
    type_ = schema.type(reference)
    if type_ is not None and type_.is_input_object:
        if not isinstance(node, ObjectValueNode):
            raise ValueError(f"Input Object Type {reference} cannot represent non-object value {print_ast(node)}.")
        return {item.name.value: _typed_input_field(schema, type_, item.name.value, item.value) for item in node.fields}
    if type_ is not None and type_.is_enum:
        if not isinstance(node, EnumValueNode | StringValueNode) or node.value not in type_.values:
            raise ValueError(f"Enum Type {reference} cannot represent value {print_ast(node)}.")
        return node.value
    return value_from_node(node)


def _typed_input_field(schema: Schema, type_: TypeDefinition, name: str, node: ValueNode) -> ConstValue:
    field = type_.fields.get(name)
    if field is None:
        raise ValueError(f'Unknown field "{name}" found in value for Input Object Type "{type_.name}".')
    return _typed_value(schema, node, field.type)


_NODES_OF_SCALARS: dict[str, tuple[type[ValueNode], ...]] = {
    "Int": (IntValueNode,),
    "Float": (IntValueNode, FloatValueNode),
    "Boolean": (BooleanValueNode,),
    "String": (StringValueNode,),
    "ID": (StringValueNode, IntValueNode),
}


def _validate(selection: Selection) -> None:
    if isinstance(selection, SelectedField):
        _validate_arguments(selection)
        type_ = selection.type
        if type_ is not None and type_.is_composite and not selection.selections:
            field = selection.field
            message = f'Invalid empty selection set for field "{field.coordinate}" of non-leaf type {field.type}'
            raise invalid(ErrorCode.INVALID_GRAPHQL, message, field)
    for inner in selection.selections:
        _validate(inner)


def _validate_arguments(selection: SelectedField) -> None:
    field = selection.field
    contextual = _from_context_name(field.schema)
    for argument in field.arguments.values():
        if contextual is not None and argument.has(contextual):
            continue
        if argument.name not in selection.arguments:
            if argument.is_required:
                raise MissingArgument(field, argument.name)
        elif not is_valid_value(field.schema, selection.arguments[argument.name], argument.type):
            value = print_value(selection.arguments[argument.name])
            message = f'Invalid value {value} for argument "{argument.coordinate}" of type {argument.type}'
            raise invalid(ErrorCode.INVALID_GRAPHQL, message)


def _from_context_name(schema: Schema) -> str | None:
    feature = schema.features.by_identity(FEDERATION_IDENTITY) if schema.features else None
    name = feature.directive_name("fromContext") if feature else None
    return name if name and schema.directive(name) else None


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
