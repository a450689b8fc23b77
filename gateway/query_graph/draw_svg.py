"""Draw the query graph as an SVG with a layout of its own: a band per subgraph, a box per type, a line per way to go on.

Within a band, types stand in columns by how many fields lead there from the root types. A field is a line of its type's box and an
arrow to what it returns; a key is a dashed arrow into the other subgraph, in that subgraph's colour.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from html import escape

from ..language import print_field_set
from .graph import QueryGraph
from .model import EntityEdge, FieldEdge, Node, NodeKind
from .reachable_nodes import reachable_nodes

_LINE_HEIGHT = 14
_CHARACTER_WIDTH = 6.3
_PADDING = 8
_COLUMN_GAP = 90
_ROW_GAP = 16
_BAND_GAP = 48
_BAND_TITLE = 34
_MAX_COLUMN_HEIGHT = 1400  # a column that gets longer is continued in another beside it
_MAX_LABEL = 44
_COLORS = ("#2563eb", "#059669", "#d97706", "#7c3aed", "#dc2626", "#0891b2", "#be185d", "#4d7c0f")
_STYLE = (
    "path{fill:none;stroke:#94a3b8;stroke-width:1;opacity:.55}"
    "path.condition{stroke-dasharray:2 3}path.key{stroke-dasharray:7 4;stroke-width:1.3;opacity:.8}"
    "path:hover{stroke-width:3;opacity:1}.leaves{fill:#64748b}.mark{fill:#b45309}"
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text in a box, and the edge that starts at it."""

    text: str
    style: str = ""
    edge: FieldEdge | None = None


@dataclass(frozen=True, slots=True)
class _Box:
    node: Node
    lines: tuple[_Line, ...]
    x: float
    y: float
    width: float

    @property
    def height(self) -> float:
        return len(self.lines) * _LINE_HEIGHT + 2 * _PADDING

    def line_y(self, number: int) -> float:
        return self.y + _PADDING + (number + 0.7) * _LINE_HEIGHT


@dataclass(frozen=True, slots=True)
class _Band:
    title: str
    color: str
    y: float
    height: float
    boxes: tuple[_Box, ...]


def draw_svg(graph: QueryGraph) -> str:
    """The whole graph. Lines tell what they are when the pointer rests on them."""
    bands = _bands(graph)
    boxes = {box.node.id: box for band in bands for box in band.boxes}
    colors = {box.node.id: band.color for band in bands for box in band.boxes}
    width = max((box.x + box.width for box in boxes.values()), default=0) + _BAND_GAP
    height = max((band.y + band.height for band in bands), default=0) + _PADDING
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="monospace" font-size="10.5">',
        f"<style>{_STYLE}</style>",
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="6" markerHeight="6" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z" style="fill:#64748b;stroke:none;opacity:1"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
    ]
    parts += [_draw_band(band, width) for band in bands]
    for box in boxes.values():
        parts += _draw_field_edges(box, boxes)
        parts += _draw_other_edges(graph, box, boxes, colors)
    parts += [_draw_box(box, colors[box.node.id]) for box in boxes.values()]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _bands(graph: QueryGraph) -> list[_Band]:
    nodes = reachable_nodes(graph)
    bands: list[_Band] = []
    y = float(_PADDING)
    for number, (name, subgraph) in enumerate(graph.supergraph.subgraphs.items()):
        boxes = _layout(graph, [node for node in nodes if node.graph == name], y + _BAND_TITLE)
        height = max((box.y + box.height for box in boxes), default=y + _BAND_TITLE) - y + _PADDING
        bands.append(_Band(subgraph.name, _COLORS[number % len(_COLORS)], y, height, tuple(boxes)))
        y += height + _BAND_GAP
    return bands


def _layout(graph: QueryGraph, nodes: list[Node], top: float) -> list[_Box]:
    boxes: list[_Box] = []
    x = float(_BAND_GAP)
    for column in _columns(graph, nodes):
        lines = {node.id: _lines(graph, node) for node in column}
        width = max(len(line.text) for found in lines.values() for line in found) * _CHARACTER_WIDTH + 2 * _PADDING
        y = top
        for node in column:
            box = _Box(node, lines[node.id], x, y, width)
            if y > top and box.y + box.height > top + _MAX_COLUMN_HEIGHT:
                x += width + _COLUMN_GAP / 3
                box = _Box(node, lines[node.id], x, top, width)
            boxes.append(box)
            y = box.y + box.height + _ROW_GAP
        x += width + _COLUMN_GAP
    return boxes


def _columns(graph: QueryGraph, nodes: list[Node]) -> list[list[Node]]:
    """By the least number of fields and type conditions from a root type; what only keys lead to stands with the first."""
    roots = set(graph.supergraph.root_types.values())
    here = {node.id for node in nodes}
    depths: dict[int, int] = {}
    starts = (
        [node for node in nodes if node.type_name in roots],
        [node for node in nodes if _is_entered(graph, node)],
        nodes,
    )
    for depth, found in enumerate(starts):
        todo = deque(node for node in found if node.id not in depths)
        depths.update((node.id, min(depth, 1)) for node in todo)
        while todo:
            node = todo.popleft()
            for head in _heads(graph, node):
                if head.id in here and head.id not in depths:
                    depths[head.id] = depths[node.id] + 1
                    todo.append(head)
    columns: dict[int, list[Node]] = {}
    for node in nodes:
        columns.setdefault(depths[node.id], []).append(node)
    return [columns[depth] for depth in sorted(columns)]


def _is_entered(graph: QueryGraph, node: Node) -> bool:
    return any(edge.head is node for edge in graph.entity_edges(node.type_name))


