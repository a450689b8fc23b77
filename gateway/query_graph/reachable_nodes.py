"""All nodes there are to show: every type in every subgraph, and the copies that @provides makes of them."""

from __future__ import annotations

from .graph import QueryGraph
from .model import Node


def reachable_nodes(graph: QueryGraph) -> list[Node]:
    """The plain nodes in the order of the supergraph's types, then the @provides copies that fields lead to."""
    todo = [node for name in graph.supergraph.types for node in graph.nodes_of(name)]
    seen = {node.id: node for node in todo}
    while todo:
        node = todo.pop()
        heads = [edge.head for edge in graph.field_edges(node)] + [e.head for e in graph.type_condition_edges(node)]
        for head in heads:
            if head is not None and head.id not in seen:
                seen[head.id] = head
                todo.append(head)
    return list(seen.values())
