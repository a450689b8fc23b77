"""Send mutation fields that follow one another and belong to one subgraph in one request: a(X) b(X) c(Y)  becomes  ab(X) c(Y)."""

from __future__ import annotations

import itertools

from ..fetch_graph import FetchGraph, FetchGroup
from .replace_group import merge_group


def merge_mutations(fetch_graph: FetchGraph) -> None:
    """Merge all runs of such fields at once."""
    if not any(group.operation_kind == "mutation" for group in fetch_graph.groups):
        return
    runs = [
        list(run)
        # The subgraph itself runs the fields of one mutation in series.
        for _, run in itertools.groupby(fetch_graph.series(), key=lambda members: members[0].graph)
    ]
    before: set[FetchGroup] = set()
    gone: dict[FetchGroup, FetchGroup] = {}
    for run in runs:
        first = run[0][0]
        for members in run[1:]:
            merge_group(first, members[0])
            gone[members[0]] = first
        # Entities fetched for an earlier field are fetched after the whole run, which must not wait for them any more.
        first.depends_on = before
        before = {first}.union(*(members[1:] for members in run))
    if not gone:
        return
    fetch_graph.groups = [group for group in fetch_graph.groups if group not in gone]
    for group in fetch_graph.groups:
        group.depends_on = {gone.get(needed, needed) for needed in group.depends_on}
