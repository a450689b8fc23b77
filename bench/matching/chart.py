"""Draw the benchmark as an SVG: time to match over the number of people waiting, ours and the interval matcher's, on logarithmic axes."""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10
from typing import Any

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 420, 90, 190, 50, 60
LINES = (
    ("ours_p50", "ours, p50", "#2f7d6b", ""),
    ("ours_p99", "ours, p99", "#2f7d6b", "6 4"),
    ("interval_p50", "15 s interval, p50", "#b0763b", ""),
    ("interval_p99", "15 s interval, p99", "#b0763b", "6 4"),
)
TEXT, GRID = "#1f2430", "#e3e6eb"


def draw_chart(rows: list[dict[str, Any]]) -> str:
    """The chart as SVG text; `rows` are in the order of `waiting`."""
    values = [row[key] for row in rows for key, *_ in LINES if row[key]]
    low, high = floor(log10(min(values))), ceil(log10(max(values)))

    def x_of(position: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * position / max(1, len(rows) - 1)

    def y_of(milliseconds: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (log10(milliseconds) - low) / (high - low)

    parts = [f'<text x="{LEFT}" y="26" font-weight="600">Time to match in milliseconds, by people waiting</text>']
    for power in range(low, high + 1):
        y = y_of(10.0**power)
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="{GRID}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    for position, row in enumerate(rows):
        parts.append(
            f'<text x="{x_of(position):.1f}" y="{HEIGHT - BOTTOM + 22}" text-anchor="middle">{row["waiting"]:,}</text>'
        )
    for key, label, colour, dashes in LINES:
        points = [(x_of(position), y_of(row[key])) for position, row in enumerate(rows) if row[key]]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'
        )
        x, y = points[-1]
        parts.append(f'<text x="{x + 10:.1f}" y="{y + 4:.1f}" fill="{colour}">{escape(label)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{TEXT}">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )
