"""Read the text of a selection set against the type it selects from: fields, fragments, and arguments with their types."""

from __future__ import annotations

from functools import lru_cache

from graphql import GraphQLSyntaxError, parse, print_ast
from graphql.language import (
    ArgumentNode,
    BooleanValueNode,
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
from ..errors import CompositionError, InvalidSchema, invalid
from .elements import Field, TypeDefinition
from .schema import Schema
from .selections import FieldOf, SelectedField, SelectedFragment, Selection, Selections, field_of, merge_repeated
from .type_reference import base_name, is_list, is_non_null, item_of, nullable
from .values import is_valid_value, print_value, value_from_node


def parse_selections(
    parent: TypeDefinition, source: str, field_accessor: FieldOf = field_of, *, validate: bool = True
) -> Selections:
    """Raises InvalidSchema (INVALID_GRAPHQL) when the text is no selection set of this type."""
    selections = _read_selections(parent, _selection_set_node(source), field_accessor)
    if validate:
        for selection in selections:
            _validate(selection)
    return selections


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
