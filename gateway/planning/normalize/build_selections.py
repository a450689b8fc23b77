"""Turn collected drafts into FieldSelections, level by level, and give each its tree key."""

from __future__ import annotations

from graphql import ArgumentNode
from graphql.language import print_ast

from ...errors import PlanningError
from ...language import FieldSet, FieldSetFragment
from ...supergraph import Supergraph, SupergraphField
from ..deadline import Deadline
from ..guards import ALWAYS
from ..operation import INTROSPECTION_FIELDS, TYPENAME, FieldSelection, Region
from ..positions import Position, Shape
from .collect_fields import Collected, FieldCollector, FieldDraft
from .field_set_arguments import argument_nodes
from .remove_covered import remove_covered

_CONDITIONS = frozenset({"skip", "include", "defer"})
_INITIAL: frozenset[str | None] = frozenset({None})


class SelectionBuilder:
    """Builds selections for one operation, the client's as well as those that keys and requirements add."""

    def __init__(self, supergraph: Supergraph, deadline: Deadline) -> None:
        self._supergraph = supergraph
        self.deadline = deadline
        self._shapes: dict[tuple[str, str], Shape] = {}
        self.collector = FieldCollector(supergraph, {}, deadline)

    def regions(self, parent_type: str, collected: Collected, position: Position) -> tuple[Region, ...]:
        """The regions of one position, with everything below them."""
        regions = tuple(
            Region(
                type_name,
                types,
                tuple(
                    self._selection(draft, response_key, type_name, position) for response_key, draft in drafts.items()
                ),
            )
            for (type_name, types), drafts in remove_covered(collected).regions.items()
        )
        if len(regions) > 1:
            _mark_split(regions)
        return regions

    def field_set_regions(self, parent_type: str, field_set: FieldSet, position: Position) -> tuple[Region, ...]:
        """The same for a field set on objects of `parent_type`: fields share a tree key with what the client selects alike."""
        possible = self._supergraph.possible_types[parent_type]
        regions: dict[tuple[str, frozenset[str]], list[FieldSelection]] = {}

        def add(selections: FieldSet, on: str, types: frozenset[str]) -> None:
            for selection in selections:
                if isinstance(selection, FieldSetFragment):
                    condition = selection.type_condition or on
                    narrowed = types & self._supergraph.possible_types[condition]
                    if narrowed:
                        add(selection.selections, condition, narrowed)
                    continue
                if types == possible and self._has_field(parent_type, selection.field_name):
                    keys = [(parent_type, types)]
                elif self._supergraph.possible_types[on] & possible == types:
                    keys = [(on, types)]
                else:
                    keys = [(name, frozenset((name,))) for name in sorted(types)]
                for key in keys:
                    nodes = argument_nodes(selection.arguments)
                    built = self._required(selection.field_name, nodes, selection.selections, key[0], position)
                    regions.setdefault(key, []).append(built)

        add(field_set, parent_type, possible)
        return tuple(Region(name, types, tuple(selections)) for (name, types), selections in regions.items())

    def shape(self, definition: SupergraphField | None, type_name: str) -> Shape:
        """The field's type in each subgraph, as far as it matters when two fields meet under one key."""
        if definition is None:
            return ()
        key = (type_name, definition.name)
        if key not in self._shapes:
            named = self._supergraph.types.get(definition.named_type)
            is_composite = named is not None and named.is_composite
            # Whatever subgraphs say: one tree key has one list depth, and either objects or leaf values.
            everywhere = ("", "[" * definition.type_text.count("[") + ("{" if is_composite else ""))
            self._shapes[key] = (
                everywhere,
                *(
                    (graph, _without_name(field.type_text) if is_composite else field.type_text)
                    for graph, field in definition.by_graph.items()
                ),
            )
        return self._shapes[key]

    def _selection(self, draft: FieldDraft, response_key: str, type_name: str, position: Position) -> FieldSelection:
        self.deadline.check()
        node = draft.node
        definition = self._definition(type_name, node.name.value)
        arguments = node.arguments or ()
        tree_key = position.key_for_client(
            response_key, node.name.value, _arguments_key(arguments), self.shape(definition, type_name)
        )
        directives = [d for d in node.directives or () if d.name.value not in _CONDITIONS]
        selection = FieldSelection(
            order=draft.order,
            response_key=response_key,
            field_name=node.name.value,
            arguments=arguments,
            directives_text=" ".join(print_ast(directive) for directive in directives),
            guard=draft.guard,
            defers=frozenset(defer_id for _, defer_id, _ in draft.instances),
            parent_type=type_name,
            definition=definition,
            position=position,
            tree_key=tree_key,
            guard_by_defer=draft.guard_by_defer(),
            copy_for=lambda name: self._selection(draft, response_key, name, position),
        )
        if node.selection_set is not None and definition is not None:
            child = position.child(tree_key, definition.type_text.count("["))
            collected = self.collector.collect(definition.named_type, draft.sources())
            selection.child_position = child
            selection.regions = self.regions(definition.named_type, collected, child)
            selection.defer_marks = tuple(collected.defer_marks)
        return selection

    def _required(
        self,
        field_name: str,
        arguments: tuple[ArgumentNode, ...],
        selections: FieldSet,
        type_name: str,
        position: Position,
    ) -> FieldSelection:
        definition = self._definition(type_name, field_name)
        tree_key = position.key_for_requirement(
            field_name, _arguments_key(arguments), self.shape(definition, type_name)
        )
        selection = FieldSelection(
            order=0,
            response_key=tree_key,
            field_name=field_name,
            arguments=arguments,
            directives_text="",
            guard=ALWAYS,
            defers=_INITIAL,
            parent_type=type_name,
            definition=definition,
            position=position,
            tree_key=tree_key,
            copy_for=lambda name: self._required(field_name, arguments, selections, name, position),
        )
        if selections and definition is not None:
            selection.child_position = position.child(tree_key, definition.type_text.count("["))
            selection.regions = self.field_set_regions(definition.named_type, selections, selection.child_position)
        return selection

    def _definition(self, type_name: str, field_name: str) -> SupergraphField | None:
        if field_name == TYPENAME:
            return None
        if field_name in INTROSPECTION_FIELDS:
            raise PlanningError(f'"{field_name}" can be selected at the root of a query only, not below other fields')
        return self._supergraph.types[type_name].fields[field_name]

    def _has_field(self, type_name: str, field_name: str) -> bool:
        return field_name == TYPENAME or field_name in self._supergraph.types[type_name].fields


def _mark_split(regions: tuple[Region, ...]) -> None:
    """One object has one tree key per response key: where regions disagree about it, each object type is settled by itself."""
    by_key: dict[str, list[tuple[FieldSelection, frozenset[str]]]] = {}
    for region in regions:
        for selection in region.selections:
            by_key.setdefault(selection.response_key, []).append((selection, region.types))
    for entries in by_key.values():
        for number, (first, types) in enumerate(entries):
            for second, other_types in entries[number + 1 :]:
                if types & other_types and first.tree_key != second.tree_key:
                    first.is_split = second.is_split = True


def _arguments_key(arguments: tuple[ArgumentNode, ...]) -> str:
    if not arguments:
        return ""
    return ",".join(sorted(print_ast(argument) for argument in arguments))


def _without_name(type_text: str) -> str:
    return "".join(character for character in type_text if character in "[]!")
