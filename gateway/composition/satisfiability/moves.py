"""What can be reached from one node: other nodes of the same object, by keys, and the fields that keys and @requires need.

Other than in planning, answers are for a single node: a key whose fields two alternatives could only give together is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from ...language import FieldSet, FieldSetField, FieldSetFragment
from ...query_graph import EntityEdge, FieldEdge, Node, NodeKind, QueryGraph
from ...supergraph import Supergraph

Nodes: TypeAlias = tuple[Node, ...]


class Moves:
    """Questions about a query graph in which no progressively overridden field counts: keys must not depend on labels."""

    def __init__(self, graph: QueryGraph) -> None:
        self.graph = graph
        self._closures: dict[Node, Nodes] = {}
        self._roots = frozenset(graph.supergraph.root_types.values())
        self._entity_edges: dict[str, tuple[EntityEdge, ...]] = {}
        # What is being looked into must not be its own reason; what is found meanwhile may be incomplete, and is not kept.
        self._in_question: set[object] = set()

    @property
    def supergraph(self) -> Supergraph:
        return self.graph.supergraph

    def closure(self, node: Node) -> Nodes:
        """The node itself first, then the nodes that keys lead to, in the order they are found."""
        known = self._closures.get(node)
        if known is not None:
            return known
        if node in self._in_question:
            return (node,)
        self._in_question.add(node)
        try:
            reached = self._reach(node)
        finally:
            self._in_question.discard(node)
        if not self._in_question:
            self._closures[node] = reached
        return reached

    def entity_edges(self, node: Node) -> tuple[EntityEdge, ...]:
        """Keys of the type the node is known by. A type narrowed from an @interfaceObject does not count: nobody knows it there."""
        edges = self._entity_edges.get(node.type_name)
        if edges is None:
            edges = self._entity_edges[node.type_name] = self.graph.entity_edges(node.type_name)
        return edges

    def can_resolve(self, node: Node, field_set: FieldSet) -> bool:
        """Whether all the fields can be had for an object seen at the node, also with the help of other subgraphs."""
        return self._has_all((node,), field_set)

    def local_key(self, node: Node) -> bool:
        """Whether the subgraph has a key for the type whose fields it resolves itself, to come back with."""
        type_ = self.supergraph.types[node.type_name].by_graph.get(node.graph)
        return type_ is not None and any(self._is_local(node, key.field_set) for key in type_.keys)

    def can_require(self, node: Node, edge: FieldEdge, *, was_entered: bool) -> bool:
        """Whether a field with @requires (or contexts) can be resolved; `was_entered`: the node was reached by a key."""
        if edge in self._in_question:
            return False
        self._in_question.add(edge)
        try:
            if edge.field.requires and not self.can_resolve(node, edge.field.requires):
                return False
        finally:
            self._in_question.discard(edge)
        needs_key = bool(edge.field.context_arguments) or not was_entered
        return not needs_key or self.local_key(node)

    def _reach(self, node: Node) -> Nodes:
        reached = {node: None}
        if node.type_name in self._roots:
            # Wherever a root type stands, any subgraph can be asked from there.
            reached.update(dict.fromkeys(self.graph.nodes_of(node.type_name)))
        types = {node.type_name: None}
        while True:
            size = len(reached)
            graphs_by_type = {(other.type_name, other.graph) for other in reached}
            for type_name in list(types):
                starts = tuple(other for other in reached if other.type_name == type_name)
                for edge in self.entity_edges(starts[0]):
                    head = edge.head
                    if (head.type_name, head.graph) in graphs_by_type:
                        continue
                    if self._has_directly(starts, tuple(reached), edge.key.field_set):
                        reached[head] = None
                        graphs_by_type.add((head.type_name, head.graph))
                        types[head.type_name] = None
            if len(reached) == size:
                return tuple(reached)

    def _has_directly(self, starts: Nodes, reached: Nodes, field_set: FieldSet) -> bool:
        """Key fields, from the nodes of the key's type and from others that were reached for the same object."""
        own_type = starts[0].type_name
        usable = tuple(other for other in reached if other.type_name == own_type or other.kind is NodeKind.INTERFACE_OBJECT)
        return self._has_all(usable, field_set, is_closed=True)

    def _has_all(self, nodes: Nodes, field_set: FieldSet, *, is_closed: bool = False) -> bool:
        """`is_closed`: the nodes are all that can be reached, so that no further key has to be tried."""
        return all(self._has(nodes, selection, is_closed=is_closed) for selection in field_set)

    def _has(self, nodes: Nodes, selection: FieldSetField | FieldSetFragment, *, is_closed: bool) -> bool:
        if isinstance(selection, FieldSetFragment):
            return self._has_fragment(nodes, selection, is_closed=is_closed)
        if selection.field_name == "__typename":
            return True
        heads: dict[Node, None] = {}
        is_leaf = False
        for start in nodes:
            for node in (start,) if is_closed else self.closure(start):
                found = self._heads(node, selection, was_entered=node is not start or is_closed)
                if found is not None:
                    is_leaf = is_leaf or not selection.selections
                    heads.update(dict.fromkeys(found))
                if is_leaf:
                    return True
        return bool(heads) and self._has_all_somewhere(tuple(heads), selection.selections)

    def _has_all_somewhere(self, heads: Nodes, field_set: FieldSet) -> bool:
        """Each selection below a field may be had at another one of the field's alternatives."""
        return all(any(self._has((head,), selection, is_closed=False) for head in heads) for selection in field_set)

    def _heads(self, node: Node, selection: FieldSetField, *, was_entered: bool) -> list[Node] | None:
        """Where the field leads from this very node; None when it cannot be resolved here."""
        edge = self.graph.field_edge(node, selection.field_name)
        if edge is not None and (not edge.needs_entry or self.can_require(node, edge, was_entered=was_entered)):
            return [edge.head] if edge.head is not None else []
        if node.kind is not NodeKind.ABSTRACT:
            return None
        # Each object type the value may have must be able to give the field, each in its own way.
        by_type = FieldSetField(selection.field_name, selection.arguments, selection.selections)
        for type_name in self.graph.possible_types(node):
            narrowed = self.graph.narrow(node, type_name)
            if narrowed is None or not self._has((narrowed,), by_type, is_closed=False):
                return None
        return [self._stand_in(node, selection)] if selection.selections else []

    def _stand_in(self, node: Node, selection: FieldSetField) -> Node:
        """What is below was checked for each object type already: any node does that has it."""
        for type_name in sorted(self.graph.possible_types(node)):
            narrowed = self.graph.narrow(node, type_name)
            for start in self.closure(narrowed) if narrowed else ():
                edge = self.graph.field_edge(start, selection.field_name)
                if edge is not None and edge.head is not None:
                    return edge.head
        return node

    def _has_fragment(self, nodes: Nodes, fragment: FieldSetFragment, *, is_closed: bool) -> bool:
        """A type that cannot occur asks for nothing; one that an @interfaceObject stands for is taken at its word."""
        if fragment.type_condition is None:
            return self._has_all(nodes, fragment.selections, is_closed=is_closed)
        condition = self.supergraph.possible_types.get(fragment.type_condition, frozenset())
        for node in nodes:
            if node.type_name == fragment.type_condition or node.kind is not NodeKind.ABSTRACT:
                if node.kind is NodeKind.OBJECT and node.type_name not in condition:
                    return True
                if self._has_all((node,), fragment.selections, is_closed=is_closed):
                    return True
                continue
            types = self.graph.possible_types(node) & condition
            narrowed = [self.graph.narrow(node, name) for name in sorted(types)]
            if all(found is not None and self._has_all((found,), fragment.selections) for found in narrowed):
                return True
        return False

    def _is_local(self, node: Node, field_set: FieldSet) -> bool:
        for selection in field_set:
            if isinstance(selection, FieldSetFragment) or selection.field_name == "__typename":
                continue
            definition = self.supergraph.types[node.type_name].fields.get(selection.field_name)
            field = definition.by_graph.get(node.graph) if definition else None
            if field is None or field.is_external or field.is_used_overridden:
                return False
            head = self.graph.node(definition.named_type, node.graph) if definition else None
            if selection.selections and (head is None or not self._is_local(head, selection.selections)):
                return False
        return True


def real_interfaces(nodes: Iterable[Node]) -> Nodes:
    """Nodes that know the runtime types of their objects."""
    return tuple(node for node in nodes if node.kind is NodeKind.ABSTRACT)
