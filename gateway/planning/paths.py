"""The values of path search: states (an object seen in one subgraph, and how it got there), entries (the fetches on the way), leaves."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import PlanningError
from ..query_graph import EntityEdge, FieldEdge, Node
from ..supergraph import ContextArgumentDefinition
from .guards import ALWAYS, Guard
from .operation import FieldSelection, Region
from .positions import Position


class Unresolvable(PlanningError):
    """Raised when no subgraph can be reached that resolves a field; tells which field on which type."""


@dataclass(slots=True, eq=False)
class Place:
    """The objects of one static type at one position, and the states in which they can be seen.

    `possible` are their object types, `static` is the type that the position has without any type condition. `void_states` see the
    position but can never hold an object of this type: taking one of them means that nothing has to be fetched.
    """

    position: Position
    type_name: str
    possible: frozenset[str]
    static_possible: frozenset[str]
    states: tuple[State, ...]
    parent: Place | None
    void_states: tuple[State, ...] = ()
    guard: Guard = ALWAYS
    """Under which conditions the operation comes here: a field set that needs the same objects may come here without them."""
    narrowed: dict[tuple[str, frozenset[str]], tuple[Place, ...]] = field(default_factory=dict)
    entered: dict[tuple[EntityEdge | Node, FieldEdge | None], State | None] = field(default_factory=dict)
    reached: list[State] = field(default_factory=list)
    """The states from which keys are resolved: those of this place, then subgraphs entered from there, round by round."""
    is_extending: bool = False
    is_exhausted: bool = False
    """Nothing further can be entered from here."""
    base: Place | None = None
    """Set where this place is another one with all that has been reached from it: nothing further is entered by key from here."""
    _views: dict[tuple[State, ...], Place] = field(default_factory=dict)

    def seen_from(self, states: tuple[State, ...]) -> Place:
        """The same objects, looked at from these states only."""
        if states == self.states:
            return self
        found = self._views.get(states)
        if found is None or found.base is not None:
            found = self._view(states, None)
        return found

    def with_reached(self) -> Place:
        """The same objects, looked at from everywhere that has been reached so far."""
        if not self.reached:
            self.reached = list(self.states)
        states = tuple(self.reached)
        found = self._views.get(states)
        if found is None or found.base is None:
            found = self._view(states, self)
        return found

    def _view(self, states: tuple[State, ...], base: Place | None) -> Place:
        view = Place(
            self.position,
            self.type_name,
            self.possible,
            self.static_possible,
            states,
            self.parent,
            guard=self.guard,
            base=base,
        )
        self._views[states] = view
        return view


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Being at `node` with the objects of a position. `step` is how it was reached from `parent`: a field, a type condition, or an entry.

    `mask` has one bit for every entry that this state needs, its own and all that those require.
    """

    node: Node
    entry: Entry
    parent: State | None
    step: FieldSelection | str | None
    mask: int

    @property
    def depth(self) -> int:
        """How many fetches follow one another until this state."""
        return self.entry.depth


@dataclass(frozen=True, slots=True)
class ContextNeed:
    """A @fromContext argument: where its value lies, and the variable that carries it."""

    definition: ContextArgumentDefinition
    place: Place
    levels_up: int
    regions: tuple[Region, ...]


@dataclass(slots=True, eq=False)
class Entry:
    """Entering a subgraph: one fetch, before fetches are merged. `required` are the states whose leaves it needs first."""

    index: int
    head: Node
    place: Place
    edge: EntityEdge | None
    field_edge: FieldEdge | None
    key_regions: tuple[Region, ...]
    requires_regions: tuple[Region, ...]
    required: tuple[tuple[Leaf, State], ...]
    contexts: tuple[ContextNeed, ...]
    mask: int
    depth: int
    after: Entry | None = None
    series: int = 0
    """The position of the mutation field that this entry serves, 0 for queries."""


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """Something to fetch: a leaf field (`selection`), the runtime type (`is_typename`), or just that the objects are there (neither).

    `options` are the states in which it can be had; of these one is chosen. For a field they are the states *after* the field.
    """

    place: Place
    selection: FieldSelection | None
    options: tuple[State, ...]
    is_typename: bool = False
    void_states: tuple[State, ...] = ()
    defers: frozenset[str | None] = frozenset({None})
