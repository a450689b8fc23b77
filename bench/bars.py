"""Bars on a logarithmic scale as SVG: panels below each other, a bar for each system, ours in another colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, LABELS, VALUES, ROW_HEIGHT, GAP = 960, 330, 110, 24, 76
OURS, PEER, TEXT, GRID = "#2f7d6b", "#b0b7c3", "#1f2430", "#e3e6eb"


@dataclass(frozen=True, slots=True)
class Bar:
    """One system: `text` stands at the bar's end. Without a `start` the bar begins where the scale does."""

    label: str
    end: float
    text: str
    is_ours: bool
    start: float | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars that are compared with each other."""

    title: str
    bars: Sequence[Bar]


def draw_panels(panels: Sequence[Panel], *, one_scale: bool) -> str:
    """The chart as SVG text. With `one_scale` all panels have the same one, otherwise each has what fits its bars."""
    everything = [bar for panel in panels for bar in panel.bars]
    parts: list[str] = []
    top = 30
    for panel in panels:
        parts += _panel(panel, top, _scale(everything if one_scale else panel.bars))
        top += GAP + ROW_HEIGHT * len(panel.bars)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" viewBox="0 0 {WIDTH} {top}" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{TEXT}">\n'
        f'<rect width="{WIDTH}" height="{top}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _scale(bars: Sequence[Bar]) -> tuple[int, int]:
    """The powers of ten that the scale begins and ends with."""
    low = floor(log10(min(bar.end if bar.start is None else bar.start for bar in bars)))
    return low, max(low + 1, ceil(log10(max(bar.end for bar in bars))))


def _panel(panel: Panel, top: int, scale: tuple[int, int]) -> list[str]:
    low, high = scale

    def x_of(value: float) -> float:
        return LABELS + (WIDTH - LABELS - VALUES) * (log10(value) - low) / (high - low)

    parts = [f'<text x="20" y="{top}" font-weight="600">{escape(panel.title)}</text>']
    bottom = top + 12 + ROW_HEIGHT * len(panel.bars)
    for power in range(low, high + 1):
        x = x_of(10.0**power)
        parts.append(f'<line x1="{x:.1f}" y1="{top + 10}" x2="{x:.1f}" y2="{bottom}" stroke="{GRID}"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle" font-size="11">{10.0**power:g}</text>')
    for number, bar in enumerate(panel.bars):
        y = top + 14 + ROW_HEIGHT * number
        start = LABELS if bar.start is None else x_of(bar.start)
        width = max(2.0, x_of(bar.end) - start)
        parts.append(f'<text x="{LABELS - 8}" y="{y + 14}" text-anchor="end" font-size="12">{escape(bar.label)}</text>')
        parts.append(
            f'<rect x="{start:.1f}" y="{y + 2}" width="{width:.1f}" height="{ROW_HEIGHT - 7}" rx="2" '
            f'fill="{OURS if bar.is_ours else PEER}"/>'
        )
        parts.append(f'<text x="{start + width + 6:.1f}" y="{y + 14}" font-size="12">{escape(bar.text)}</text>')
    return parts
