"""Find, for every leaf of the normalized operation, the best ways to fetch it.

The search walks the operation once. At each position it keeps a small set of states (the same objects, seen in different subgraphs); a
field continues from every state that resolves it, and from subgraphs entered by key where that may pay. Keys and @requires are
selections like any other, resolved from the same states by the same code.
"""

from __future__ import annotations

from ..query_graph import FieldEdge, Node, NodeKind, QueryGraph
from .deadline import Deadline
from .guards import NEVER, both
from .normalize import SelectionBuilder
from .operation import TYPENAME, FieldSelection, Operation, Region
from .path_cost import PathCost
from .paths import Leaf, Place, State, Unresolvable
from .subgraph_entrances import SubgraphEntrances

# More ways than this to stand at one position seldom pay; each further one multiplies the work below.
MAX_STATES = 12


class PathFinder:
    """Searches paths for one operation. `entries` and `leaves` are the outcome."""

    def __init__(
        self, graph: QueryGraph, builder: SelectionBuilder, deadline: Deadline, max_states: int | None = MAX_STATES
    ) -> None:
        """With `max_states` None no way to stand at a position is given up."""
        self.graph = graph
        self.builder = builder
        self.cost = PathCost()
        self.has_given_up_states = False
        self._max_states = max_states
        self._deadline = deadline
        self._possible = graph.supergraph.possible_types
        self._entrances = SubgraphEntrances(graph, builder, self.cost, deadline, self._leaves)
        self._local: dict[tuple[int, tuple[Region, ...]], bool] = {}

    def leaves_of_operation(self, operation: Operation) -> list[Leaf]:
        """All leaves with their options. Raises Unresolvable, PlanningLimitExceeded."""
        if operation.kind == "query":
            return self._leaves(self._root_place(operation, 0), operation.regions)
        # Root fields of a mutation run one after the other: each has entries of its own.
        leaves: list[Leaf] = []
        selections = [selection for region in operation.regions for selection in region.selections]
        for number, selection in enumerate(sorted(selections, key=lambda selection: selection.order)):
            if selection.field_name != TYPENAME:
                leaves += self._leaves_of_one_root(self._root_place(operation, number), selection)
        return leaves

    def _leaves_of_one_root(self, place: Place, selection: FieldSelection) -> list[Leaf]:
        """A mutation must happen once, however many subgraphs could do it: one of them does, the rest follows by key."""
        able = [(state, self.graph.field_edge(state.node, selection.field_name)) for state in place.states]
        able = [(state, edge) for state, edge in able if edge is not None]
        able.sort(key=lambda one: one[1] is None or not self._is_local(one[1].head or one[0].node, selection.regions))
        reason: Unresolvable | None = None
        for state, _ in able:
            try:
                return self._leaves_of_field(place.seen_from((state,)), selection)
            except Unresolvable as error:
                reason = error
        raise reason or Unresolvable(f'no subgraph has the field "{place.type_name}.{selection.field_name}"')

    def _root_place(self, operation: Operation, series: int) -> Place:
        possible = self._possible[operation.root_type]
        place = Place(operation.root, operation.root_type, possible, possible, (), None)
        states = []
        for edge in self.graph.root_edges(operation.kind):
            entry = self._entrances.new_entry(edge.head, place, series=series)
            states.append(State(edge.head, entry, None, None, entry.mask))
        place.states = tuple(states)
        return place

    # ---- the walk through the operation

    def _leaves(self, place: Place, regions: tuple[Region, ...]) -> list[Leaf]:
        leaves: list[Leaf] = []
        for region in regions:
            for part in self._narrowed(place, region.type_name, region.types):
                for selection in region.selections:
                    leaves += self._leaves_of_field(part, selection.for_type(part.type_name))
        if self._needs_typename(place, regions):
            leaves.append(self._typename_leaf(place))
        if not leaves and place.parent is not None:
            leaves.append(Leaf(place, None, place.states))
        return leaves

    def _leaves_of_field(self, place: Place, selection: FieldSelection) -> list[Leaf]:
        self._deadline.check()
        # Included further up by the very condition that leaves it out.
        if both(place.guard, selection.guard) == NEVER:
            return []
        if selection.field_name == TYPENAME:
            return [] if place.parent is None else [self._existence_leaf(place, selection.defers)]
        is_object = place.type_name in self._possible[place.type_name]
        options = () if selection.is_split and not is_object else self._field_options(place, selection)
        reason: Unresolvable | None = None
        if options:
            if not selection.is_composite:
                return [Leaf(place, selection, options, void_states=place.void_states, defers=selection.defers)]
            try:
                return self._leaves_below(self._child_place(place, selection, options), selection)
            except Unresolvable as error:
                reason = error
        if is_object:
            raise reason or Unresolvable(
                f'no subgraph can be reached from here that resolves the field "{place.type_name}.{selection.field_name}"'
            )
        return self._leaves_by_type(place, selection)

    def _leaves_by_type(self, place: Place, selection: FieldSelection) -> list[Leaf]:
        """A field of an abstract type that cannot be resolved for all object types at once: for each by itself.

        Whoever selects a field on an abstract type may meet any of its object types, so a subgraph's view of the objects counts only if
        it leads to the field for all types it may hold; views are not patched together.
        """
        if place.base is not None and not place.base.is_exhausted and _is_blind(place):
            raise Unresolvable(f'the runtime type of "{place.type_name}" is not known yet')
        if not place.possible:
            raise Unresolvable(
                f'the field "{place.type_name}.{selection.field_name}" cannot be reached: no object type implements "{place.type_name}"'
            )
        if len(place.states) == 1:
            return self._leaves_of_each_type(place, selection)
        able: list[State] = []
        reason: Unresolvable | None = None
        for state in place.states:
            try:
                self._leaves_of_each_type(place.seen_from((state,)), selection)
            except Unresolvable as error:
                reason = error
            else:
                able.append(state)
        if not able and reason is not None:
            raise reason
        return self._leaves_of_each_type(place.seen_from(tuple(able)), selection)

    def _leaves_of_each_type(self, place: Place, selection: FieldSelection) -> list[Leaf]:
        before = dict(selection.by_type)
        leaves: list[Leaf] = []
        try:
            for type_name in sorted(place.possible):
                for part in self._narrowed(place, type_name, frozenset((type_name,))):
                    leaves += self._leaves_of_field(part, selection.for_type(type_name))
        except Unresolvable:
            selection.by_type.clear()
            selection.by_type.update(before)
            raise
        return leaves

    def _child_place(self, place: Place, selection: FieldSelection, options: tuple[State, ...]) -> Place:
        assert selection.child_position is not None
        named_type = selection.named_type
        possible = self._possible[named_type]
        guard = both(place.guard, selection.guard)
        return Place(selection.child_position, named_type, possible, possible, options, place, place.void_states, guard)

    def _leaves_below(self, place: Place, selection: FieldSelection) -> list[Leaf]:
        leaves = self._leaves(place, selection.regions)
        # Where all that is below is deferred, the object itself still belongs to the answer before.
        missing = selection.defers.difference(*(leaf.defers for leaf in leaves))
        if missing:
            leaves.append(self._existence_leaf(place, missing))
        return leaves

    def _existence_leaf(self, place: Place, defers: frozenset[str | None]) -> Leaf:
        return Leaf(place, None, place.states, defers=defers)

    def _needs_typename(self, place: Place, regions: tuple[Region, ...]) -> bool:
        """Whether someone must know the runtime type and nobody tells it unasked, as at the places of an @interfaceObject."""
        if place.type_name in self._possible[place.type_name]:
            return False
        if not any(state.node.kind is NodeKind.INTERFACE_OBJECT for state in place.states):
            return False
        return any(
            region.type_name != place.type_name or any(s.field_name == TYPENAME or s.by_type for s in region.selections)
            for region in regions
        )

    def _typename_leaf(self, place: Place) -> Leaf:
        options = [state for state in place.states if state.node.kind is not NodeKind.INTERFACE_OBJECT]
        if not options:
            options = [seen for state in place.states for seen in self._typed_states(place, state)]
        if not options:
            raise Unresolvable(
                f'no subgraph can be reached from here that tells the runtime type of "{place.type_name}"'
            )
        return Leaf(place, None, self._pruned(options), is_typename=True, void_states=place.void_states)

    # ---- type conditions

    def _narrowed(self, place: Place, type_name: str, types: frozenset[str]) -> tuple[Place, ...]:
        """The places for `... on type_name`: one, or one per object type where a subgraph does not see the condition as a whole."""
        if type_name == place.type_name:
            return (place,)
        key = (type_name, types)
        if key not in place.narrowed:
            place.narrowed[key] = self._build_narrowed(place, type_name, types)
        return place.narrowed[key]

    def _build_narrowed(self, place: Place, type_name: str, types: frozenset[str]) -> tuple[Place, ...]:
        states: list[State] = []
        void: list[State] = list(place.void_states)
        typed = [state for state in place.states if state.node.kind is not NodeKind.INTERFACE_OBJECT]
        if not typed:
            typed = [seen for state in place.states for seen in self._typed_states(place, state)]
        for state in typed:
            here = self.graph.possible_types(state.node)
            node = self.graph.narrow(state.node, type_name)
            if node is not None:
                states.append(state if node is state.node else State(node, state.entry, state, type_name, state.mask))
            elif state.node.kind is NodeKind.OBJECT and here <= types:
                states.append(state)
            elif here & types and type_name not in types:
                parts = (self._narrowed(place, name, frozenset((name,))) for name in sorted(types & place.possible))
                return tuple(part for found in parts for part in found)
            else:
                void.append(state)
        if not states:
            return ()
        possible, static = place.possible & types, place.static_possible
        return (
            Place(place.position, type_name, possible, static, tuple(states), place.parent, tuple(void), place.guard),
        )

    def _typed_states(self, place: Place, state: State) -> list[State]:
        """From an @interfaceObject, which does not know runtime types: the subgraphs that do."""
        found = []
        for edge in self.graph.entity_edges(place.type_name):
            if edge.head.kind is not NodeKind.INTERFACE_OBJECT:
                seen = self._entrances.enter(place, (state,), edge, None)
                if seen is not None:
                    found.append(seen)
        return found

    # ---- one field

    def _field_options(self, place: Place, selection: FieldSelection) -> tuple[State, ...]:
        """The states after resolving a field, best first; empty when no subgraph can be reached that has it."""
        name = selection.field_name
        direct: list[State] = []
        for state in place.states:
            edge = self.graph.field_edge(state.node, name)
            if edge is not None and not edge.needs_entry:
                direct.append(self._after(state, selection, edge))
        if direct:
            complete = [state for state in direct if self._is_local(state.node, selection.regions)]
            if not selection.is_composite or complete:
                return self._pruned(complete or direct)
        found = list(direct)
        if place.base is not None:
            return self._pruned(
                found + self._options_by_entry(place.base, place.base.states, selection, None, only_required=True)
            )
        for state in place.states:
            found += self._options_by_entry(place, (state,), selection, state.node.graph)
        if not found and len(place.states) > 1:
            # No single subgraph's view has all that the keys need: put the views together.
            found = self._options_by_entry(place, place.states, selection, None)
        return self._pruned(found)

    def _options_by_entry(
        self,
        place: Place,
        states: tuple[State, ...],
        selection: FieldSelection,
        graph: str | None,
        *,
        only_required: bool = False,
    ) -> list[State]:
        """The states after entering a subgraph for a field; with `only_required` only for fields that need what they require."""
        found = []
        if self.graph.is_root_type(place.type_name) and place.parent is not None and not only_required:
            for root in self.graph.root_edges("query"):
                edge = self.graph.field_edge(root.head, selection.field_name)
                if edge is not None and root.head.graph != graph:
                    found.append(self._after(self._entrances.reenter(place, states[0], root.head), selection, edge))
        for entity_edge in self.graph.entity_edges(place.type_name):
            edge = self.graph.field_edge(entity_edge.head, selection.field_name)
            if edge is None or (not edge.needs_entry and (only_required or entity_edge.head.graph == graph)):
                continue
            state = self._entrances.enter(place, states, entity_edge, edge if edge.needs_entry else None)
            if state is not None:
                found.append(self._after(state, selection, edge))
        return found

    def _after(self, state: State, selection: FieldSelection, edge: FieldEdge) -> State:
        return State(edge.head or state.node, state.entry, state, selection, state.mask)

    def _is_local(self, node: Node, regions: tuple[Region, ...]) -> bool:
        """Whether everything below is resolved by the subgraph itself, so that looking for other ways is needless."""
        if not regions:
            return True
        key = (node.id, regions)
        if key not in self._local:
            self._local[key] = all(self._is_local_region(node, region) for region in regions)
        return self._local[key]

    def _is_local_region(self, node: Node, region: Region) -> bool:
        here = self.graph.possible_types(node)
        if here & region.types and not here <= region.types:
            narrowed = self.graph.narrow(node, region.type_name)
            if narrowed is None:
                return False
            node = narrowed
        elif not here & region.types:
            return True
        for selection in region.selections:
            if selection.field_name == TYPENAME:
                if node.kind is NodeKind.INTERFACE_OBJECT:
                    return False
                continue
            edge = self.graph.field_edge(node, selection.field_name)
            if edge is None or edge.needs_entry or (edge.head and not self._is_local(edge.head, selection.regions)):
                return False
        return True

    def _pruned(self, states: list[State]) -> tuple[State, ...]:
        """Without states that need more than another one at the same node does, cheapest first, bounded."""
        states = sorted(states, key=lambda state: self.cost.of(state.mask))
        kept: list[State] = []
        for state in states:
            if not any(
                (other.node is state.node and other.mask | state.mask == state.mask and other.entry is not state.entry)
                or (other.node is state.node and other.mask == state.mask)
                for other in kept
            ):
                kept.append(state)
        if self._max_states is not None and len(kept) > self._max_states:
            self.has_given_up_states = True
            del kept[self._max_states :]
        return tuple(kept)


def _is_blind(place: Place) -> bool:
    """Whether nobody who has been asked so far knows the objects' runtime types."""
    return all(state.node.kind is NodeKind.INTERFACE_OBJECT for state in place.states)
