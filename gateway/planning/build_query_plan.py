"""Freeze the fetch graph into a QueryPlan: order the fetches, join those that are ready together, and print their documents."""

from __future__ import annotations

import re

from ..supergraph import Supergraph
from .deadline import Deadline
from .fetch_graph import FetchGraph, FetchGroup
from .fold_targets import fold_targets
from .guards import NEVER, Guard, conditions_from, either
from .operation import FieldSelection, Operation, Region
from .paths import ContextNeed
from .print_document import EntitiesSelection, PrintedDocument, print_entities_document, print_root_document, print_tree
from .projection import build_projection
from .query_plan import (
    ContextArgument,
    EntityInput,
    EntityTarget,
    FetchNode,
    ItemsStep,
    KeyStep,
    OperationKind,
    PathStep,
    QueryPlan,
    ResponsePath,
)

_NOT_IN_NAMES = re.compile(r"[^_0-9A-Za-z]")


def build_query_plan(
    supergraph: Supergraph, operation: Operation, fetch_graph: FetchGraph, cost: float, deadline: Deadline
) -> QueryPlan:
    """Turn an optimized fetch graph into the final plan."""
    fetches = _FetchBuilder(supergraph, operation, fetch_graph, deadline).fetches()
    projection, deferred = build_projection(supergraph, operation, deadline)
    return QueryPlan(
        operation_kind=operation.kind,
        operation_name=operation.name,
        fetches=fetches,
        projection=projection,
        root_type_name=operation.root_type,
        root_deferred=deferred,
        estimated_cost=cost,
    )


class _FetchBuilder:
    def __init__(
        self, supergraph: Supergraph, operation: Operation, fetch_graph: FetchGraph, deadline: Deadline
    ) -> None:
        self._supergraph = supergraph
        self._operation = operation
        self._fetch_graph = fetch_graph
        self._deadline = deadline
        self._variable = operation.own_variable("representations")

    def fetches(self) -> tuple[FetchNode, ...]:
        """The fetch nodes, each after what it depends on."""
        batches = self._batches()
        number_of = {group: number for number, batch in enumerate(batches) for group in batch}
        return tuple(
            self._fetch(number, batch, tuple(sorted({number_of[g] for group in batch for g in group.depends_on})))
            for number, batch in enumerate(batches)
        )

    def _batches(self) -> list[list[FetchGroup]]:
        """Groups in order, those of one subgraph that become ready at the same moment together."""
        depths = self._fetch_graph.depths()
        groups = sorted(self._fetch_graph.groups, key=lambda group: (depths[group], group.series, group.number))
        batches: dict[object, list[FetchGroup]] = {}
        key_of: dict[FetchGroup, object] = {}
        for group in groups:
            key: object = group
            if group.is_entity:
                # Not the groups it waits for, but the requests these will be part of: that is when it becomes ready.
                needed = frozenset(key_of[one] for one in group.depends_on)
                key = (group.graph, needed, group.defers)
            key_of[group] = key
            batches.setdefault(key, []).append(group)
        return list(batches.values())

    def _fetch(self, number: int, batch: list[FetchGroup], depends_on: tuple[int, ...]) -> FetchNode:
        self._deadline.check()
        first = batch[0]
        subgraph = self._supergraph.subgraphs[first.graph]
        name = None
        if self._operation.name:
            name = f"{self._operation.name}__{_NOT_IN_NAMES.sub('_', subgraph.name)}__{number}"
        guard = NEVER
        for group in batch:
            guard = either(guard, group.guard)
        kind: OperationKind = self._operation.kind if not first.is_entity and first.series >= 0 else "query"
        if first.is_entity:
            entities, document = self._entities(name, batch, guard)
        else:
            entities = ()
            document = print_root_document(kind, name, first.tree, guard, self._operation.definition)
        return FetchNode(
            id=number,
            subgraph_name=subgraph.name,
            operation_kind=kind,
            document=document.text,
            operation_name=name,
            variable_names=document.variable_names,
            depends_on=depends_on,
            entities=entities,
            root_path=first.root_path,
            conditions=conditions_from(guard),
            defer_ids=() if None in first.defers else tuple(sorted(one for one in first.defers if one)),
        )

    def _entities(
        self, name: str | None, batch: list[FetchGroup], guard: Guard
    ) -> tuple[tuple[EntityInput, ...], PrintedDocument]:
        """The `_entities` fields of a batch; groups that ask the same of different objects share one."""
        alike: dict[object, list[FetchGroup]] = {}
        for group in batch:
            key: object = group if group.contexts else (print_tree(group.tree, group.guard), group.guard)
            alike.setdefault(key, []).append(group)
        inputs, selections, context_types = [], [], {}
        for number, groups in enumerate(alike.values()):
            alone = len(alike) == 1
            alias = "_entities" if alone else f"_e{number}"
            variable = self._variable if alone else f"{self._variable}_{number}"
            targets = fold_targets(
                EntityTarget(target.path, target.representations, conditions_from(group.guard))
                for group in groups
                for target in group.targets
            )
            contexts = tuple(self._context(variable, need) for variable, need in groups[0].contexts)
            context_types.update({name: need.definition.type_text for name, need in groups[0].contexts})
            inputs.append(EntityInput(alias, variable, targets, contexts))
            own = NEVER
            for group in groups:
                own = either(own, group.guard)
            selections.append(EntitiesSelection(alias, variable, groups[0].tree, own))
        document = print_entities_document(name, selections, guard, context_types, self._operation.definition)
        return tuple(inputs), document

    def _context(self, variable: str, need: ContextNeed) -> ContextArgument:
        by_type: dict[str, ResponsePath] = {}
        for region in need.regions:
            for type_name in sorted(region.types & need.place.possible):
                for selection in region.selections:
                    by_type[type_name] = _leaf_path(selection.for_type(type_name), self._supergraph)
        paths = set(by_type.values())
        path = next(iter(by_type.values()), ())
        return ContextArgument(variable, need.levels_up, path, {} if len(paths) <= 1 else by_type)


def _leaf_path(selection: FieldSelection, supergraph: Supergraph) -> ResponsePath:
    """The way to the one leaf of a context selection."""
    steps: list[PathStep] = [KeyStep(selection.tree_key)]
    regions: tuple[Region, ...] = selection.regions
    while regions:
        assert selection.definition is not None
        steps += [ItemsStep()] * selection.definition.type_text.count("[")
        selection = regions[0].selections[0]
        steps.append(KeyStep(selection.tree_key))
        regions = selection.regions
    return tuple(steps)
