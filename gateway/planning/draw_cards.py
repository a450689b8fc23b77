"""Cards with arrows between them, laid out from left to right: as SVG, with no other program needed, and as DOT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

LINE_HEIGHT = 15
CHARACTER_WIDTH = 6.7
PADDING = 10
MAX_LABEL = 46
_COLUMN_GAP = 60
_ROW_GAP = 24
_INK = "#0f172a"
_COLORS = ("#2563eb", "#059669", "#d97706", "#7c3aed", "#dc2626", "#0891b2", "#be185d", "#4d7c0f")


@dataclass(frozen=True, slots=True)
class Card:
    """Something that is fetched. `labels` are its lines, the first of them its title; `depends_on` are ids of other cards."""

    id: int
    subgraph_name: str
    labels: tuple[str, ...]
    depends_on: tuple[int, ...]
    tooltip: str
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A part of a picture: its elements, and how far they reach, in pixels."""

    parts: tuple[str, ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Box:
    card: Card
    x: float
    y: float
    width: float
    height: float


def colors_of(subgraph_names: Sequence[str]) -> dict[str, str]:
    """A colour for each subgraph, in the order of their names' first appearance."""
    return {name: _COLORS[number % len(_COLORS)] for number, name in enumerate(dict.fromkeys(subgraph_names))}


def cards_to_svg(cards: Sequence[Card], colors: Mapping[str, str], top: float = 0) -> Drawing:
    """One column for all cards that have to wait for equally many others, one after the other."""
    boxes = _layout(cards, top + PADDING)
    parts = [_arrow(boxes[needed], box) for box in boxes.values() for needed in box.card.depends_on]
    parts += [_box(box, colors[box.card.subgraph_name]) for box in boxes.values()]
    width = max((box.x + box.width for box in boxes.values()), default=0) + PADDING
    bottom = max((box.y + box.height for box in boxes.values()), default=top) + PADDING
    return Drawing(tuple(parts), width, bottom - top)


def lines_to_svg(lines: Sequence[tuple[str, str | None]], top: float = 0) -> Drawing:
    """Lines of text, each in the colour that stands beside it."""
    parts = []
    for number, (line, color) in enumerate(lines):
        y = top + PADDING + (number + 0.75) * LINE_HEIGHT
        # Spaces at the beginning would be folded.
        text = escape(line).replace("  ", "\u00a0\u00a0")
        parts.append(f'<text x="{PADDING}" y="{y:.1f}" fill="{color or _INK}">{text}</text>')
    width = max((len(line) for line, _ in lines), default=0) * CHARACTER_WIDTH + 2 * PADDING
    return Drawing(tuple(parts), width, len(lines) * LINE_HEIGHT + 2 * PADDING)


def svg_of(drawings: Sequence[Drawing]) -> str:
    """The whole picture, of parts that were drawn below one another."""
    width = max((drawing.width for drawing in drawings), default=0)
    height = sum(drawing.height for drawing in drawings)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="monospace" font-size="11">'
    )
    marker = (
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z" fill="#64748b"/></marker></defs>'
    )
    return "\n".join([head, marker, *(part for drawing in drawings for part in drawing.parts), "</svg>"]) + "\n"


def cards_to_dot(cards: Sequence[Card], prefix: str = "f") -> list[str]:
    """Nodes and edges in the DOT language; the ids of the nodes begin with `prefix`."""
    lines = []
    for card in cards:
        lines.append(f"  {prefix}{card.id} [label={dot_label(card.labels)}];")
        lines += [f"  {prefix}{needed} -> {prefix}{card.id};" for needed in card.depends_on]
    return lines


def dot_label(lines: Sequence[str]) -> str:
    """Lines of text, flush left."""
    return '"' + "".join(line.replace("\\", "\\\\").replace('"', '\\"') + "\\l" for line in lines) + '"'


def shortened(line: str) -> str:
    """The line, cut off where it is too long for a card."""
    return line if len(line) <= MAX_LABEL else line[: MAX_LABEL - 1] + "…"


def _layout(cards: Sequence[Card], top: float) -> dict[int, _Box]:
    boxes: dict[int, _Box] = {}
    x = float(PADDING)
    for column in _columns(cards):
        width = max(len(line) for card in column for line in card.labels) * CHARACTER_WIDTH + 2 * PADDING
        # A card stands beside the middle of what it waits for, so that arrows cross less.
        column.sort(key=lambda card: sum(boxes[n].y for n in card.depends_on) / max(1, len(card.depends_on)))
        y = top
        for card in column:
            height = float(len(card.labels) * LINE_HEIGHT + 2 * PADDING)
            boxes[card.id] = _Box(card, x, y, width, height)
            y += height + _ROW_GAP
        x += width + _COLUMN_GAP
    return boxes


def _columns(cards: Sequence[Card]) -> list[list[Card]]:
    columns: list[list[Card]] = []
    waiting = list(cards)
    placed: set[int] = set()
    while waiting:
        column = [card for card in waiting if placed.issuperset(card.depends_on)]
        columns.append(column)
        placed.update(card.id for card in column)
        waiting = [card for card in waiting if card.id not in placed]
    return columns


def _arrow(start: _Box, end: _Box) -> str:
    x1, y1 = start.x + start.width, start.y + start.height / 2
    x2, y2 = end.x, end.y + end.height / 2
    bend = (x2 - x1) / 2
    return (
        f'<path d="M{x1:.1f} {y1:.1f} C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}" '
        'fill="none" stroke="#64748b" marker-end="url(#arrow)"/>'
    )


def _box(box: _Box, color: str) -> str:
    dash = ' stroke-dasharray="5 3"' if box.card.is_dashed else ""
    parts = [
        f'<g><title>{escape(box.card.tooltip)}</title><rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="6" fill="#ffffff" stroke="{color}" stroke-width="1.5"{dash}/>'
    ]
    for number, line in enumerate(box.card.labels):
        style = f' font-weight="bold" fill="{color}"' if number == 0 else f' fill="{_INK}"'
        y = box.y + PADDING + (number + 0.75) * LINE_HEIGHT
        parts.append(f'<text x="{box.x + PADDING:.1f}" y="{y:.1f}"{style}>{escape(line)}</text>')
    return "".join([*parts, "</g>"])
