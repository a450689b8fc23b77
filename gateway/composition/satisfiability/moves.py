"""What can be reached from one node: other nodes of the same object, by keys, and the fields that keys and @requires need.

Other than in planning, answers are for a single node: a key whose fields two alternatives could only give together is none. And some
detours are left out as the reference leaves them out, which decides rare cases:
- while the fields of a key into subgraph C are looked for, C is not entered for them;
- after a key, the same key is not used again: whoever could use it there could have used it before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ...language import FieldSet, FieldSetField, FieldSetFragment
from ...query_graph import EntityEdge, FieldEdge, Node, NodeKind, QueryGraph
from ...supergraph import Supergraph

Nodes: TypeAlias = tuple[Node, ...]
_ClosureIndex: TypeAlias = dict[str | None, list[int]]
"""Positions in a closure by subgraph; under None those of @interfaceObject nodes."""


@dataclass(frozen=True, slots=True)
class _Reached:
    """A node, the key that led to it, and how many keys it took."""

    node: Node
    key: FieldSet | None
    distance: int


@dataclass(frozen=True, slots=True)
class _Excluded:
    """Subgraphs that must not be entered, and keys that must not be used, while a key's own fields are looked for."""

    graphs: frozenset[str] = frozenset()
    keys: frozenset[FieldSet] = frozenset()


_NOTHING = _Excluded()


