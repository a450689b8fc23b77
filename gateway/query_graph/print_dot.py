"""Print the query graph as DOT, one cluster a subgraph, to look at it."""

from __future__ import annotations

from ..language import print_field_set
from .graph import QueryGraph
from .model import Node, NodeKind
from .reachable_nodes import reachable_nodes

_SHAPES = {NodeKind.OBJECT: "box", NodeKind.ABSTRACT: "ellipse", NodeKind.INTERFACE_OBJECT: "hexagon"}


def print_dot(graph: QueryGraph) -> str:
    """All nodes and edges as text in the DOT language; @provides copies are those that the fields of the supergraph lead to."""
    nodes = reachable_nodes(graph)
    lines = ["digraph query_graph {", "  rankdir=LR;", "  node [fontsize=10]; edge [fontsize=8];"]
    for name, subgraph in graph.supergraph.subgraphs.items():
        lines.append(f'  subgraph "cluster_{name}" {{ label="{subgraph.name}";')
        lines += [f'    n{n.id} [label="{_label(n)}" shape={_SHAPES[n.kind]}];' for n in nodes if n.graph == name]
        lines.append("  }")
    for node in nodes:
        lines += _edge_lines(graph, node, {other.id for other in nodes})
    return "\n".join([*lines, "}"]) + "\n"


def _label(node: Node) -> str:
    return (
        f"{node.type_name}\\nprovides {_escaped(print_field_set(node.provided))}" if node.provided else node.type_name
    )


def _edge_lines(graph: QueryGraph, node: Node, known: set[int]) -> list[str]:
    lines = []
    for edge in graph.field_edges(node):
        if edge.head is not None:
            requires = f"\\nrequires {_escaped(print_field_set(edge.field.requires))}" if edge.field.requires else ""
            lines.append(f'  n{node.id} -> n{edge.head.id} [label="{edge.field_name}{requires}"];')
    lines += [
        f'  n{node.id} -> n{edge.head.id} [label="... on {edge.head.type_name}" style=dotted];'
        for edge in graph.type_condition_edges(node)
    ]
    lines += [
        f'  n{node.id} -> n{edge.head.id} [label="key {_escaped(edge.key.text)}" style=dashed];'
        for edge in graph.entity_edges(node.type_name)
        if edge.head.graph != node.graph and edge.head.id in known
    ]
    return lines


def _escaped(text: str) -> str:
    return text.replace('"', '\\"')
