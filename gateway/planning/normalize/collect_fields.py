"""Collect the fields of a selection set level by level: fragments spread in, static conditions settled, equal fields merged.

Working level by level on sets of selection sets, and visiting each of them once, keeps fragment bombs from growing: a field that is
selected a thousand times through fragments is one draft with each distinct selection set below it once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    VariableNode,
)

from ...errors import PlanningLimitExceeded
from ...supergraph import Supergraph
from ..deadline import Deadline
from ..guards import ALWAYS, NEVER, Guard, both, either
from ..operation import TYPENAME, DeferMark
from ..query_plan import Condition

# Far above what people write; a hostile operation meets it within a second or two.
MAX_COLLECTED_FIELDS = 10_000

# The same fragment under another condition, or deferred, is another visit: such fragments double at every level.
MAX_VISITED_SELECTION_SETS = 10_000

RegionKey: TypeAlias = tuple[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Source:
    """A selection set to collect from, with what holds for all of it."""

    selection_set: SelectionSetNode
    guard: Guard
    defer_id: str | None


@dataclass(slots=True)
class FieldDraft:
    """A field as collected so far: every place where it was selected, merged."""

    order: int
    node: FieldNode
    instances: list[tuple[Guard, str | None, SelectionSetNode | None]] = field(default_factory=list)

    @property
    def guard(self) -> Guard:
        """When the field is selected at all."""
        guard = NEVER
        for instance_guard, _, _ in self.instances:
            guard = either(guard, instance_guard, is_exact=True)
        return guard

    def guard_by_defer(self) -> dict[str | None, Guard]:
        """When the field is selected by each deferred block (None: by the answer itself)."""
        found: dict[str | None, Guard] = {}
        for guard, defer_id, _ in self.instances:
            found[defer_id] = either(found.get(defer_id, NEVER), guard, is_exact=True)
        return found

    def sources(self) -> tuple[Source, ...]:
        """The selection sets below the field. What is under a narrower condition than the field itself carries that along."""
        whole = self.guard
        found: dict[tuple[int, Guard, str | None], Source] = {}
        for guard, defer_id, selection_set in self.instances:
            if selection_set is not None:
                below = ALWAYS if guard == whole else guard
                found.setdefault((id(selection_set), below, defer_id), Source(selection_set, below, defer_id))
        return tuple(found.values())


@dataclass(slots=True)
class Collected:
    """The drafts of one position, by what they are selected on and for which object types, then by response key."""

    regions: dict[RegionKey, dict[str, FieldDraft]] = field(default_factory=dict)
    defer_marks: list[DeferMark] = field(default_factory=list)


class FieldCollector:
    """Collects for one document; counts what it collects."""

    def __init__(
        self, supergraph: Supergraph, fragments: Mapping[str, FragmentDefinitionNode], deadline: Deadline
    ) -> None:
        self._supergraph = supergraph
        self._fragments = fragments
        self._deadline = deadline
        self._collected = 0
        self._visited = 0
        self._defers = 0

    def collect_operation(self, root_type: str, definition: OperationDefinitionNode) -> Collected:
        """Collect the root fields."""
        return self.collect(root_type, (Source(definition.selection_set, ALWAYS, None),))

    def collect(self, parent_type: str, sources: tuple[Source, ...]) -> Collected:
        """Collect what all `sources` select on objects of the static type `parent_type`."""
        visit = _Visit(self, self._supergraph, self._fragments, parent_type)
        for source in sources:
            visit.selection_set(
                source.selection_set,
                parent_type,
                self._supergraph.possible_types[parent_type],
                source.guard,
                source.defer_id,
            )
        return visit.collected

    def next_order(self) -> int:
        """Number a field by where it first stands; raises PlanningLimitExceeded beyond the bound."""
        self._collected += 1
        if self._collected > MAX_COLLECTED_FIELDS:
            raise PlanningLimitExceeded(
                f"the operation selects more than {MAX_COLLECTED_FIELDS} fields once its fragments are spread in"
            )
        return self._collected

    def count_visit(self) -> None:
        """Count a selection set that is looked into; raises PlanningLimitExceeded beyond the bound, or when the time is up."""
        self._visited += 1
        if self._visited > MAX_VISITED_SELECTION_SETS:
            raise PlanningLimitExceeded(
                f"the operation has more than {MAX_VISITED_SELECTION_SETS} selection sets once its fragments are spread in under all"
                " their conditions"
            )
        if self._visited % 16 == 0:
            self._deadline.check()

    def next_defer_id(self) -> str:
        """A fresh id for a deferred block."""
        self._defers += 1
        return f"d{self._defers}"


class _Visit:
    """The walk through the selection sets of one position."""

    def __init__(
        self,
        collector: FieldCollector,
        supergraph: Supergraph,
        fragments: Mapping[str, FragmentDefinitionNode],
        parent_type: str,
    ) -> None:
        self.collected = Collected()
        self._collector = collector
        self._supergraph = supergraph
        self._fragments = fragments
        self._parent_type = parent_type
        self._possible = supergraph.possible_types[parent_type]
        self._seen: set[tuple[int, frozenset[str], Guard, str | None]] = set()

    def selection_set(
        self, node: SelectionSetNode, on: str, types: frozenset[str], guard: Guard, defer_id: str | None
    ) -> None:
        visited = (id(node), types, guard, defer_id)
        if visited in self._seen:
            return
        self._seen.add(visited)
        self._collector.count_visit()
        for selection in node.selections:
            own = both(guard, _guard_of(selection.directives or ()), is_exact=True)
            if own == NEVER:
                continue
            match selection:
                case FieldNode():
                    self._field(selection, on, types, own, defer_id)
                case InlineFragmentNode():
                    condition = selection.type_condition.name.value if selection.type_condition else on
                    self._fragment(selection, selection.selection_set, condition, on, types, own, defer_id)
                case FragmentSpreadNode():
                    fragment = self._fragments[selection.name.value]
                    condition = fragment.type_condition.name.value
                    self._fragment(selection, fragment.selection_set, condition, on, types, own, defer_id)

    def _fragment(
        self,
        node: InlineFragmentNode | FragmentSpreadNode,
        body: SelectionSetNode,
        condition: str,
        on: str,
        types: frozenset[str],
        guard: Guard,
        defer_id: str | None,
    ) -> None:
        narrowed = types & self._supergraph.possible_types.get(condition, frozenset())
        # What is selected without being deferred is not deferred as well.
        if not narrowed or (id(body), narrowed, guard, None) in self._seen:
            return
        mark = _defer_mark(node.directives or (), narrowed, self._possible, guard, defer_id, self._collector)
        if mark is not None:
            self.collected.defer_marks.append(mark)
            defer_id = mark.defer_id
        self.selection_set(body, condition, narrowed, guard, defer_id)

    def _field(self, node: FieldNode, on: str, types: frozenset[str], guard: Guard, defer_id: str | None) -> None:
        response_key = node.alias.value if node.alias else node.name.value
        for key in self._region_keys(node.name.value, on, types):
            drafts = self.collected.regions.setdefault(key, {})
            draft = drafts.get(response_key)
            if draft is None:
                draft = drafts[response_key] = FieldDraft(self._collector.next_order(), node)
            draft.instances.append((guard, defer_id, node.selection_set))

    def _region_keys(self, field_name: str, on: str, types: frozenset[str]) -> Iterator[RegionKey]:
        """The type to select the field on. Where no single type names exactly these object types, each object type by itself."""
        if types == self._possible and self._has_field(self._parent_type, field_name):
            yield self._parent_type, types
        elif self._supergraph.possible_types[on] & self._possible == types and self._has_field(on, field_name):
            yield on, types
        else:
            for name in sorted(types):
                yield name, frozenset((name,))

    def _has_field(self, type_name: str, field_name: str) -> bool:
        return field_name == TYPENAME or field_name in self._supergraph.types[type_name].fields


def _guard_of(directives: tuple[DirectiveNode, ...]) -> Guard:
    guard = ALWAYS
    for directive in directives:
        name = directive.name.value
        if name not in ("skip", "include") or not directive.arguments:
            continue
        value = directive.arguments[0].value
        if isinstance(value, BooleanValueNode):
            if value.value == (name == "skip"):
                return NEVER
        elif isinstance(value, VariableNode):
            guard = both(guard, frozenset({frozenset({Condition(value.name.value, name == "skip")})}))
    return guard


def _defer_mark(
    directives: tuple[DirectiveNode, ...],
    types: frozenset[str],
    possible: frozenset[str],
    guard: Guard,
    parent_defer: str | None,
    collector: FieldCollector,
) -> DeferMark | None:
    defer = next((directive for directive in directives if directive.name.value == "defer"), None)
    if defer is None:
        return None
    arguments = {argument.name.value: argument.value for argument in defer.arguments or ()}
    condition, label = arguments.get("if"), arguments.get("label")
    if isinstance(condition, BooleanValueNode) and not condition.value:
        return None
    return DeferMark(
        defer_id=collector.next_defer_id(),
        label=label.value if isinstance(label, StringValueNode) else None,
        if_variable=condition.name.value if isinstance(condition, VariableNode) else None,
        types=None if types == possible else types,
        guard=guard,
        parent_defer=parent_defer,
    )
