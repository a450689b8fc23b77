"""Print every stage on the way to a plan: normalized operation, best paths, query tree, fetch graph, plan, estimated cost."""

from __future__ import annotations

from ..supergraph import Supergraph
from .fetch_graph import FetchGraph
from .guards import ALWAYS, Guard, conditions_from
from .operation import FieldSelection, Operation, Region
from .paths import Entry, Leaf, State
from .planner import PlanStages
from .print_document import print_tree
from .print_plan import print_conditions, print_path, print_plan


def explain_stages(supergraph: Supergraph, stages: PlanStages) -> dict[str, str]:
    """The stages as text, by name, in order."""
    return {
        "normalized operation": print_operation(stages.operation),
        "best paths": _print_leaves(supergraph, stages.leaves),
        "query tree": _print_choices(supergraph, stages),
        "fetch graph": _print_fetch_graph(supergraph, stages.fetch_graph),
        "query plan": print_plan(stages.plan),
        "estimated cost": f"{stages.plan.estimated_cost:.0f}\n",
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


def _print_leaves(supergraph: Supergraph, leaves: tuple[Leaf, ...]) -> str:
    lines = []
    for leaf in leaves:
        lines.append(_leaf_name(leaf))
        lines += [f"  {_print_state(supergraph, option)}" for option in leaf.options]
        lines += [f"  not possible at {_print_state(supergraph, state)}" for state in leaf.void_states]
    return "\n".join(lines) + "\n"


def _print_choices(supergraph: Supergraph, stages: PlanStages) -> str:
    lines = []
    for leaf, state in stages.query_tree.choices:
        way = _print_state(supergraph, state) if state is not None else "nothing to fetch"
        lines.append(f"{_leaf_name(leaf)}: {way}")
    return "\n".join(lines) + "\n"


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


def _print_state(supergraph: Supergraph, state: State) -> str:
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
    return " / ".join(reversed(steps))


def _print_entry(supergraph: Supergraph, entry: Entry) -> str:
    name = supergraph.subgraphs[entry.head.graph].name
    if entry.edge is None:
        return f"[{name}]"
    requires = " and what it requires" if entry.field_edge is not None else ""
    return f"[{name} by {entry.head.type_name} {{ {entry.edge.key.text} }}{requires}]"


def _print_fetch_graph(supergraph: Supergraph, fetch_graph: FetchGraph) -> str:
    lines = []
    for group in fetch_graph.groups:
        needed = sorted(one.number for one in group.depends_on)
        after = f" after {' '.join(str(one) for one in needed)}" if needed else ""
        paths = " ".join(print_path(target.path) for target in group.targets)
        guard = f" if {_print_guard(group.guard)}" if group.guard != ALWAYS else ""
        name = supergraph.subgraphs[group.graph].name
        lines.append(
            f"{group.number} {name}{after}{guard} {paths}".rstrip() + f": {print_tree(group.tree, group.guard)}"
        )
    return "\n".join(lines) + "\n"
