"""Build the fetch graph: which subgraph is asked for what, and what each fetch needs first.

Every entry of the chosen paths becomes a FetchGroup; the leaves are written into the groups' documents, and the leaves that an entry
requires into the groups it then depends on.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from ..query_graph import NodeKind, QueryGraph
from .deadline import Deadline
from .document_tree import DocumentField, DocumentTree
from .guards import ALWAYS, NEVER, Guard, both, either
from .operation import FieldSelection, Operation
from .paths import ContextNeed, Entry, Leaf, State
from .positions import Position
from .query_plan import Representation, ResponsePath
from .query_tree import QueryTree
from .representations import path_of, representation_of

Defers = frozenset[str | None]
NO_DEFERS: Defers = frozenset()


@dataclass(frozen=True, slots=True)
class FetchTarget:
    """Objects for which a group asks: where they are, and how they are represented."""

    path: ResponsePath
    representations: tuple[Representation, ...]


@dataclass(slots=True, eq=False)
class FetchGroup:
    """One fetch in the making. Mutable, as the fetch graph around it; `optimize` merges groups."""

    number: int
    graph: str
    operation_kind: str
    position: Position
    is_entity: bool
    series: int
    root_path: ResponsePath = ()
    tree: DocumentTree = field(default_factory=DocumentTree)
    targets: list[FetchTarget] = field(default_factory=list)
    depends_on: set[FetchGroup] = field(default_factory=set)
    guard: Guard = NEVER
    defers: Defers = NO_DEFERS
    contexts: list[tuple[str, ContextNeed]] = field(default_factory=list)

    @property
    def is_series_root(self) -> bool:
        """Whether it is a root field of a mutation."""
        return not self.is_entity and self.series >= 0


@dataclass(slots=True)
class FetchGraph:
    """All groups of one operation."""

    groups: list[FetchGroup]

    def depths(self) -> dict[FetchGroup, int]:
        """For each group the number of fetches that follow one another up to it."""
        depths: dict[FetchGroup, int] = {}
        # With a stack: a thousand mutation fields may follow one another.
        todo = list(self.groups)
        while todo:
            group = todo[-1]
            missing = [needed for needed in group.depends_on if needed not in depths]
            if missing:
                todo += missing
                continue
            depths[group] = 1 + max((depths[needed] for needed in group.depends_on), default=0)
            todo.pop()
        return depths

    def series(self) -> list[list[FetchGroup]]:
        """For a mutation: for each root field in turn its group, and those that complete what it brings."""
        roots = sorted((group for group in self.groups if group.is_series_root), key=lambda group: group.series)
        members = {root: [root] for root in roots}
        root_of: dict[FetchGroup, FetchGroup] = {root: root for root in roots}
        for group in self.groups:
            chain = []
            while group not in root_of:
                chain.append(group)
                group = next(iter(group.depends_on))
            for one in chain:
                root_of[one] = root_of[group]
                members[root_of[group]].append(one)
        return list(members.values())

    def ancestors(self, group: FetchGroup) -> set[FetchGroup]:
        """All groups that must be merged before this one starts."""
        found: set[FetchGroup] = set()
        todo = list(group.depends_on)
        while todo:
            one = todo.pop()
            if one not in found:
                found.add(one)
                todo += one.depends_on
        return found


def build_fetch_graph(graph: QueryGraph, operation: Operation, tree: QueryTree, deadline: Deadline) -> FetchGraph:
    """Turn chosen paths into fetch groups."""
    builder = _FetchGraphBuilder(graph, operation, deadline)
    for leaf, state in tree.choices:
        if state is None:
            # The type cannot occur where this subgraph's answer is taken: only the place itself must be there.
            state = next(void for void in leaf.void_states if void.mask & tree.mask == void.mask)
            builder.add(Leaf(leaf.place, None, ()), state, ALWAYS, leaf.defers)
        else:
            builder.add(leaf, state, ALWAYS, leaf.defers)
    fetch_graph = FetchGraph(builder.groups)
    if operation.kind == "mutation":
        _run_in_series(fetch_graph)
    return fetch_graph


def _run_in_series(fetch_graph: FetchGraph) -> None:
    """Each mutation field starts after all of the one before it, entities included, as a single server would do."""
    for earlier, later in itertools.pairwise(fetch_graph.series()):
        later[0].depends_on.update(earlier)


class _FetchGraphBuilder:
    def __init__(self, graph: QueryGraph, operation: Operation, deadline: Deadline) -> None:
        self.groups: list[FetchGroup] = []
        self._graph = graph
        self._operation = operation
        self._deadline = deadline
        self._by_entry: dict[Entry, FetchGroup] = {}
        self._variables = 0
        self._context_variable = operation.own_variable("context")

    def add(self, leaf: Leaf, state: State, demand: Guard, defers: Defers, demanded_at: int = -1) -> FetchGroup:
        """Write a leaf into the group of its entry. `demand` limits what lies at or below the depth `demanded_at`."""
        self._deadline.check()
        group = self._group(state.entry)
        tree, guard, top = self._entry_tree(group, state.entry), state.entry.place.guard, NEVER
        chain = _chain(state)
        for one in chain:
            match one.step:
                case str(type_name):
                    tree = tree.fragment(type_name)
                case FieldSelection() as selection:
                    guard = both(guard, selection.guard)
                    if 0 <= demanded_at <= selection.position.depth:
                        guard = both(guard, demand)
                    document_field = tree.add_field(selection, guard)
                    if document_field.child is not None:
                        tree = document_field.child
                        tree.selects_typename |= self._is_abstract(selection) and _is_typed(one)
                    if top == NEVER:
                        top = guard
                    self._add_contexts(group, state.entry, selection, document_field)
        if top == NEVER:
            top = both(guard, demand) if demanded_at >= 0 else guard
            tree.selects_typename |= leaf.is_typename
        self._need(state.entry, group, top, defers)
        return group

    def _need(self, entry: Entry, group: FetchGroup, guard: Guard, defers: Defers) -> None:
        """Widen when a group is needed, and with it what it requires."""
        wider, more = either(group.guard, guard), group.defers | defers
        if wider == group.guard and more == group.defers:
            return
        group.guard, group.defers = wider, more
        context_places = {need.place.position for need in entry.contexts}
        for leaf, state in entry.required:
            is_above = leaf.place.position in context_places and leaf.place.position is not entry.place.position
            depth = -1 if is_above else entry.place.position.depth
            group.depends_on.add(self.add(leaf, state, wider, more, depth))
        group.depends_on.discard(group)

    def _group(self, entry: Entry) -> FetchGroup:
        group = self._by_entry.get(entry)
        if group is None:
            group = FetchGroup(
                number=len(self.groups),
                graph=entry.head.graph,
                operation_kind=self._operation.kind if entry.place.parent is None else "query",
                position=entry.place.position,
                is_entity=entry.edge is not None,
                series=entry.series if entry.place.parent is None else -1,
                root_path=() if entry.edge else path_of(entry.place),
            )
            if entry.edge is not None:
                representation = representation_of(self._graph.supergraph, entry)
                group.targets.append(FetchTarget(path_of(entry.place), (representation,)))
            self._by_entry[entry] = group
            self.groups.append(group)
        return group

    def _entry_tree(self, group: FetchGroup, entry: Entry) -> DocumentTree:
        if not group.is_entity:
            return group.tree
        tree = group.tree.fragment(entry.head.type_name)
        tree.selects_typename |= entry.head.kind is NodeKind.ABSTRACT
        return tree

    def _is_abstract(self, selection: FieldSelection) -> bool:
        return self._graph.supergraph.types[selection.named_type].is_abstract

    def _add_contexts(
        self, group: FetchGroup, entry: Entry, selection: FieldSelection, document_field: DocumentField
    ) -> None:
        if not entry.contexts or entry.field_edge is None:
            return
        at_entry = selection.position is entry.place.position
        if not at_entry or selection.field_name != entry.field_edge.field_name or document_field.argument_variables:
            return
        variables = []
        for need in entry.contexts:
            self._variables += 1
            name = f"{self._context_variable}_{self._variables}_{need.definition.name}"
            variables.append((need.definition.name, name))
            group.contexts.append((name, need))
        document_field.argument_variables = tuple(variables)


def _chain(state: State) -> list[State]:
    """The states from the entry's first one to this, in the order in which they are passed."""
    chain = []
    one: State | None = state
    while one is not None:
        chain.append(one)
        one = one.parent
    return chain[::-1]


def _is_typed(state: State) -> bool:
    return state.node.kind is not NodeKind.INTERFACE_OBJECT
