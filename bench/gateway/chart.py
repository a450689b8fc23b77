"""Draw the benchmark as an SVG: one bar for each gateway, CPU-ms per request on a logarithmic scale, a panel for each operation."""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10
from typing import Any

WIDTH, LABELS, ROW_HEIGHT, GAP = 960, 330, 24, 46
OURS, PEER, TEXT, GRID = "#2f7d6b", "#b0b7c3", "#1f2430", "#e3e6eb"
CONNECTIONS_SHOWN = 16


def draw_chart(rows: list[dict[str, Any]]) -> str:
    """The chart as SVG text; shows the rows measured at one number of connections."""
    panels = [
        (operation, sorted(_rows_of(rows, operation), key=lambda row: row["cpu_ms"]))
        for operation in ("heavy", "simple")
    ]
    parts: list[str] = []
    top = 30
    for operation, shown in panels:
        if shown:
            parts += _panel(operation, shown, top)
            top += GAP + 30 + ROW_HEIGHT * len(shown)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" viewBox="0 0 {WIDTH} {top}" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{TEXT}">\n'
        f'<rect width="{WIDTH}" height="{top}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _rows_of(rows: list[dict[str, Any]], operation: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["operation"] == operation and row["connections"] == CONNECTIONS_SHOWN]


def _panel(operation: str, rows: list[dict[str, Any]], top: int) -> list[str]:
    low = floor(log10(min(row["cpu_ms"] for row in rows)))
    high = ceil(log10(max(row["cpu_ms"] for row in rows)))
    high = max(high, low + 1)
    room = WIDTH - LABELS - 90

    def x_of(value: float) -> float:
        return LABELS + room * (log10(value) - low) / (high - low)

    title = (
        f"{operation} operation: CPU-ms per request, {CONNECTIONS_SHOWN} connections (logarithmic, shorter is better)"
    )
    parts = [f'<text x="20" y="{top}" font-weight="600">{escape(title)}</text>']
    bottom = top + 12 + ROW_HEIGHT * len(rows)
    for power in range(low, high + 1):
        x = x_of(10.0**power)
        parts.append(f'<line x1="{x:.1f}" y1="{top + 10}" x2="{x:.1f}" y2="{bottom}" stroke="{GRID}"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle" font-size="11">{10.0**power:g}</text>')
    for number, row in enumerate(rows):
        y = top + 14 + ROW_HEIGHT * number
        label = f"{row['gateway']} · {row['collapses']}" if row["is_peer"] else row["gateway"]
        width = max(1.0, x_of(row["cpu_ms"]) - LABELS)
        colour = PEER if row["is_peer"] else OURS
        parts.append(f'<text x="{LABELS - 8}" y="{y + 14}" text-anchor="end" font-size="12">{escape(label)}</text>')
        parts.append(
            f'<rect x="{LABELS}" y="{y + 2}" width="{width:.1f}" height="{ROW_HEIGHT - 7}" rx="2" fill="{colour}"/>'
        )
        parts.append(f'<text x="{LABELS + width + 6:.1f}" y="{y + 14}" font-size="12">{row["cpu_ms"]:.3f}</text>')
    return parts
