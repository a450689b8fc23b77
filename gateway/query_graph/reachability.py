"""Answer what can be resolved from a set of nodes: the subgraphs that can be entered from there, and whether a field set is satisfiable.

No costs and no plans: only yes or no. The nodes of a set stand for one and the same object, as different subgraphs see it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from ..language import FieldSet, FieldSetField, FieldSetFragment
from .graph import QueryGraph
from .model import EntityEdge, FieldEdge, Node, NodeKind

Nodes: TypeAlias = frozenset[Node]


class Reachability:
    """Questions about one query graph, with answers remembered."""

    def __init__(self, graph: QueryGraph) -> None:
        self._graph = graph
        self._closures: dict[tuple[str, Nodes], Nodes] = {}
        # Fields whose @requires is being looked into: a field cannot be needed to obtain itself.
        self._in_question: set[FieldEdge] = set()

    def closure(self, type_name: str, nodes: Iterable[Node]) -> Nodes:
        """All nodes at which an object of the static type `type_name` can be looked at, starting from `nodes`."""
        start = frozenset(nodes)
        key = (type_name, start)
        if key in self._closures:
            return self._closures[key]
        reached = start
        if self._graph.is_root_type(type_name):
            reached |= {edge.head for edge in self._graph.root_edges("query")}
        waiting = [edge for edge in self._graph.entity_edges(type_name) if edge.head not in reached]
        while True:
            entered = {edge.head for edge in waiting if self._has_fields(type_name, reached, edge.key.field_set)}
            if not entered - reached:
                break
            reached |= entered
            waiting = [edge for edge in waiting if edge.head not in reached]
        if not self._in_question:
            self._closures[key] = reached
        return reached

    def can_resolve(self, type_name: str, nodes: Iterable[Node], field_set: FieldSet) -> bool:
        """Whether all of `field_set` can be obtained for an object of type `type_name` seen at `nodes`, other subgraphs' help included."""
        return self._has_fields(type_name, self.closure(type_name, nodes), field_set)

    def can_enter(self, type_name: str, nodes: Iterable[Node], edge: EntityEdge) -> bool:
        """Whether the key of an entity edge can be obtained from `nodes`."""
        return self.can_resolve(type_name, nodes, edge.key.field_set)

    def field_edges(self, type_name: str, nodes: Iterable[Node], field_name: str) -> tuple[FieldEdge, ...]:
        """The edges by which a field can be resolved right at `nodes` (no further subgraph entered), their @requires being satisfiable."""
        nodes = frozenset(nodes)
        edges = (self._graph.field_edge(node, field_name) for node in sorted(nodes, key=lambda node: node.id))
        return tuple(edge for edge in edges if edge is not None and self._is_usable(type_name, nodes, edge))

    def _is_usable(self, type_name: str, nodes: Nodes, edge: FieldEdge) -> bool:
        if not edge.needs_entry:
            return True
        if edge in self._in_question:
            return False
        self._in_question.add(edge)
        try:
            entries = [entry for entry in self._graph.entity_edges(type_name) if entry.head.graph == edge.tail.graph]
            return self.can_resolve(type_name, nodes, edge.field.requires) and any(
                self.can_resolve(type_name, nodes, entry.key.field_set) for entry in entries
            )
        finally:
            self._in_question.discard(edge)

    def _has_fields(self, type_name: str, nodes: Nodes, field_set: FieldSet) -> bool:
        for selection in field_set:
            if isinstance(selection, FieldSetFragment):
                if not self._has_fragment(type_name, nodes, selection):
                    return False
            elif selection.field_name != "__typename":
                edges = self.field_edges(type_name, nodes, selection.field_name)
                if not edges and not self._has_field_by_type(
                    type_name, nodes, selection.field_name, selection.selections
                ):
                    return False
                if edges and selection.selections and not self._has_below(type_name, edges, selection.selections):
                    return False
        return True

    def _has_below(self, type_name: str, edges: tuple[FieldEdge, ...], field_set: FieldSet) -> bool:
        heads = frozenset(edge.head for edge in edges if edge.head is not None)
        field = self._graph.supergraph.types[edges[0].tail.type_name].fields[edges[0].field_name]
        return self.can_resolve(field.named_type, heads, field_set)

    def _has_field_by_type(self, type_name: str, nodes: Nodes, field_name: str, field_set: FieldSet) -> bool:
        """A field of an abstract type that no subgraph resolves for all object types at once."""
        if not self._graph.supergraph.types[type_name].is_abstract:
            return False
        by_type = (FieldSetField(field_name, (), field_set),)
        types = self._types_at(nodes)
        return bool(types) and all(self._has_narrowed(name, nodes, by_type) for name in types)

    def _has_fragment(self, type_name: str, nodes: Nodes, fragment: FieldSetFragment) -> bool:
        if fragment.type_condition in (None, type_name):
            return self._has_fields(type_name, nodes, fragment.selections)
        condition = self._graph.supergraph.possible_types[fragment.type_condition or type_name]
        types = self._types_at(nodes) & condition
        return all(self._has_narrowed(name, nodes, fragment.selections) for name in types)

    def _has_narrowed(self, type_name: str, nodes: Nodes, field_set: FieldSet) -> bool:
        narrowed = frozenset(node for start in nodes if (node := self._narrow(start, type_name)) is not None)
        return self.can_resolve(type_name, narrowed, field_set)

    def _narrow(self, node: Node, type_name: str) -> Node | None:
        # An @interfaceObject still resolves its own fields when the type becomes known elsewhere.
        return node if node.kind is NodeKind.INTERFACE_OBJECT else self._graph.narrow(node, type_name)

    def _types_at(self, nodes: Nodes) -> frozenset[str]:
        return frozenset().union(*(self._graph.possible_types(node) for node in nodes))
