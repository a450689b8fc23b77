"""Draw the latencies as an SVG: for each number of sessions a bar from p50 to p99 for every system, on a logarithmic scale."""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10
from typing import Any

WIDTH, LABELS, ROW_HEIGHT, GAP = 960, 290, 26, 58
OURS, PEER, TEXT, GRID = "#2f7d6b", "#b0b7c3", "#1f2430", "#e3e6eb"


def draw_chart(rows: list[dict[str, Any]]) -> str:
    """The chart as SVG text."""
    counts = sorted({row["sessions"] for row in rows})
    low = floor(log10(min(row["p50_ms"] for row in rows)))
    high = max(low + 1, ceil(log10(max(row["p99_ms"] for row in rows))))
    parts: list[str] = []
    top = 34
    for count in counts:
        shown = [row for row in rows if row["sessions"] == count]
        parts += _panel(count, shown, top, low, high)
        top += GAP + 14 + ROW_HEIGHT * len(shown)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" viewBox="0 0 {WIDTH} {top}" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{TEXT}">\n'
        f'<rect width="{WIDTH}" height="{top}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _panel(count: int, rows: list[dict[str, Any]], top: int, low: int, high: int) -> list[str]:
    def x_of(value: float) -> float:
        return LABELS + (WIDTH - LABELS - 150) * (log10(max(value, 10**low)) - low) / (high - low)

    rate = max(row["keys_per_second"] for row in rows)
    title = (
        f"{count} live session{'s' if count > 1 else ''}, {rate:.0f} keys a second: key to peer in ms, from p50 to p99"
    )
    parts = [f'<text x="20" y="{top}" font-weight="600">{escape(title)}</text>']
    bottom = top + 12 + ROW_HEIGHT * len(rows)
    for power in range(low, high + 1):
        x = x_of(10.0**power)
        parts.append(f'<line x1="{x:.1f}" y1="{top + 10}" x2="{x:.1f}" y2="{bottom}" stroke="{GRID}"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle" font-size="11">{10.0**power:g}</text>')
    for number, row in enumerate(rows):
        y = top + 14 + ROW_HEIGHT * number
        start, end = x_of(row["p50_ms"]), x_of(row["p99_ms"])
        is_stored = row["acknowledged_p50_ms"] is not None
        label = f"{row['system']}{', on disk' if is_stored else ', in memory'}"
        parts.append(f'<text x="{LABELS - 10}" y="{y + 14}" text-anchor="end" font-size="12">{escape(label)}</text>')
        parts.append(
            f'<rect x="{start:.1f}" y="{y + 2}" width="{max(3.0, end - start):.1f}" height="{ROW_HEIGHT - 10}" rx="3" '
            f'fill="{OURS if is_stored else PEER}"/>'
        )
        text = f"{row['p50_ms']:g} … {row['p99_ms']:g}"
        parts.append(f'<text x="{end + 8:.1f}" y="{y + 14}" font-size="12">{text}</text>')
    return parts
