"""One step of the walk: from the nodes an object can be at, the nodes it can be at after a field or a type condition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ...query_graph import FieldEdge, Node, NodeKind, QueryGraph
from ...supergraph import Supergraph, SupergraphField, SupergraphType
from .moves import Moves

Alternatives: TypeAlias = dict[Node, int]
"""Where the object can be, each with the number of paths that lead there: the reference bounds that number."""


@dataclass(frozen=True, slots=True)
class OverrideChoice:
    """One side of a progressive override."""

    label: str
    is_active: bool


class Advance:
    """Steps over one supergraph; the query graphs with and without active labels are built when they are first needed."""

    def __init__(self, supergraph: Supergraph) -> None:
        self.supergraph = supergraph
        self.moves = Moves(QueryGraph(supergraph, None))
        self._by_label: dict[OverrideChoice, QueryGraph] = {}

    @property
    def graph(self) -> QueryGraph:
        return self.moves.graph

    def by_field(
        self,
        alternatives: Alternatives,
        definition: SupergraphField,
        type_name: str,
        choice: OverrideChoice | None,
        passed_types: frozenset[str],
        *,
        is_top_level: bool,
    ) -> Alternatives:
        """Empty when the field cannot be resolved from anywhere."""
        heads: Alternatives = {}
        if is_top_level:
            # Of all the subgraphs that can be asked, only those with the field.
            roots = (self.graph.node(type_name, graph) for graph in definition.by_graph)
            alternatives = {root: alternatives[root] for root in roots if root is not None and root in alternatives}
        for start, count in alternatives.items():
            nodes = (start,) if is_top_level else self.moves.closure_with(start, definition.by_graph)
            for node in nodes:
                edge = self._field_edge(node, type_name, definition, choice)
                if edge is None or not self._is_usable(edge, passed_types, was_entered=node is not start):
                    continue
                head = edge.head
                if head is None:
                    # Any way to a leaf is as good as another.
                    return {edge.tail: count}
                head = self._in_base_graph(head)
                heads[head] = heads.get(head, 0) + count
        return heads

    def by_type_condition(self, alternatives: Alternatives, type_name: str) -> Alternatives | None:
        """Empty when nobody can tell or follow the type; None when for some alternative no such value can ever come."""
        narrowed: Alternatives = {}
        for start, count in alternatives.items():
            if start.kind is not NodeKind.INTERFACE_OBJECT and type_name not in self.graph.possible_types(start):
                return None
            for node in self.moves.closure(start):
                head = self._narrow(node, type_name)
                if head is not None:
                    narrowed[head] = narrowed.get(head, 0) + count
        return narrowed

    def _narrow(self, node: Node, type_name: str) -> Node | None:
        if node.type_name == type_name:
            return node
        if node.kind is NodeKind.INTERFACE_OBJECT:
            # It goes on resolving its own fields, once some other subgraph tells what the type is.
            return node if self.knows_runtime_type(node) else None
        return self.graph.narrow(node, type_name)

    def knows_runtime_type(self, node: Node) -> bool:
        return any(other.kind is NodeKind.ABSTRACT for other in self.moves.closure(node))

    def field_node(self, node: Node, type_name: str) -> Node | None:
        """The node at which a field of this object type is looked for."""
        if node.type_name == type_name or node.kind is NodeKind.INTERFACE_OBJECT:
            return node
        return self.graph.narrow(node, type_name)

    def _field_edge(
        self, node: Node, type_name: str, definition: SupergraphField, choice: OverrideChoice | None
    ) -> FieldEdge | None:
        at = self.field_node(node, type_name)
        if at is None or (at.graph not in definition.by_graph and at.kind is not NodeKind.INTERFACE_OBJECT):
            return None
        edge = self.graph.field_edge(at, definition.name)
        if edge is None and choice is not None:
            graph = self._graph_of(choice)
            same = graph.node(at.type_name, at.graph, at.provided)
            edge = graph.field_edge(same, definition.name) if same else None
        return edge

    def _is_usable(self, edge: FieldEdge, passed_types: frozenset[str], *, was_entered: bool) -> bool:
        if not edge.needs_entry:
            return True
        if not all(self.sets_context(argument.context, passed_types) for argument in edge.field.context_arguments):
            return False
        return self.moves.can_require(self._in_base_graph(edge.tail), edge, was_entered=was_entered)

    def sets_context(self, context: str, passed_types: frozenset[str]) -> bool:
        """Whether some type on the way sets the context, itself, by an interface or by a union it is in."""
        for name in passed_types:
            type_ = self.supergraph.types[name]
            if context in type_.contexts or any(
                context in self.supergraph.types[interface].contexts for interface in type_.interfaces
            ):
                return True
            if any(context in union.contexts and name in union.members for union in self._unions_with_contexts()):
                return True
        return False

    def _unions_with_contexts(self) -> Iterator[SupergraphType]:
        return (type_ for type_ in self.supergraph.types.values() if type_.contexts and type_.members)

    def _graph_of(self, choice: OverrideChoice) -> QueryGraph:
        graph = self._by_label.get(choice)
        if graph is None:
            labels = frozenset((choice.label,)) if choice.is_active else frozenset()
            graph = self._by_label[choice] = QueryGraph(self.supergraph, labels)
        return graph

    def _in_base_graph(self, node: Node) -> Node:
        same = self.graph.node(node.type_name, node.graph, node.provided)
        assert same is not None
        return same
