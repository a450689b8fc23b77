"""Enter subgraphs by key: which of them an object can be taken to, and what has to be known of it first.

A key, or what a field requires, is resolved from the states that have been reached; if that does not suffice, whatever can be entered
is entered, round by round, so that chains of keys are found without trying all orders of subgraphs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..query_graph import EntityEdge, FieldEdge, Node, QueryGraph
from .context_needs import find_context_needs
from .deadline import Deadline
from .normalize import SelectionBuilder
from .operation import Region
from .path_cost import PathCost
from .paths import ContextNeed, Entry, Leaf, Place, State, Unresolvable
from .positions import Position


class SubgraphEntrances:
    """Finds and makes entries for one search. `leaves_of` resolves selections at a place; it raises Unresolvable."""

    def __init__(
        self,
        graph: QueryGraph,
        builder: SelectionBuilder,
        cost: PathCost,
        deadline: Deadline,
        leaves_of: Callable[[Place, tuple[Region, ...]], list[Leaf]],
    ) -> None:
        self._graph = graph
        self._builder = builder
        self._cost = cost
        self._deadline = deadline
        self._leaves_of = leaves_of
        self._in_progress: set[tuple[Position, str, Node, FieldEdge | None]] = set()
        self._met_itself = False

    def enter(
        self, place: Place, states: tuple[State, ...], edge: EntityEdge, field_edge: FieldEdge | None
    ) -> State | None:
        """Enter a subgraph by key for the objects of a place, with what `field_edge` requires; None when the key is out of reach.

        First with what the given states see themselves, then with subgraphs entered from there, and so on, round by round.
        """
        # What is found from these states is kept with them, however the search came to ask.
        place = place.seen_from(states)
        memo = (edge, field_edge)
        if memo in place.entered:
            return place.entered[memo]
        met_before, self._met_itself = self._met_itself, False
        state = self._guarded_enter(place, edge, field_edge)
        while state is None and not place.is_exhausted:
            if not self._extend(place):
                place.is_exhausted = not self._met_itself
                if self._met_itself:
                    break
            state = place.entered.get(memo) or self._guarded_enter(place, edge, field_edge)
        # A failure that came from meeting an open question again says nothing once that question is closed.
        if state is not None or not self._met_itself:
            place.entered[memo] = state
        self._met_itself = self._met_itself or met_before
        return state

    def _extend(self, place: Place) -> bool:
        """Enter whatever can be entered with the keys known so far; tells whether that led anywhere new."""
        if place.is_extending:
            self._met_itself = True
            return False
        place.is_extending = True
        try:
            here = place.with_reached()
            known = {state.node for state in here.states}
            found: dict[Node, State] = {}
            for edge in self._graph.entity_edges(place.type_name):
                if edge.head in known:
                    continue
                state = self._guarded_enter(place, edge, None)
                if state is None:
                    continue
                place.entered[edge, None] = state
                best = found.get(edge.head)
                if best is None or self._cost.of(state.mask) < self._cost.of(best.mask):
                    found[edge.head] = state
            place.reached += found.values()
            return bool(found)
        finally:
            place.is_extending = False

    def _guarded_enter(self, place: Place, edge: EntityEdge, field_edge: FieldEdge | None) -> State | None:
        """One try with what has been reached; a question that is being asked already is not asked again inside itself."""
        in_progress = (place.position, place.type_name, edge.head, field_edge)
        if in_progress in self._in_progress:
            self._met_itself = True
            return None
        self._deadline.check()
        self._in_progress.add(in_progress)
        try:
            return self._try_enter(place.with_reached(), edge, field_edge)
        except Unresolvable:
            return None
        finally:
            self._in_progress.discard(in_progress)

    def _try_enter(self, place: Place, edge: EntityEdge, field_edge: FieldEdge | None) -> State | None:
        key_regions = self._builder.field_set_regions(place.type_name, edge.key.field_set, place.position)
        leaves = self._leaves_of(place, key_regions)
        requires_regions: tuple[Region, ...] = ()
        contexts: tuple[ContextNeed, ...] = ()
        if field_edge is not None:
            requires = field_edge.field.requires
            requires_regions = self._builder.field_set_regions(place.type_name, requires, place.position)
            leaves += self._leaves_of(place, requires_regions) if requires else []
            contexts = find_context_needs(self._graph.supergraph, self._builder, place, field_edge)
            for need in contexts:
                leaves += self._leaves_of(need.place, need.regions)
        entry = self.new_entry(edge.head, place, edge, field_edge, key_regions, requires_regions, self._chosen(leaves))
        entry.contexts = contexts
        return State(edge.head, entry, None, None, entry.mask)

    def _chosen(self, leaves: Iterable[Leaf]) -> tuple[tuple[Leaf, State], ...]:
        """One state for each required leaf, greedily: what is fetched for one is there for the next."""
        mask, chosen = 0, []
        for leaf in sorted(leaves, key=lambda leaf: len(leaf.options)):
            state = min(leaf.options, key=lambda option: self._cost.of(option.mask | mask))
            mask |= state.mask
            chosen.append((leaf, state))
        return tuple(chosen)

    def reenter(self, place: Place, state: State, head: Node) -> State:
        """Enter another subgraph at the query type, at a place below the root where that type stands."""
        place = place.seen_from((state,))
        memo = (head, None)
        found = place.entered.get(memo)
        if found is None:
            entry = self.new_entry(head, place, after=state.entry, required=((Leaf(place, None, place.states), state),))
            found = place.entered[memo] = State(head, entry, None, None, entry.mask)
        return found

    def new_entry(
        self,
        head: Node,
        place: Place,
        edge: EntityEdge | None = None,
        field_edge: FieldEdge | None = None,
        key_regions: tuple[Region, ...] = (),
        requires_regions: tuple[Region, ...] = (),
        required: tuple[tuple[Leaf, State], ...] = (),
        after: Entry | None = None,
        series: int = 0,
    ) -> Entry:
        """Add an entry to the search; it comes after everything that it requires."""
        index = len(self._cost.entries)
        mask = 1 << index
        depth = 1
        for _, state in required:
            mask |= state.mask
            depth = max(depth, state.depth + 1)
        entry = Entry(
            index,
            head,
            place,
            edge,
            field_edge,
            key_regions,
            requires_regions,
            required,
            (),
            mask,
            depth,
            after,
            series,
        )
        self._cost.entries.append(entry)
        return entry
