"""Keep only the dependencies that do not follow from others: A -> B -> C, A -> C  becomes  A -> B -> C."""

from __future__ import annotations

from ..fetch_graph import FetchGraph


def drop_indirect_dependencies(fetch_graph: FetchGraph) -> None:
    """Reduce the dependencies of every group."""
    ancestors = {group: fetch_graph.ancestors(group) for group in fetch_graph.groups}
    for group in fetch_graph.groups:
        indirect = {far for near in group.depends_on for far in ancestors[near]}
        group.depends_on -= indirect
