"""Draw a plan: as DOT, and as an SVG with a layout of its own (stages from left to right), so that no other program is needed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from .print_plan import fetch_stages, print_conditions, print_path
from .query_plan import FetchNode, QueryPlan

_LINE_HEIGHT = 15
_CHARACTER_WIDTH = 6.7
_PADDING = 10
_COLUMN_GAP = 60
_ROW_GAP = 24
_MAX_LABEL = 46
_ENTITIES = re.compile(r"(?:^\{|\s*)(?:\w+:)?_entities\(representations:\$\w+\)")
_COLORS = ("#2563eb", "#059669", "#d97706", "#7c3aed", "#dc2626", "#0891b2", "#be185d", "#4d7c0f")


def plan_to_dot(plan: QueryPlan) -> str:
    """The fetches and what waits for what, in the DOT language."""
    lines = ["digraph plan {", "  rankdir=LR;", '  node [shape=box fontname="monospace" fontsize=10];']
    for fetch in plan.fetches:
        label = "\\l".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in _labels(fetch)) + "\\l"
        lines.append(f'  f{fetch.id} [label="{label}"];')
        lines += [f"  f{needed} -> f{fetch.id};" for needed in fetch.depends_on]
    return "\n".join([*lines, "}"]) + "\n"


@dataclass(frozen=True, slots=True)
class _Box:
    fetch: FetchNode
    labels: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float


def plan_to_svg(plan: QueryPlan) -> str:
    """The same as a picture: one box a fetch, one column a stage, one colour a subgraph."""
    boxes = _layout(plan)
    width = max((box.x + box.width for box in boxes.values()), default=0) + _PADDING
    height = max((box.y + box.height for box in boxes.values()), default=0) + _PADDING
    colors = {name: _COLORS[number % len(_COLORS)] for number, name in enumerate(_subgraph_names(plan))}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="monospace" font-size="11">',
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z" fill="#64748b"/></marker></defs>',
    ]
    for box in boxes.values():
        parts += [_arrow(boxes[needed], box) for needed in box.fetch.depends_on]
    parts += [_box(box, colors[box.fetch.subgraph_name]) for box in boxes.values()]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _subgraph_names(plan: QueryPlan) -> list[str]:
    return list(dict.fromkeys(fetch.subgraph_name for fetch in plan.fetches))


def _layout(plan: QueryPlan) -> dict[int, _Box]:
    boxes: dict[int, _Box] = {}
    x = float(_PADDING)
    for stage in fetch_stages(plan):
        labels = {fetch.id: _labels(fetch) for fetch in stage}
        width = max(len(line) for lines in labels.values() for line in lines) * _CHARACTER_WIDTH + 2 * _PADDING
        # A fetch stands beside the middle of what it waits for, so that arrows cross less.
        stage = sorted(
            stage, key=lambda fetch: sum(boxes[n].y for n in fetch.depends_on) / max(1, len(fetch.depends_on))
        )
        y = float(_PADDING)
        for fetch in stage:
            height = len(labels[fetch.id]) * _LINE_HEIGHT + 2 * _PADDING
            boxes[fetch.id] = _Box(fetch, labels[fetch.id], x, y, width, height)
            y += height + _ROW_GAP
        x += width + _COLUMN_GAP
    return boxes


def _labels(fetch: FetchNode) -> tuple[str, ...]:
    lines = [f"{fetch.id}  {fetch.subgraph_name}"]
    for entity in fetch.entities:
        for target in entity.targets:
            names = sorted(name for one in target.representations for name in one.type_names or (one.typename or "",))
            lines.append(f"{print_path(target.path)} ({' '.join(names)})")
    if fetch.root_path:
        lines.append(print_path(fetch.root_path))
    if fetch.conditions:
        lines.append(f"if {print_conditions(fetch.conditions)}")
    if fetch.defer_ids:
        lines.append(f"deferred: {' '.join(fetch.defer_ids)}")
    body = fetch.document[fetch.document.index("{") :]
    # What the entities are asked for says more than that they are asked for.
    lines += [*_ENTITIES.split(body[:-1])[1:]] if fetch.entities else [body]
    return tuple(line if len(line) <= _MAX_LABEL else line[: _MAX_LABEL - 1] + "…" for line in lines)


def _arrow(start: _Box, end: _Box) -> str:
    x1, y1 = start.x + start.width, start.y + start.height / 2
    x2, y2 = end.x, end.y + end.height / 2
    bend = (x2 - x1) / 2
    return (
        f'<path d="M{x1:.1f} {y1:.1f} C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}" '
        'fill="none" stroke="#64748b" marker-end="url(#arrow)"/>'
    )


def _box(box: _Box, color: str) -> str:
    dash = ' stroke-dasharray="5 3"' if box.fetch.defer_ids else ""
    parts = [
        f'<g><title>{escape(box.fetch.document)}</title><rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="6" fill="#ffffff" stroke="{color}" stroke-width="1.5"{dash}/>'
    ]
    for number, line in enumerate(box.labels):
        weight = f' font-weight="bold" fill="{color}"' if number == 0 else ' fill="#0f172a"'
        y = box.y + _PADDING + (number + 0.75) * _LINE_HEIGHT
        parts.append(f'<text x="{box.x + _PADDING:.1f}" y="{y:.1f}"{weight}>{escape(line)}</text>')
    return "".join([*parts, "</g>"])
