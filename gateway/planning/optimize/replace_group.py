"""Put one group in the place of another that has been merged into it."""

from __future__ import annotations

from ..fetch_graph import FetchGraph, FetchGroup
from ..guards import either


def replace_group(fetch_graph: FetchGraph, old: FetchGroup, new: FetchGroup) -> None:
    """Merge everything `old` selects into `new` and let all that waited for `old` wait for `new`."""
    new.tree.merge(old.tree)
    new.guard = either(new.guard, old.guard)
    new.defers |= old.defers
    new.contexts += old.contexts
    new.depends_on |= old.depends_on
    new.depends_on -= {old, new}
    fetch_graph.groups.remove(old)
    for group in fetch_graph.groups:
        if old in group.depends_on:
            group.depends_on.discard(old)
            if group is not new:
                group.depends_on.add(new)