def _heads(graph: QueryGraph, node: Node) -> list[Node]:
    fields = [edge.head for edge in graph.field_edges(node) if edge.head is not None]
    return fields + [edge.head for edge in graph.type_condition_edges(node)]


def _lines(graph: QueryGraph, node: Node) -> tuple[_Line, ...]:
    kinds = {NodeKind.OBJECT: "", NodeKind.ABSTRACT: " (abstract)", NodeKind.INTERFACE_OBJECT: " (@interfaceObject)"}
    lines = [_Line(node.type_name + kinds[node.kind], "title")]
    keys = {edge.key.text for edge in graph.entity_edges(node.type_name) if edge.head is node}
    lines += [_Line(_cut(f"key {text}"), "mark") for text in sorted(keys)]
    if node.provided:
        lines.append(_Line(_cut(f"provides {print_field_set(node.provided)}"), "mark"))
    leaves = []
    for edge in graph.field_edges(node):
        requires = f" requires {print_field_set(edge.field.requires)}" if edge.field.requires else ""
        if edge.head is None and not requires:
            leaves.append(edge.field_name)
            continue
        to = f" → {edge.head.type_name}" if edge.head is not None else ""
        lines.append(_Line(_cut(f"{edge.field_name}{to}{requires}"), edge=edge))
    return (*lines, *(_Line(text, "leaves") for text in _wrapped(leaves)))


def _wrapped(names: list[str]) -> list[str]:
    rows: list[str] = []
    for name in names:
        if rows and len(rows[-1]) + len(name) < _MAX_LABEL:
            rows[-1] += f" {name}"
        else:
            rows.append(name)
    return rows


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_LABEL else text[: _MAX_LABEL - 1] + "…"


def _draw_band(band: _Band, width: float) -> str:
    x, inner = _BAND_GAP / 3, width - 2 * _BAND_GAP / 3
    return (
        f'<rect x="{x:.0f}" y="{band.y:.0f}" width="{inner:.0f}" height="{band.height:.0f}" rx="10" fill="{band.color}" '
        f'fill-opacity="0.05" stroke="{band.color}" stroke-opacity="0.5"/><text x="{x + 12:.0f}" y="{band.y + 22:.0f}" '
        f'font-size="15" font-weight="bold" fill="{band.color}">{escape(band.title)}</text>'
    )


def _draw_field_edges(box: _Box, boxes: dict[int, _Box]) -> list[str]:
    parts = []
    for number, line in enumerate(box.lines):
        if line.edge is not None and line.edge.head is not None:
            label = f"{box.node.type_name}.{line.text}"
            y = box.line_y(number) - _LINE_HEIGHT / 4
            parts.append(_draw_edge(box.x + box.width, y, boxes[line.edge.head.id], label))
    return parts


def _draw_other_edges(graph: QueryGraph, box: _Box, boxes: dict[int, _Box], colors: dict[int, str]) -> list[str]:
    node = box.node
    parts = []
    y = box.line_y(0) - _LINE_HEIGHT / 4
    for condition in graph.type_condition_edges(node):
        label = f"{node.type_name} ... on {condition.head.type_name}"
        parts.append(_draw_edge(box.x + box.width, y, boxes[condition.head.id], label, "condition"))
    for entity in graph.entity_edges(node.type_name):
        if entity.head.graph != node.graph and entity.head.id in boxes:
            parts.append(_draw_key(graph, box, boxes[entity.head.id], entity, colors[entity.head.id]))
    return parts


def _draw_edge(x1: float, y1: float, end: _Box, label: str, style: str = "field") -> str:
    x2, y2 = end.x, end.line_y(0) - _LINE_HEIGHT / 4
    # Backwards, or within a column, an arrow leaves to the right and comes in from the left around the boxes.
    bend = max(_COLUMN_GAP / 2, abs(x2 - x1) / 3)
    curve = f"M{x1:.0f} {y1:.0f} C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    return f'<path class="{style}" d="{curve}" marker-end="url(#arrow)"><title>{escape(label)}</title></path>'


def _draw_key(graph: QueryGraph, start: _Box, end: _Box, edge: EntityEdge, color: str) -> str:
    x1, x2 = start.x + start.width * 0.7, end.x + end.width * 0.3
    is_down = end.y > start.y
    y1 = start.y + start.height if is_down else start.y
    y2 = end.y if is_down else end.y + end.height
    middle = (y1 + y2) / 2
    label = (
        f"{start.node.type_name}: {graph.supergraph.subgraphs[start.node.graph].name} to "
        f"{graph.supergraph.subgraphs[end.node.graph].name} by key {edge.key.text}"
    )
    curve = f"M{x1:.0f} {y1:.0f} C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {y2:.0f}"
    return (
        f'<path class="key" style="stroke:{color}" d="{curve}" marker-end="url(#arrow)">'
        f"<title>{escape(label)}</title></path>"
    )


def _draw_box(box: _Box, color: str) -> str:
    dash = ' stroke-dasharray="5 3"' if box.node.kind is not NodeKind.OBJECT else ""
    parts = [
        f'<g><rect x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{box.height:.0f}" rx="5" '
        f'fill="#ffffff" stroke="{color}"{dash}/>'
    ]
    for number, line in enumerate(box.lines):
        look = f'font-weight="bold" fill="{color}"' if line.style == "title" else f'class="{line.style}"'
        parts.append(f'<text x="{box.x + _PADDING:.0f}" y="{box.line_y(number):.1f}" {look}>{escape(line.text)}</text>')
    return "".join([*parts, "</g>"])
