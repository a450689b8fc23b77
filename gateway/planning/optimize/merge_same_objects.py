"""Ask a subgraph once for the same objects: two entity groups of one subgraph at one position become one, types side by side.

A -> B{name}, A -> C -> B{shipping, requires what C has}   becomes   A -> C -> B{name shipping}
"""

from __future__ import annotations

from ..deadline import Deadline
from ..fetch_graph import FetchGraph, FetchGroup, FetchTarget
from ..query_plan import Representation, RequiredField
from ..representations import merged_fields
from .replace_group import replace_group


def merge_same_objects(fetch_graph: FetchGraph, deadline: Deadline) -> bool:
    """Merge whatever may be merged; tells whether there was anything."""
    depths = fetch_graph.depths()
    deepest = max(depths.values(), default=0)
    by_place: dict[tuple[str, int], list[FetchGroup]] = {}
    for group in fetch_graph.groups:
        if group.is_entity:
            by_place.setdefault((group.graph, id(group.position)), []).append(group)
    merged = False
    for groups in by_place.values():
        # Earliest first, so that what could go with several waits for the first of them only.
        groups.sort(key=lambda group: (depths[group], group.number))
        while (pair := _mergeable_pair(fetch_graph, groups, deepest, deadline)) is not None:
            first, second = pair
            first.targets = merged_targets([*first.targets, *second.targets])
            replace_group(fetch_graph, second, first)
            groups.remove(second)
            merged = True
    return merged


def _mergeable_pair(
    fetch_graph: FetchGraph, groups: list[FetchGroup], deepest: int, deadline: Deadline
) -> tuple[FetchGroup, FetchGroup] | None:
    for number, first in enumerate(groups):
        deadline.check()
        for second in groups[number + 1 :]:
            if _can_merge(fetch_graph, first, second, deepest):
                return first, second
    return None


def _can_merge(fetch_graph: FetchGraph, first: FetchGroup, second: FetchGroup, depth: int) -> bool:
    if first.defers != second.defers:
        return False
    # One representation would be waiting for fields that are fetched under the other's condition only.
    if first.guard != second.guard and first.targets != second.targets:
        return False
    # The value of a context belongs to the field that asked for it, not to all that are fetched beside it.
    if first.contexts or second.contexts:
        return False
    if not all(_fit(one, other) for one in first.targets for other in second.targets):
        return False
    # What one gives the other needs, directly or not.
    if first in fetch_graph.ancestors(second) or second in fetch_graph.ancestors(first):
        return False
    if first.depends_on == second.depends_on:
        return True
    # `first` is the earlier one: nobody is held up by merging it into the later one if nobody waits for it.
    if not any(first in group.depends_on for group in fetch_graph.groups):
        return True
    return _depth_when_merged(fetch_graph, first, second) <= depth


def _fit(first: FetchTarget, second: FetchTarget) -> bool:
    """Whether every object still gets one right representation, and only selections that are meant for it."""
    for one in first.representations:
        for other in second.representations:
            if one.typename == other.typename:
                # One fragment will hold the selections of both.
                if first.path != second.path or one.type_names != other.type_names:
                    return False
                if _contradict(one.required, other.required):
                    return False
            elif one.type_names is None or other.type_names is None or one.type_names & other.type_names:
                return False
    return True


def _contradict(first: tuple[RequiredField, ...], second: tuple[RequiredField, ...]) -> bool:
    """Whether one field would have to hold two values: required twice, with different arguments."""
    return any(
        one.field_name == other.field_name
        and (one.tree_key != other.tree_key or _contradict(one.selections, other.selections))
        and (one.type_names is None or other.type_names is None or bool(one.type_names & other.type_names))
        for one in first
        for other in second
    )


def _depth_when_merged(fetch_graph: FetchGraph, first: FetchGroup, second: FetchGroup) -> int:
    """How many fetches would follow one another: merging must not hold up what waits for the faster of both."""
    depths: dict[FetchGroup, int] = {}

    def depth(group: FetchGroup) -> int:
        group = first if group is second else group
        if group not in depths:
            needed = group.depends_on | second.depends_on if group is first else group.depends_on
            depths[group] = 1 + max((depth(one) for one in needed), default=0)
        return depths[group]

    return max(depth(group) for group in fetch_graph.groups)


def merged_targets(targets: list[FetchTarget]) -> list[FetchTarget]:
    """Targets at the same path become one; representations of the same types become one with all required fields."""
    by_path: dict[object, FetchTarget] = {}
    for target in targets:
        known = by_path.get(target.path)
        if known is None:
            by_path[target.path] = target
        else:
            by_path[target.path] = FetchTarget(target.path, _merged([*known.representations, *target.representations]))
    return list(by_path.values())


def _merged(representations: list[Representation]) -> tuple[Representation, ...]:
    merged: dict[tuple[frozenset[str] | None, str | None], Representation] = {}
    for one in representations:
        key = (one.type_names, one.typename)
        known = merged.get(key)
        if known is not None:
            one = Representation(one.type_names, one.typename, merged_fields([*known.required, *one.required]))
        merged[key] = one
    return tuple(merged.values())
