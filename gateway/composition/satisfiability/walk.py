"""Walk all paths of the API schema, and on each the places in the subgraphs that a query could be at; no path may be a dead end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ...query_graph import Node, NodeKind
from ...supergraph import Supergraph, SupergraphField
from ..error_codes import ErrorCode
from ..errors import CompositionError, error
from ..hints import CompositionHint
from ..merge.state import Merge
from ..schema import Field, RootKind, Schema, TypeDefinition
from ..schema.type_reference import base_name
from .advance import Advance, Alternatives, OverrideChoice
from .dead_ends import DeadEnds
from .runtime_types import check_runtime_types, is_shareable
from .supergraph_model import supergraph_model
from .witness import Step, print_witness


@dataclass(slots=True)
class SatisfiabilityResult:
    errors: list[CompositionError] = field(default_factory=list)
    hints: list[CompositionHint] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _State:
    """A path of the API schema, and where a query that followed it can be."""

    root: RootKind
    steps: tuple[Step, ...]
    type: TypeDefinition
    groups: dict[str, Alternatives]
    """Usually one group, "". After a shared mutation field one per subgraph: it must not be called in two."""
    mutation_field: str | None = None
    labels: frozenset[OverrideChoice] = frozenset()
    passed_types: frozenset[str] = frozenset()
    """Object types on the way that set a context."""

    @property
    def path_count(self) -> int:
        return sum(sum(group.values()) for group in self.groups.values())


@dataclass(frozen=True, slots=True)
class _Visit:
    """What was validated from a type on: it holds for whoever has at least these places to be at."""

    places: frozenset[str]
    labels: frozenset[OverrideChoice]
    passed_types: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Reach:
    """All nodes of an object that can be reached, and what was chosen and passed on the way."""

    nodes: frozenset[Node]
    labels: frozenset[OverrideChoice]
    passed_types: frozenset[str]


def check_satisfiability(
    merge: Merge,
    api_schema: Schema,
    max_paths: int,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> SatisfiabilityResult:
    return _Walk(merge, api_schema, max_paths, on_progress).run()


class _Walk:
    def __init__(
        self, merge: Merge, api_schema: Schema, max_paths: int, on_progress: Callable[[str, int, int], None] | None
    ) -> None:
        self.merge = merge
        self.api_schema = api_schema
        self.max_paths = max_paths
        self.on_progress = on_progress
        self.supergraph: Supergraph = supergraph_model(merge)
        self.types_of_contexts = _types_of_contexts(self.supergraph)
        self.advance = Advance(self.supergraph)
        self.dead_ends = DeadEnds(self.advance)
        self.result = SatisfiabilityResult()
        self.queue: deque[_State] = deque()
        self.open_paths = 0
        # By type and any one place of the visit: an earlier visit with fewer places has its place among those of a later one.
        self.visits: dict[tuple[str, str], list[_Visit]] = {}
        # By mutation field, then subgraph: one subgraph without errors is enough.
        self.mutation_errors: dict[str, dict[str, list[CompositionError]]] = {}
        # What was followed with nothing to report need not be followed from another place that reaches the same.
        self.settled_fields: dict[_Reach, frozenset[str]] = {}

    def run(self) -> SatisfiabilityResult:
        for kind, root in self.api_schema.roots.items():
            edges = self.advance.graph.root_edges(kind.value)
            self._push(_State(kind, (), root.type, {"": {edge.head: 1 for edge in edges}}))
        done = 0
        while self.queue:
            # Oldest first: the first query that meets a dead end is a shortest one.
            state = self.queue.popleft()
            self.open_paths -= state.path_count
            if self.on_progress and done % 500 == 0:
                self.on_progress("Checking satisfiability", done, done + len(self.queue) + 1)
            done += 1
            if not self._was_visited(state) and not self._visit(state):
                break
        self._report_mutations()
        return self.result

    def _push(self, state: _State) -> bool:
        self.open_paths += state.path_count
        self.queue.append(state)
        if self.open_paths <= self.max_paths:
            return True
        message = f"Maximum number of validation subgraph paths exceeded: {self.open_paths}"
        self.result.errors = [error(ErrorCode.MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED, message)]
        self.mutation_errors = {}
        return False

    def _was_visited(self, state: _State) -> bool:
        """Whether someone with fewer places to be at was here before; remembers this visit if not."""
        is_known = True
        for group in state.groups.values():
            places = frozenset(f"{node.graph}.{node.type_name}" for node in group)
            visit = _Visit(places, state.labels, state.passed_types)
            previous = (self.visits.get((state.type.name, place), ()) for place in places)
            if not any(_covers(visit, earlier) for found in previous for earlier in found):
                self.visits.setdefault((state.type.name, min(places, default="")), []).append(visit)
                is_known = False
        return is_known

    def _visit(self, state: _State) -> bool:
        """Validate all that can follow; False when the walk has to stop."""
        if state.type.is_abstract:
            return all(
                self._follow_condition(state, possible) for possible in self.api_schema.possible_types(state.type)
            )
        passed = state.passed_types
        if state.type.name in self.types_of_contexts:
            passed = passed | {state.type.name}
        reach = self._reach_of(state)
        settled = self.settled_fields.get(reach, frozenset()) if reach is not None else frozenset()
        reported = self._reported
        for api_field in state.type.fields.values():
            if api_field.name in settled:
                continue
            definition = self.supergraph.types[state.type.name].fields[api_field.name]
            label = next((known.override_label for known in definition.by_graph.values() if known.override_label), None)
            choices = [OverrideChoice(label, True), OverrideChoice(label, False)] if label else [None]
            for choice in choices:
                if choice is not None and OverrideChoice(choice.label, not choice.is_active) in state.labels:
                    continue
                if not self._follow_field(state, api_field, definition, choice, passed):
                    return False
        if reach is not None and not settled and reported == self._reported:
            self.settled_fields[reach] = self._plain_fields(state.type)
        return True

    @property
    def _reported(self) -> int:
        return len(self.result.errors) + len(self.result.hints)

    def _reach_of(self, state: _State) -> _Reach | None:
        """What decides how plain fields can be followed, where that is only what can be reached, not where one stands.

        Types that every subgraph extends would be looked through once for each place to be at, all of their fields each time.
        """
        if len(state.groups) != 1 or not state.steps or state.mutation_field is not None:
            return None
        (group,) = state.groups.values()
        nodes = self.advance.moves.closure_of_all(group.keys())
        if any(node.kind is not NodeKind.OBJECT or node.type_name != state.type.name for node in nodes):
            return None
        return _Reach(nodes, state.labels, state.passed_types)

    def _plain_fields(self, type_: TypeDefinition) -> frozenset[str]:
        """The fields that no subgraph can only be asked for right after it was entered with what they require."""
        fields = self.supergraph.types[type_.name].fields
        return frozenset(
            name
            for name in type_.fields
            if not any(one.requires or one.context_arguments for one in fields[name].by_graph.values())
        )

    def _follow_condition(self, state: _State, possible: TypeDefinition) -> bool:
        groups: dict[str, Alternatives] = {}
        step = Step(type_condition=possible.name)
        for name, group in state.groups.items():
            narrowed = self.advance.by_type_condition(group, possible.name)
            if narrowed is None:
                return True
            if narrowed:
                groups[name] = narrowed
            else:
                reasons = self.dead_ends.of_type_condition(group, possible.name)
                self._report(state, name, (*state.steps, step), reasons)
        if not groups:
            return True
        return self._push(
            _State(
                state.root,
                (*state.steps, step),
                possible,
                groups,
                state.mutation_field,
                state.labels,
                state.passed_types,
            )
        )

    def _follow_field(
        self,
        state: _State,
        api_field: Field,
        definition: SupergraphField,
        choice: OverrideChoice | None,
        passed: frozenset[str],
    ) -> bool:
        steps = (*state.steps, Step(field=api_field))
        type_name = state.type.name
        groups: dict[str, Alternatives] = {}
        for name, group in state.groups.items():
            heads = self.advance.by_field(
                group, definition, type_name, choice, state.passed_types, is_top_level=not state.steps
            )
            if heads:
                groups[name] = heads
            else:
                reasons = self.dead_ends.of_field(group, definition, type_name, is_top_level=not state.steps)
                self._report(state, name, steps, reasons)
        if not groups:
            return True
        returned = self.api_schema.type(base_name(api_field.type))
        if returned is None or returned.is_leaf:
            return True
        mutation_field = state.mutation_field
        if not state.steps and state.root is RootKind.MUTATION:
            groups = self._by_subgraph(groups[""])
            if len(groups) > 1:
                mutation_field = api_field.coordinate
                for name in groups:
                    self.mutation_errors.setdefault(mutation_field, {}).setdefault(name, [])
            else:
                groups = {"": next(iter(groups.values()))}
        labels = state.labels | {choice} if choice is not None else state.labels
        new = _State(state.root, steps, returned, groups, mutation_field, labels, passed)
        return not self._has_consistent_types(new, api_field) or self._push(new)

    def _by_subgraph(self, alternatives: Alternatives) -> dict[str, Alternatives]:
        groups: dict[str, Alternatives] = {}
        for node, count in alternatives.items():
            groups.setdefault(self.supergraph.subgraphs[node.graph].name, {})[node] = count
        return groups

    def _has_consistent_types(self, state: _State, api_field: Field) -> bool:
        """A field that several subgraphs resolve must have possible types in common; when they differ, a hint tells so."""
        if not state.type.is_abstract or not is_shareable(self.merge, api_field):
            return True
        # What returns an object type in its subgraph, or stands for an interface, does not choose among types.
        choosing = [
            count for group in state.groups.values() for node, count in group.items() if node.kind is NodeKind.ABSTRACT
        ]
        if sum(choosing) < 2:
            return True
        nodes = [node for group in state.groups.values() for node in group]
        query = print_witness(state.root, state.steps)
        found = check_runtime_types(
            self.merge, self.advance.graph, nodes, api_field, state.type, self.api_schema, query
        )
        if isinstance(found, CompositionError):
            self.result.errors.append(found)
            return False
        if found is not None:
            self.result.hints.append(found)
        return True

    def _report(self, state: _State, group: str, steps: tuple[Step, ...], reasons: str) -> None:
        query = print_witness(state.root, steps)
        message = (
            f"The following supergraph API query:\n{query}\ncannot be satisfied by the subgraphs because:\n{reasons}"
        )
        found = error(ErrorCode.SATISFIABILITY_ERROR, message, *self._nodes(steps))
        if state.mutation_field is None:
            self.result.errors.append(found)
        else:
            self.mutation_errors[state.mutation_field][group].append(found)

    def _nodes(self, steps: tuple[Step, ...]) -> list[Field]:
        """The last field of the query, where the subgraphs declare it."""
        last = next((step.field for step in reversed(steps) if step.field is not None), None)
        return self._declarations(last.coordinate) if last else []

    def _declarations(self, coordinate: str) -> list[Field]:
        found = (subgraph.schema.element(coordinate) for subgraph in self.merge.subgraphs)
        return [element for element in found if isinstance(element, Field)]

    def _report_mutations(self) -> None:
        for coordinate, by_subgraph in self.mutation_errors.items():
            if not all(by_subgraph.values()):
                continue
            lines = [
                f'Supergraph API queries using the mutation field "{coordinate}" at top-level must be satisfiable without needing'
                " to call that field from multiple subgraphs, but every subgraph with that field encounters satisfiability errors."
                " Please fix these satisfiability errors for (at least) one of the following subgraphs with the mutation field:"
            ]
            for subgraph, errors in by_subgraph.items():
                lines.append(f'- When calling "{coordinate}" at top-level from subgraph "{subgraph}":')
                for found in errors:
                    lines += [f"  {line}" if line else line for line in found.message.split("\n")]
            at = self._declarations(coordinate)
            self.result.errors.append(error(ErrorCode.SATISFIABILITY_ERROR, "\n".join(lines), *at))


def _covers(visit: _Visit, earlier: _Visit) -> bool:
    return (
        earlier.places <= visit.places and earlier.labels <= visit.labels and earlier.passed_types <= visit.passed_types
    )


def _types_of_contexts(supergraph: Supergraph) -> frozenset[str]:
    """The types that set a context, themselves or by an interface or union they belong to."""
    types = supergraph.types
    setting = {name for name, type_ in types.items() if type_.contexts}
    members = {member for name in setting for member in types[name].members}
    implementing = {name for name, type_ in types.items() if not setting.isdisjoint(type_.interfaces)}
    return frozenset(setting | members | implementing)
