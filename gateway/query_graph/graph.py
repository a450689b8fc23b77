"""Build the query graph straight from the supergraph, edge by edge as they are asked for, each built once.

A graph stands for one set of active @override labels: a progressively overridden field is on one side or on the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..language import FieldSet, named_type_of
from ..supergraph import SubgraphField, Supergraph, SupergraphType, TypeKind
from .model import EntityEdge, FieldEdge, Node, NodeKind, RootEdge, TypeConditionEdge
from .provided import provided_below, provided_for


class QueryGraph:
    """Nodes and edges of one supergraph. All methods are pure questions; answers are interned and remembered."""

    def __init__(self, supergraph: Supergraph, override_labels: frozenset[str] | None = frozenset()) -> None:
        """With `override_labels` None, no progressively overridden field can be resolved on either side."""
        self.supergraph = supergraph
        self.override_labels = override_labels
        self.nodes: list[Node] = []
        self._nodes: dict[tuple[str, str, FieldSet], Node | None] = {}
        self._field_edges: dict[tuple[int, str], FieldEdge | None] = {}
        self._narrowed: dict[tuple[int, str], Node | None] = {}
        self._possible: dict[tuple[str, str], frozenset[str]] = {}
        self._entity_edges: dict[str, tuple[EntityEdge, ...]] = {}
        self._root_edges: dict[str, tuple[RootEdge, ...]] = {}
        self._interface_objects = _interface_objects(supergraph)

    # ---- nodes

    def node(self, type_name: str, graph: str, provided: FieldSet = ()) -> Node | None:
        """The node of a composite type in a subgraph, or None when the subgraph does not know the type."""
        key = (type_name, graph, provided)
        if key not in self._nodes:
            self._nodes[key] = self._build_node(type_name, graph, provided)
        return self._nodes[key]

    def nodes_of(self, type_name: str) -> tuple[Node, ...]:
        """The type's nodes in all subgraphs that know it (without @provides copies)."""
        type_ = self.supergraph.types.get(type_name)
        graphs = type_.by_graph if type_ else ()
        return tuple(node for graph in graphs if (node := self.node(type_name, graph)) is not None)

    def root_edges(self, operation_kind: str) -> tuple[RootEdge, ...]:
        """Where an operation of this kind can start, one edge per subgraph that has the root type."""
        if operation_kind not in self._root_edges:
            type_name = self.supergraph.root_types.get(operation_kind)
            nodes = self.nodes_of(type_name) if type_name else ()
            self._root_edges[operation_kind] = tuple(RootEdge(node) for node in nodes)
        return self._root_edges[operation_kind]

    def possible_types(self, node: Node) -> frozenset[str]:
        """The object types (of the supergraph) that a value at this node can have, as far as its subgraph knows them.

        At an @interfaceObject every implementation is possible.
        """
        return self._possible_in(node.type_name, node.graph)

    # ---- edges out of a node

    def field_edge(self, node: Node, field_name: str) -> FieldEdge | None:
        """The edge for a field that the node's subgraph itself resolves, or None (not defined, external, overridden away).

        On an abstract type there is one only where every object type that the subgraph knows for it resolves the field plainly.
        """
        key = (node.id, field_name)
        if key not in self._field_edges:
            self._field_edges[key] = self._build_field_edge(node, field_name)
        return self._field_edges[key]

    def field_edges(self, node: Node) -> Iterator[FieldEdge]:
        """All field edges out of a node."""
        for field_name in self.supergraph.types[node.type_name].fields:
            if (edge := self.field_edge(node, field_name)) is not None:
                yield edge

    def narrow(self, node: Node, type_name: str) -> Node | None:
        """The node reached by `... on type_name` within the subgraph; None where no value can pass, or an @interfaceObject cannot tell."""
        if node.type_name == type_name:
            return node
        key = (node.id, type_name)
        if key not in self._narrowed:
            self._narrowed[key] = self._build_narrowed(node, type_name)
        return self._narrowed[key]

    def type_condition_edges(self, node: Node) -> Iterator[TypeConditionEdge]:
        """One edge per object type that an abstract node can be narrowed to."""
        if node.kind is NodeKind.ABSTRACT:
            for type_name in sorted(self.possible_types(node)):
                if (head := self.narrow(node, type_name)) is not None:
                    yield TypeConditionEdge(node, head)

    def entity_edges(self, type_name: str) -> tuple[EntityEdge, ...]:
        """All ways to enter some subgraph with an object of this (static) type, one per resolvable key.

        For an object type: its own nodes, and the @interfaceObject nodes of its interfaces. For an interface: its nodes with a key.
        The edge can be taken from anywhere where `edge.key.field_set` is resolvable.
        """
        if type_name not in self._entity_edges:
            self._entity_edges[type_name] = tuple(self._build_entity_edges(type_name))
        return self._entity_edges[type_name]

    def is_root_type(self, type_name: str) -> bool:
        """Whether the type is the query type, which every subgraph can be asked for at any place where it stands."""
        return self.supergraph.root_types.get("query") == type_name

    # ---- building

    def _build_node(self, type_name: str, graph: str, provided: FieldSet) -> Node | None:
        type_ = self.supergraph.types.get(type_name)
        if type_ is None or not type_.is_composite or graph not in type_.by_graph:
            return None
        if type_.by_graph[graph].is_interface_object:
            kind = NodeKind.INTERFACE_OBJECT
        else:
            kind = NodeKind.ABSTRACT if type_.is_abstract else NodeKind.OBJECT
        node = Node(len(self.nodes), type_name, graph, kind, provided)
        self.nodes.append(node)
        return node

    def _build_field_edge(self, node: Node, field_name: str) -> FieldEdge | None:
        field = self._resolvable_field(node.type_name, node.graph, field_name, node.provided)
        if field is None:
            return None
        if node.kind is NodeKind.ABSTRACT and not self._is_uniform(node, field, field_name):
            return None
        return FieldEdge(node, field_name, self._field_head(node, field, field_name), field)

    def _field_head(self, node: Node, field: SubgraphField, field_name: str) -> Node | None:
        type_name = named_type_of(field.type_text)
        provided = field.provides + (provided_below(node.provided, field_name) or ())
        provided = provided_for(provided, type_name, type_name, self.supergraph.possible_types)
        return self.node(type_name, node.graph, provided)

    def _is_uniform(self, node: Node, field: SubgraphField, field_name: str) -> bool:
        """Whether a field of an abstract type can be selected on it as a whole."""
        if field.requires or field.context_arguments:
            return False
        for type_name in self.possible_types(node):
            narrowed = self.narrow(node, type_name)
            if narrowed is None:
                return False
            own = self._resolvable_field(type_name, node.graph, field_name, narrowed.provided)
            # What an implementation provides below the field would be lost on the interface's edge: narrow in that case.
            if own is None or own.requires or own.context_arguments or own.provides != field.provides:
                return False
        return True

    def _resolvable_field(
        self, type_name: str, graph: str, field_name: str, provided: FieldSet
    ) -> SubgraphField | None:
        type_ = self.supergraph.types[type_name]
        definition = type_.fields.get(field_name)
        field = definition.by_graph.get(graph) if definition else None
        if definition is None or field is None:
            return None
        if provided and provided_below(provided, field_name) is not None:
            return field
        if field.is_external or field.is_used_overridden:
            return None
        if field.override_label is not None and not self._is_active_side(field):
            return None
        return field

    def _is_active_side(self, field: SubgraphField) -> bool:
        """The overriding subgraph (which names whom it overrides) has the field while the label is active, the other one otherwise."""
        if self.override_labels is None:
            return False
        return (field.override_label in self.override_labels) == (field.override is not None)

    def _build_narrowed(self, node: Node, type_name: str) -> Node | None:
        if node.kind is not NodeKind.ABSTRACT:
            return None
        target = self.supergraph.types.get(type_name)
        if target is None or node.graph not in target.by_graph or target.by_graph[node.graph].is_interface_object:
            return None
        here = self.possible_types(node)
        there = self._possible_in(type_name, node.graph)
        if not here & there:
            return None
        # A subgraph that knows fewer members of the condition's type than the supergraph would let the others slip.
        if target.is_abstract and here & there != here & self.supergraph.possible_types[type_name]:
            return None
        provided = provided_for(node.provided, type_name, node.type_name, self.supergraph.possible_types)
        return self.node(type_name, node.graph, provided)

    def _possible_in(self, type_name: str, graph: str) -> frozenset[str]:
        key = (type_name, graph)
        if key not in self._possible:
            self._possible[key] = _possible_types_in(self.supergraph, type_name, graph)
        return self._possible[key]

    def _build_entity_edges(self, type_name: str) -> Iterator[EntityEdge]:
        type_ = self.supergraph.types[type_name]
        for graph, subgraph_type in type_.by_graph.items():
            node = self.node(type_name, graph)
            if node is None:
                continue
            # With a key on a real interface the subgraph is told the runtime type, if anybody knows it.
            typename = None if node.kind is NodeKind.ABSTRACT else type_name
            for key in subgraph_type.keys:
                if key.resolvable:
                    yield EntityEdge(node, key, typename)
        for interface in sorted(type_.interfaces):
            for graph in self._interface_objects.get(interface, ()):
                node = self.node(interface, graph)
                for key in self.supergraph.types[interface].by_graph[graph].keys:
                    if node is not None and key.resolvable:
                        yield EntityEdge(node, key, interface)


def _interface_objects(supergraph: Supergraph) -> dict[str, tuple[str, ...]]:
    found = {}
    for name, type_ in supergraph.types.items():
        if type_.kind is TypeKind.INTERFACE:
            graphs = tuple(graph for graph, entry in type_.by_graph.items() if entry.is_interface_object)
            if graphs:
                found[name] = graphs
    return found


def _possible_types_in(supergraph: Supergraph, type_name: str, graph: str) -> frozenset[str]:
    type_ = supergraph.types[type_name]
    if type_.kind is TypeKind.OBJECT:
        return frozenset((type_name,))
    if type_.by_graph[graph].is_interface_object:
        return supergraph.possible_types[type_name]
    if type_.kind is TypeKind.UNION:
        return type_.members_by_graph.get(graph, frozenset()) & type_.members
    return frozenset(
        name
        for name in supergraph.possible_types[type_name]
        if _implements_in(supergraph.types[name], type_name, graph)
    )


def _implements_in(type_: SupergraphType, interface: str, graph: str) -> bool:
    return graph in type_.by_graph and interface in type_.interfaces_by_graph.get(graph, frozenset())
