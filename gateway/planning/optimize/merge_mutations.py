"""Send mutation fields that follow one another and belong to one subgraph in one request: a(X) b(X) c(Y)  becomes  ab(X) c(Y)."""

from __future__ import annotations

import itertools

from ..fetch_graph import FetchGraph
from .replace_group import replace_group


def merge_mutations(fetch_graph: FetchGraph) -> bool:
    """Merge the first such pair; tells whether there was one."""
    roots = sorted(
        (group for group in fetch_graph.groups if not group.is_entity and group.series >= 0),
        key=lambda group: group.series,
    )
    for earlier, later in itertools.pairwise(roots):
        # The subgraph itself runs the fields of one mutation in series.
        if earlier.operation_kind != "mutation" or earlier.graph != later.graph:
            continue
        # Entities fetched for the earlier field are fetched after both: the later field must not wait for them any more.
        between = {group for group in fetch_graph.groups if earlier in fetch_graph.ancestors(group)}
        later.depends_on = {group for group in later.depends_on if group not in between and group is not earlier}
        earlier.depends_on |= later.depends_on
        replace_group(fetch_graph, later, earlier)
        return True
    return False
