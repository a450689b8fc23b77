"""Put one group in the place of another that has been merged into it."""

from __future__ import annotations

from ..fetch_graph import FetchGraph, FetchGroup
from ..guards import either


def replace_group(fetch_graph: FetchGraph, old: FetchGroup, new: FetchGroup) -> None:
    """Merge everything `old` selects into `new` and let all that waited for `old` wait for `new`."""
    merge_group(new, old)
    new.depends_on |= old.depends_on
    new.depends_on -= {old, new}
    fetch_graph.groups.remove(old)
    for group in fetch_graph.groups:
        if old in group.depends_on:
            group.depends_on.discard(old)
            if group is not new:
                group.depends_on.add(new)


def merge_group(group: FetchGroup, other: FetchGroup) -> None:
    """Let a group ask for all that another asks for; what they depend on is left to the caller."""
    group.tree.merge(other.tree)
    group.guard = either(group.guard, other.guard)
    group.defers |= other.defers
    group.contexts += other.contexts
