"""Take out of an operation what its caller may not see, and put null in its place in the answer.

    document -> document without the forbidden fields, and where they were -> executed -> nulls put in

No subgraph is asked for what is forbidden. A null goes on to what is around it where the field cannot be null, as ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLNonNull,
    GraphQLOutputType,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
    is_list_type,
)

from .authorization import AuthorizationRules, Grants
from .refusals import JsonObject

CODE = "UNAUTHORIZED_FIELD_OR_TYPE"
PLACEHOLDER = "_authorization_typename"


def remove_forbidden(
    document: DocumentNode, operation: OperationDefinitionNode, rules: AuthorizationRules, grants: Grants
) -> tuple[DocumentNode, Removal | None]:
    """Return the document without what these grants do not allow, and what was taken out of the operation."""
    finder = _ForbiddenFinder(rules, document, grants)
    removed = RemovedHere()
    finder.walk(operation.selection_set, rules.root_type(operation), (), removed)
    if not finder.paths:
        return document, None
    errors = tuple(
        {"message": "Unauthorized field or type", "path": list(path), "extensions": {"code": CODE}}
        for path in finder.paths
    )
    definitions = [finder.without_forbidden(definition) for definition in document.definitions]
    return DocumentNode(definitions=tuple(definitions)), Removal(errors, removed)


@dataclass(slots=True)
class RemovedHere:
    """What was taken out below one response path. `types` are the object types that an entry of `keys` concerns."""

    type: GraphQLOutputType | None = None
    keys: list[tuple[str, bool, frozenset[str]]] = field(default_factory=list)
    """Response key, whether the field is nullable, object types."""
    below: dict[str, RemovedHere] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Removal:
    """What was taken out of one operation."""

    errors: tuple[JsonObject, ...]
    root: RemovedHere

    @property
    def is_root(self) -> bool:
        """Whether a root field is among it."""
        return bool(self.root.keys)

    def apply(self, data: JsonObject | None) -> JsonObject | None:
        """Return the answer's data with null for what was taken out; `data` itself is not changed."""
        if data is None:
            return None
        completed = _completed_object(data, self.root)
        return None if completed is _BUBBLE else completed


