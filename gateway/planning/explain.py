"""Put every stage on the way to a plan into words: normalized operation, best paths, query tree, fetch graph, plan, estimated cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..supergraph import Supergraph
from .fetch_graph import FetchGroup
from .guards import ALWAYS, Guard, conditions_from
from .operation import FieldSelection, Operation, Region
from .paths import Entry, Leaf, State
from .planner import PlanStages
from .print_document import print_tree
from .print_plan import JsonValue, print_conditions, print_path, print_plan
from .query_plan import QueryPlan


@dataclass(frozen=True, slots=True)
class Way:
    """How a leaf is reached; `subgraph_name` is where it ends."""

    text: str
    subgraph_name: str


@dataclass(frozen=True, slots=True)
class LeafWays:
    """All ways to a leaf that are worth considering, and where it cannot be because no object of the type can."""

    leaf: str
    options: tuple[Way, ...]
    not_possible: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class LeafChoice:
    """The way that was chosen; None where nothing has to be fetched."""

    leaf: str
    way: Way | None


@dataclass(frozen=True, slots=True)
class ExplainedGroup:
    """A fetch in the making."""

    id: int
    subgraph_name: str
    depends_on: tuple[int, ...]
    condition: str | None
    paths: tuple[str, ...]
    selection: str


@dataclass(frozen=True, slots=True)
class ExplainedStages:
    """Every stage in words."""

    operation: str
    best_paths: tuple[LeafWays, ...]
    query_tree: tuple[LeafChoice, ...]
    fetch_graph: tuple[ExplainedGroup, ...]
    plan: QueryPlan


def explain_stages(supergraph: Supergraph, stages: PlanStages) -> ExplainedStages:
    """Put the stages into words."""
    return ExplainedStages(
        print_operation(stages.operation),
        tuple(
            LeafWays(
                _leaf_name(leaf),
                tuple(_way(supergraph, option) for option in leaf.options),
                tuple(_way(supergraph, state) for state in leaf.void_states),
            )
            for leaf in stages.leaves
        ),
        tuple(
            LeafChoice(_leaf_name(leaf), None if state is None else _way(supergraph, state))
            for leaf, state in stages.query_tree.choices
        ),
        tuple(_group(supergraph, group) for group in stages.fetch_graph.groups),
        stages.plan,
    )


def print_stages(stages: ExplainedStages) -> dict[str, str]:
    """The stages as text, by name, in order."""
    return {
        "normalized operation": stages.operation,
        "best paths": _text(line for one in stages.best_paths for line in _print_ways(one)),
        "query tree": _text(
            f"{one.leaf}: {'nothing to fetch' if one.way is None else one.way.text}" for one in stages.query_tree
        ),
        "fetch graph": _text(map(_print_group, stages.fetch_graph)),
        "query plan": print_plan(stages.plan),
        "estimated cost": f"{stages.plan.estimated_cost:.0f}\n",
    }


def stages_to_json(stages: ExplainedStages) -> dict[str, JsonValue]:
    """The stages before the plan as JSON values; for the plan itself there is plan_to_json."""
    return {
        "normalizedOperation": stages.operation,
        "bestPaths": [
            {
                "leaf": one.leaf,
                "options": [_way_to_json(option) for option in one.options],
                "notPossible": [_way_to_json(void) for void in one.not_possible],
            }
            for one in stages.best_paths
        ],
        "queryTree": [
            {"leaf": one.leaf, "way": None if one.way is None else _way_to_json(one.way)} for one in stages.query_tree
        ],
        "fetchGraph": [
            {
                "id": group.id,
                "serviceName": group.subgraph_name,
                "dependsOn": list(group.depends_on),
                "conditions": group.condition,
                "paths": list(group.paths),
                "selection": group.selection,
            }
            for group in stages.fetch_graph
        ],
    }


def print_operation(operation: Operation) -> str:
    """The normalized operation, with the tree keys that fields were given where these differ from the response keys."""
    lines = [f"{operation.kind} {operation.name or ''}".rstrip() + " {"]
    lines += _print_regions(operation.regions, operation.root_type, 1)
    return "\n".join([*lines, "}"]) + "\n"


def _print_regions(regions: tuple[Region, ...], parent_type: str, depth: int) -> list[str]:
    lines = []
    for region in regions:
        indent = "  " * depth
        if region.type_name == parent_type:
            for selection in region.selections:
                lines += _print_selection(selection, depth)
            continue
        lines.append(f"{indent}... on {region.type_name} {{")
        for selection in region.selections:
            lines += _print_selection(selection, depth + 1)
        lines.append(indent + "}")
    return lines


def _print_selection(selection: FieldSelection, depth: int) -> list[str]:
    text = "  " * depth
    if selection.response_key != selection.field_name:
        text += f"{selection.response_key}: "
    text += selection.field_name
    if selection.guard != ALWAYS:
        text += f" @if({_print_guard(selection.guard)})"
    if None not in selection.defers:
        text += f" @defer({', '.join(sorted(one for one in selection.defers if one))})"
    if selection.tree_key not in (selection.response_key, "__typename"):
        text += f"  # in the tree: {selection.tree_key}"
    if not selection.is_composite:
        return [text]
    return [text + " {", *_print_regions(selection.regions, selection.named_type, depth + 1), "  " * depth + "}"]


def _print_guard(guard: Guard) -> str:
    return print_conditions(conditions_from(guard))


def _print_ways(one: LeafWays) -> list[str]:
    options = [f"  {option.text}" for option in one.options]
    return [one.leaf, *options, *(f"  not possible at {void.text}" for void in one.not_possible)]


def _print_group(group: ExplainedGroup) -> str:
    after = f" after {' '.join(map(str, group.depends_on))}" if group.depends_on else ""
    condition = f" if {group.condition}" if group.condition else ""
    head = f"{group.id} {group.subgraph_name}{after}{condition} {' '.join(group.paths)}".rstrip()
    return f"{head}: {group.selection}"


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _way_to_json(way: Way) -> dict[str, JsonValue]:
    return {"way": way.text, "serviceName": way.subgraph_name}


def _leaf_name(leaf: Leaf) -> str:
    keys = []
    position = leaf.place.position
    while position.parent is not None:
        keys.append(position.key)
        position = position.parent
    keys.reverse()
    if leaf.selection is not None:
        keys.append(leaf.selection.tree_key)
    elif leaf.is_typename:
        keys.append("__typename")
    return f"{'.'.join(keys)} ({leaf.place.type_name})"


def _way(supergraph: Supergraph, state: State) -> Way:
    steps = []
    one: State | None = state
    while one is not None:
        match one.step:
            case FieldSelection() as selection:
                steps.append(selection.field_name)
            case str(type_name):
                steps.append(f"... on {type_name}")
            case _:
                steps.append(_print_entry(supergraph, one.entry))
        one = one.parent
    return Way(" / ".join(reversed(steps)), supergraph.subgraphs[state.entry.head.graph].name)


def _print_entry(supergraph: Supergraph, entry: Entry) -> str:
    name = supergraph.subgraphs[entry.head.graph].name
    if entry.edge is None:
        return f"[{name}]"
    requires = " and what it requires" if entry.field_edge is not None else ""
    return f"[{name} by {entry.head.type_name} {{ {entry.edge.key.text} }}{requires}]"


def _group(supergraph: Supergraph, group: FetchGroup) -> ExplainedGroup:
    return ExplainedGroup(
        group.number,
        supergraph.subgraphs[group.graph].name,
        tuple(sorted(one.number for one in group.depends_on)),
        _print_guard(group.guard) if group.guard != ALWAYS else None,
        tuple(filter(None, (print_path(target.path) for target in group.targets))),
        print_tree(group.tree, group.guard),
    )
