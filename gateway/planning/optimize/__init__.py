"""Make the fetch graph leaner, pass by pass, until nothing changes any more; every pass keeps the answer the same.

Reading order: merge_mutations, merge_same_objects, then once: drop_known_fields, drop_indirect_dependencies.
"""

from __future__ import annotations

from ..fetch_graph import FetchGraph
from .drop_indirect_dependencies import drop_indirect_dependencies
from .drop_known_fields import drop_known_fields
from .merge_mutations import merge_mutations
from .merge_same_objects import merge_same_objects

__all__ = ["optimize_fetch_graph"]

_PASSES = (merge_mutations, merge_same_objects)


def optimize_fetch_graph(fetch_graph: FetchGraph) -> FetchGraph:
    """Run all passes to their fixpoint. Works on the graph in place and returns it."""
    while any(optimize(fetch_graph) for optimize in _PASSES):
        pass
    # After merging: what one document brings is known only when it is complete.
    drop_known_fields(fetch_graph)
    drop_indirect_dependencies(fetch_graph)
    return fetch_graph
