"""One directed graph of what can be reached from where: used by planning, and by satisfiability in composition.

Reading order: model (nodes and edges), graph (QueryGraph: edges out of a node, entries into a subgraph), provided (the extra fields of
@provides), reachability (can this field set be resolved from these nodes?), reachable_nodes (all there are to show), print_dot, draw_svg.
"""

from .draw_svg import draw_svg
from .graph import QueryGraph
from .model import EdgeKind, EntityEdge, FieldEdge, Node, NodeKind, RootEdge, TypeConditionEdge
from .print_dot import print_dot
from .reachability import Reachability

__all__ = [
    "EdgeKind",
    "EntityEdge",
    "FieldEdge",
    "Node",
    "NodeKind",
    "QueryGraph",
    "Reachability",
    "RootEdge",
    "TypeConditionEdge",
    "draw_svg",
    "print_dot",
]