class _ForbiddenFinder:
    """Finds what is forbidden, by response path, and takes it out of the document's selection sets."""

    def __init__(self, rules: AuthorizationRules, document: DocumentNode, grants: Grants) -> None:
        self._rules = rules
        self._grants = grants
        self._fragments = {it.name.value: it for it in document.definitions if isinstance(it, FragmentDefinitionNode)}
        self.paths: dict[tuple[str, ...], None] = {}

    def walk(
        self,
        selection_set: SelectionSetNode,
        parent: GraphQLCompositeType,
        path: tuple[str, ...],
        removed: RemovedHere,
        concerned: frozenset[str] | None = None,
    ) -> None:
        """Note what is forbidden in a selection set; `concerned` are the object types that its fragments leave."""
        types = self._rules.possible_types(parent)
        concerned = types if concerned is None else concerned & types
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                self._walk_field(selection, parent, path, removed, concerned)
                continue
            inner_parent, inner = self._fragment(selection, parent)
            self.walk(inner, inner_parent, path, removed, concerned)

    def _walk_field(
        self,
        node: FieldNode,
        parent: GraphQLCompositeType,
        path: tuple[str, ...],
        removed: RemovedHere,
        concerned: frozenset[str],
    ) -> None:
        definition = getattr(parent, "fields", {}).get(node.name.value)
        if definition is None:
            return  # introspection
        key = (node.alias or node.name).value
        if not self._allows(node, parent):
            self.paths[(*path, key)] = None
            removed.keys.append((key, not isinstance(definition.type, GraphQLNonNull), concerned))
        elif node.selection_set is not None:
            inner = removed.below.setdefault(key, RemovedHere(definition.type))
            named_type = get_named_type(definition.type)
            assert is_composite_type(named_type)
            self.walk(node.selection_set, named_type, (*path, key), inner)
            if not inner.keys and not inner.below:
                del removed.below[key]

    def without_forbidden(self, definition: Any) -> Any:
        """Return a definition of the document without what is forbidden in it."""
        if isinstance(definition, FragmentDefinitionNode):
            parent = self._rules.type(definition.type_condition.name.value)
        elif isinstance(definition, OperationDefinitionNode):
            parent = self._rules.root_type(definition)
        else:
            return definition
        return replace(definition, selection_set=self._filtered(definition.selection_set, parent))

    def _filtered(self, selection_set: SelectionSetNode, parent: GraphQLCompositeType) -> SelectionSetNode:
        kept: list[SelectionNode] = []
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                if not self._allows(selection, parent):
                    continue
                definition = getattr(parent, "fields", {}).get(selection.name.value)
                if selection.selection_set is not None and definition is not None:
                    named_type = get_named_type(definition.type)
                    inner = self._filtered(selection.selection_set, named_type)
                    selection = replace(selection, selection_set=inner)
            elif isinstance(selection, InlineFragmentNode):
                inner_parent, inner_set = self._fragment(selection, parent)
                selection = replace(selection, selection_set=self._filtered(inner_set, inner_parent))
            kept.append(selection)
        if len(kept) < len(selection_set.selections):
            # Tells the object's type when the nulls are put in, and keeps the set from being empty.
            kept.append(FieldNode(name=NameNode(value="__typename"), alias=NameNode(value=PLACEHOLDER)))
        return SelectionSetNode(selections=tuple(kept))

    def _allows(self, node: FieldNode, parent: GraphQLCompositeType) -> bool:
        definition = getattr(parent, "fields", {}).get(node.name.value)
        if definition is None:
            return True
        named_type = get_named_type(definition.type).name
        if not self._rules.allows_field(parent.name, node.name.value, named_type, self._grants):
            return False
        # A fragment on a type is a way to its fields; the type's own requirement guards them all.
        return self._rules.allows_type(parent.name, self._grants)

    def _fragment(
        self, selection: SelectionNode, parent: GraphQLCompositeType
    ) -> tuple[GraphQLCompositeType, SelectionSetNode]:
        if isinstance(selection, FragmentSpreadNode):
            fragment = self._fragments[selection.name.value]
            return self._rules.type(fragment.type_condition.name.value), fragment.selection_set
        assert isinstance(selection, InlineFragmentNode)
        condition = selection.type_condition
        return parent if condition is None else self._rules.type(condition.name.value), selection.selection_set


_BUBBLE: Any = object()


def _completed_object(value: JsonObject, removed: RemovedHere) -> Any:
    completed = dict(value)
    type_name = completed.pop(PLACEHOLDER, None)
    for key, below in removed.below.items():
        if key in completed:
            inner = _completed(completed[key], below.type, below)
            if inner is _BUBBLE:
                return _BUBBLE
            completed[key] = inner
    for key, is_nullable, types in removed.keys:
        if type_name is None or type_name in types:
            if not is_nullable:
                return _BUBBLE
            completed.setdefault(key, None)
    return completed


def _completed(value: Any, type_: Any, removed: RemovedHere) -> Any:
    """Complete a value of a type; `_BUBBLE` says that the null goes on to what is around it."""
    is_nullable = not isinstance(type_, GraphQLNonNull)
    inner_type = type_ if is_nullable else type_.of_type
    if value is None:
        return None
    if isinstance(value, list):
        item_type = inner_type.of_type if is_list_type(inner_type) else inner_type
        items = [_completed(item, item_type, removed) for item in value]
        completed: Any = _BUBBLE if any(item is _BUBBLE for item in items) else items
    else:
        completed = _completed_object(value, removed)
    return None if completed is _BUBBLE and is_nullable else completed
