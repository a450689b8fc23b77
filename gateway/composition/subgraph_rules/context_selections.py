"""The selection of a @fromContext: on every type that sets the context it gives exactly one value, of the argument's type."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import GraphQLSyntaxError, parse
from graphql.language import FieldNode, InlineFragmentNode, OperationDefinitionNode

from ..error_codes import ErrorCode
from ..errors import CompositionError, InvalidSchema, error
from ..metadata import SubgraphMetadata
from ..schema import Argument, TypeDefinition
from ..schema.read_selections import parse_selections
from ..schema.selections import SelectedField, SelectedFragment, Selections
from ..schema.type_reference import TypeReference, base_name, is_list, is_non_null, item_of, nullable


def context_selection_errors(
    metadata: SubgraphMetadata, argument: Argument, context: str, selection: str, types: list[TypeDefinition]
) -> Iterator[CompositionError]:
    return _Check(metadata, argument, context, selection).errors(types)


class _Check:
    def __init__(self, metadata: SubgraphMetadata, argument: Argument, context: str, selection: str) -> None:
        self.metadata = metadata
        self.argument = argument
        self.context = context
        self.selection = selection
        self.used_conditions: set[str] = set()

    def errors(self, types: list[TypeDefinition]) -> Iterator[CompositionError]:
        try:
            conditions = _type_conditions(self.selection)
        except ValueError as problem:
            yield self._invalid(f"is invalid: {problem}")
            return
        for type_ in types:
            try:
                selections = parse_selections(type_, self.selection)
            except InvalidSchema as problem:
                yield self._invalid(f"is invalid for type {type_.name}. Error: {problem.errors[0].message}")
                return
            found = list(self._errors_on(type_, selections, has_fragments=conditions is not None))
            yield from found
            if any(stops for _, stops in self._stops(found)):
                return
        for condition in conditions or ():
            if condition not in self.used_conditions:
                yield self._invalid(f'is invalid: type condition "{condition}" is never used.')

    @staticmethod
    def _stops(found: list[CompositionError]) -> Iterator[tuple[CompositionError, bool]]:
        """Errors about the type of the value hold for the other types too: one is enough."""
        for item in found:
            yield item, "the type of the selection" in item.message or "no type condition matches" in item.message

    def _errors_on(
        self, type_: TypeDefinition, selections: Selections, *, has_fragments: bool
    ) -> Iterator[CompositionError]:
        if _any_selected(selections, lambda selection: bool(selection.directives)):
            yield self._invalid("is invalid: directives are not allowed in the selection")
        if _any_selected(
            selections, lambda selection: isinstance(selection, SelectedField) and selection.alias is not None
        ):
            yield self._invalid("is invalid: aliases are not allowed in the selection")
        if not has_fragments:
            yield from self._interface_objects(type_, selections)
            resolved = _resolved_type(selections)
            if resolved is None or not _can_be_given_for(resolved, self.argument.type):
                yield self._wrong_type(f' "{resolved or "undefined"}"')
            return
        matching = []
        for fragment in selections:
            if not isinstance(fragment, SelectedFragment) or fragment.type_condition is None:
                yield self._invalid("is invalid: inline fragments must have type conditions")
            elif not fragment.type_condition.is_object:
                yield self._invalid("is invalid: type conditions must be an object type")
            elif fragment.type_condition in self.metadata.schema.possible_types(type_):
                matching.append(fragment)
                self.used_conditions.add(fragment.type_condition.name)
        if not matching:
            yield self._invalid(f'is invalid: no type condition matches the location "{type_.name}"')
        for fragment in matching:
            if fragment.type_condition is not None:
                yield from self._interface_objects(fragment.type_condition, fragment.selections)
            resolved = _resolved_type(fragment.selections)
            # Other subgraphs may know more members of the type: it is always possible that no condition holds.
            if resolved is None or not _can_be_given_for(nullable(resolved), self.argument.type):
                yield self._wrong_type(f' "{resolved}"' if resolved else "")
                return

    def _interface_objects(self, type_: TypeDefinition, selections: Selections) -> Iterator[CompositionError]:
        if self.metadata.is_interface_object(type_):
            yield error(
                ErrorCode.CONTEXT_INVALID_SELECTION,
                f'Context "is used in "{self.argument.coordinate}" but the selection is invalid: One of the types in the'
                f' selection is an interfaceObject: "{type_.name}"',
                self.argument,
            )
        for selection in selections:
            inner = selection.type if isinstance(selection, SelectedField) and selection.selections else None
            if inner is not None:
                yield from self._interface_objects(inner, selection.selections)

    def _wrong_type(self, resolved: str) -> CompositionError:
        return self._invalid(
            f'is invalid: the type of the selection{resolved} does not match the expected type "{self.argument.type}"'
        )

    def _invalid(self, problem: str) -> CompositionError:
        return error(
            ErrorCode.CONTEXT_INVALID_SELECTION,
            f'Context "{self.context}" is used in "{self.argument.coordinate}" but the selection {problem}',
            self.argument,
        )


def _type_conditions(selection: str) -> list[str] | None:
    """The type conditions of a selection of fragments; None for a selection of one field. Raises ValueError for any other."""
    text = selection if selection.strip().startswith("{") else f"{{{selection}}}"
    try:
        document = parse(text, no_location=True)
    except (GraphQLSyntaxError, RecursionError) as problem:
        raise ValueError(getattr(problem, "message", "it is nested too deeply")) from problem
    operation = document.definitions[0]
    if len(document.definitions) != 1 or not isinstance(operation, OperationDefinitionNode):
        raise ValueError(f"Selections should contain a single definitions, found {len(document.definitions)}")
    nodes = operation.selection_set.selections
    if isinstance(nodes[0], FieldNode):
        if len(nodes) != 1:
            raise ValueError("multiple selections are made")
        return None
    if not isinstance(nodes[0], InlineFragmentNode):
        raise ValueError("fragment spread is not allowed")
    conditions = []
    for node in nodes:
        if not isinstance(node, InlineFragmentNode):
            raise ValueError("multiple fields could be selected")
        if node.type_condition is not None:
            conditions.append(node.type_condition.name.value)
    if len(set(conditions)) != len(nodes):
        raise ValueError("type conditions have same name")
    return conditions


def _any_selected(selections: Selections, predicate):  # type: ignore[no-untyped-def]
    return any(predicate(selection) or _any_selected(selection.selections, predicate) for selection in selections)


def _resolved_type(selections: Selections) -> TypeReference | None:
    """The type of the one value the selection gives; None when its fields differ in type."""
    types = {_resolved_field_type(selection) for selection in selections}
    return types.pop() if len(types) == 1 else None


def _resolved_field_type(selection: SelectedField | SelectedFragment) -> TypeReference | None:
    if not isinstance(selection, SelectedField):
        return None
    reference = selection.field.type
    if not selection.selections:
        return _lists_around(reference, base_name(reference))
    inner = _resolved_type(selection.selections)
    return _lists_around(reference, inner) if inner is not None else None


def _lists_around(reference: TypeReference, inner: TypeReference) -> TypeReference:
    """`inner` in as many lists as `reference` has: what is null on the way makes the value null, or shorter."""
    for _ in range(reference.count("[")):
        inner = f"[{inner}]"
    return inner


def _can_be_given_for(value: TypeReference, argument: TypeReference) -> bool:
    if is_non_null(value):
        return _can_be_given_for(nullable(value), nullable(argument))
    if is_list(value) and is_list(argument):
        return _can_be_given_for(item_of(value), item_of(argument))
    return value == argument and "[" not in value