class Moves:
    """Questions about a query graph in which no progressively overridden field counts: keys must not depend on labels."""

    def __init__(self, graph: QueryGraph) -> None:
        self.graph = graph
        self._reached_from: dict[tuple[Node, _Excluded], tuple[_Reached, ...]] = {}
        self._closures: dict[Node, Nodes] = {}
        self._closure_indexes: dict[Node, _ClosureIndex] = {}
        self._closure_sets: dict[Node, frozenset[Node]] = {}
        self._roots = frozenset(graph.supergraph.root_types.values())
        self._entity_edges: dict[str, tuple[EntityEdge, ...]] = {}
        # What is being looked into must not be its own reason; what is found meanwhile may be incomplete, and is not kept.
        self._in_question: set[Hashable] = set()

    @property
    def supergraph(self) -> Supergraph:
        return self.graph.supergraph

    def closure(self, node: Node) -> Nodes:
        """The node itself first, then the nodes that keys lead to, nearest first."""
        known = self._closures.get(node)
        if known is None:
            known = self._closures[node] = (node, *(reached.node for reached in self._reach(node, _NOTHING)))
        return known

    def closure_of_all(self, nodes: Collection[Node]) -> frozenset[Node]:
        """All that can be reached from any of the nodes, and they themselves."""
        return frozenset().union(*map(self._closure_set, nodes)) if len(nodes) != 1 else self._closure_set(*nodes)

    def _closure_set(self, node: Node) -> frozenset[Node]:
        known = self._closure_sets.get(node)
        if known is None:
            known = self._closure_sets[node] = frozenset(self.closure(node))
        return known

    def closure_with(self, node: Node, graphs: Collection[str]) -> Nodes:
        """Of the closure, in its order, what is in one of the graphs, or stands for an interface and so may have what they have."""
        closure = self.closure(node)
        if len(closure) < 4 * len(graphs):
            return closure
        index = self._closure_indexes.get(node)
        if index is None:
            index = self._closure_indexes[node] = _index_of(closure)
        positions = {position for graph in graphs for position in index.get(graph, ())}
        return tuple(closure[position] for position in sorted(positions.union(index.get(None, ()))))

    def entity_edges(self, node: Node) -> tuple[EntityEdge, ...]:
        """Keys of the type the node is known by. A type narrowed from an @interfaceObject does not count: nobody knows it there."""
        edges = self._entity_edges.get(node.type_name)
        if edges is None:
            edges = self._entity_edges[node.type_name] = self.graph.entity_edges(node.type_name)
        return edges

    def can_resolve(self, node: Node, field_set: FieldSet) -> bool:
        """Whether all the fields can be had for an object seen at the node, also with the help of other subgraphs."""
        return self._has_all(node, field_set, _Excluded(keys=frozenset((field_set,))))

    def has_local_key(self, node: Node) -> bool:
        """Whether the subgraph has a key for the type whose fields it resolves itself, to come back with."""
        type_ = self.supergraph.types[node.type_name].by_graph.get(node.graph)
        return type_ is not None and any(self._is_local(node, key.field_set) for key in type_.keys)

    def can_require(self, node: Node, edge: FieldEdge, *, was_entered: bool) -> bool:
        """Whether a field with @requires (or contexts) can be resolved; `was_entered`: the node was reached by a key."""
        if edge in self._in_question:
            return False
        if edge.field.requires:
            with self._questioning(edge):
                if not self.can_resolve(node, edge.field.requires):
                    return False
        needs_key = bool(edge.field.context_arguments) or not was_entered
        return not needs_key or self.has_local_key(node)

    @contextmanager
    def _questioning(self, what: Hashable) -> Iterator[None]:
        self._in_question.add(what)
        try:
            yield
        finally:
            self._in_question.discard(what)

    def _reach(self, start: Node, excluded: _Excluded) -> tuple[_Reached, ...]:
        cache_key = (start, excluded)
        known = self._reached_from.get(cache_key)
        if known is not None:
            return known
        nearest: dict[str, _Reached] = {}
        if start.type_name in self._roots:
            # Wherever a root type stands, any subgraph can be asked from there.
            for node in self.graph.nodes_of(start.type_name):
                if node.graph != start.graph and node.graph not in excluded.graphs:
                    nearest[node.graph] = _Reached(node, None, 1)
        waiting = deque([_Reached(start, None, 0)])
        while waiting:
            here = waiting.popleft()
            for edge in self.entity_edges(here.node):
                graph, key = edge.head.graph, edge.key.field_set
                if graph == start.graph or graph in nearest or graph in excluded.graphs:
                    continue
                if key == here.key or key in excluded.keys:
                    continue
                inner = _Excluded(excluded.graphs | {graph}, excluded.keys | {key})
                if self._has_all(here.node, key, inner):
                    nearest[graph] = _Reached(edge.head, key, here.distance + 1)
                    waiting.append(nearest[graph])
        reached = tuple(nearest.values())
        if not self._in_question:
            self._reached_from[cache_key] = reached
        return reached

    def _has_all(self, node: Node, field_set: FieldSet, excluded: _Excluded) -> bool:
        return all(self._has((node,), selection, excluded, is_start=True) for selection in field_set)

    def _has(
        self,
        alternatives: Nodes,
        selection: FieldSetField | FieldSetFragment,
        excluded: _Excluded,
        *,
        is_start: bool = False,
    ) -> bool:
        """Whether one selection can be had from any of the places the object can be at."""
        if isinstance(selection, FieldSetFragment):
            return any(self._has_fragment(node, selection, excluded) for node in alternatives)
        if selection.field_name == "__typename":
            return any(self._knows_typename(node) for node in alternatives)
        heads: dict[Node, None] = {}
        for start in alternatives:
            found = self._heads(start, selection, was_entered=is_start)
            if found is True:
                return True
            heads.update(dict.fromkeys(found))
        for start in alternatives:
            for reached in self._reach(start, excluded):
                # With a key that contains the field, the field was had before.
                if not selection.selections and _contains(reached.key, selection.field_name):
                    continue
                found = self._heads(reached.node, selection, was_entered=True)
                if found is True:
                    return True
                heads.update(dict.fromkeys(found))
        if not heads:
            return False
        return all(self._has(tuple(heads), inner, excluded) for inner in selection.selections)

    def _heads(self, node: Node, selection: FieldSetField, *, was_entered: bool) -> Nodes | Literal[True]:
        """Where the field leads from this very node; True when there is nothing more to be had, empty when it cannot be resolved."""
        edge = self.graph.field_edge(node, selection.field_name)
        if edge is not None and (not edge.needs_entry or self.can_require(node, edge, was_entered=was_entered)):
            return (edge.head,) if edge.head is not None else True
        if node.kind is not NodeKind.ABSTRACT or (node, selection) in self._in_question:
            return ()
        # Each object type the value may have must be able to give the field, each in its own way.
        with self._questioning((node, selection)):
            for type_name in self.graph.possible_types(node):
                narrowed = self.graph.narrow(node, type_name)
                if narrowed is None or not self._has((narrowed,), selection, _NOTHING):
                    return ()
        return True

    def _knows_typename(self, node: Node) -> bool:
        """An @interfaceObject does not; some other subgraph has to tell."""
        return node.kind is not NodeKind.INTERFACE_OBJECT or any(
            other.kind is NodeKind.ABSTRACT for other in self.closure(node)
        )

    def _has_fragment(self, node: Node, fragment: FieldSetFragment, excluded: _Excluded) -> bool:
        condition = fragment.type_condition
        if condition is None or node.type_name == condition:
            return self._has_all_from(node, fragment.selections, excluded)
        possible = self.supergraph.possible_types.get(condition, frozenset())
        if node.kind is NodeKind.INTERFACE_OBJECT:
            return self._knows_typename(node) and self._has_all_from(node, fragment.selections, excluded)
        if node.kind is NodeKind.OBJECT:
            # A type that the value does not have asks for nothing.
            return node.type_name not in possible or self._has_all_from(node, fragment.selections, excluded)
        types = sorted(self.graph.possible_types(node) & possible)
        narrowed = [self.graph.narrow(node, name) for name in types]
        return bool(narrowed) and all(
            found is not None and self._has_all_from(found, fragment.selections, excluded) for found in narrowed
        )

    def _has_all_from(self, node: Node, field_set: FieldSet, excluded: _Excluded) -> bool:
        return all(self._has((node,), selection, excluded) for selection in field_set)

    def _is_local(self, node: Node, field_set: FieldSet) -> bool:
        for selection in field_set:
            if isinstance(selection, FieldSetFragment) or selection.field_name == "__typename":
                continue
            definition = self.supergraph.types[node.type_name].fields.get(selection.field_name)
            field = definition.by_graph.get(node.graph) if definition else None
            if definition is None or field is None or field.is_external or field.is_used_overridden:
                return False
            head = self.graph.node(definition.named_type, node.graph)
            if selection.selections and (head is None or not self._is_local(head, selection.selections)):
                return False
        return True


def _index_of(closure: Nodes) -> _ClosureIndex:
    index: _ClosureIndex = {}
    for position, node in enumerate(closure):
        key = None if node.kind is NodeKind.INTERFACE_OBJECT else node.graph
        index.setdefault(key, []).append(position)
    return index


def _contains(key: FieldSet | None, field_name: str) -> bool:
    return key is not None and any(
        isinstance(selection, FieldSetField) and selection.field_name == field_name for selection in key
    )
