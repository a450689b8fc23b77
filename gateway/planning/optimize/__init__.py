"""Make the fetch graph leaner, pass by pass; every pass keeps the answer the same.

Reading order: merge_mutations, merge_same_objects (until nothing changes any more), drop_known_fields, drop_indirect_dependencies.
"""

from __future__ import annotations

from ..deadline import Deadline
from ..fetch_graph import FetchGraph
from .drop_indirect_dependencies import drop_indirect_dependencies
from .drop_known_fields import drop_known_fields
from .merge_mutations import merge_mutations
from .merge_same_objects import merge_same_objects

__all__ = ["optimize_fetch_graph"]


def optimize_fetch_graph(fetch_graph: FetchGraph, deadline: Deadline) -> FetchGraph:
    """Run all passes. Works on the graph in place and returns it."""
    merge_mutations(fetch_graph)
    while merge_same_objects(fetch_graph, deadline):
        deadline.check()
    # After merging: what one document brings is known only when it is complete.
    drop_known_fields(fetch_graph, deadline)
    drop_indirect_dependencies(fetch_graph)
    return fetch_graph
