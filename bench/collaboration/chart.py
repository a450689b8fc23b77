"""Draw the latencies: for each number of sessions a bar from p50 to p99 for every system."""

from __future__ import annotations

from typing import Any

from ..bars import Bar, Panel, draw_panels


def draw_chart(rows: list[dict[str, Any]]) -> str:
    """The chart as SVG text."""
    counts = sorted({row["sessions"] for row in rows})
    return draw_panels(
        [_panel(count, [row for row in rows if row["sessions"] == count]) for count in counts], one_scale=True
    )


def _panel(count: int, rows: list[dict[str, Any]]) -> Panel:
    rate = max(row["keys_per_second"] for row in rows)
    sessions = f"{count} live session{'s' if count > 1 else ''}"
    return Panel(
        f"{sessions}, {rate:.0f} keys a second: key to peer in ms, from p50 to p99", [_bar(row) for row in rows]
    )


def _bar(row: dict[str, Any]) -> Bar:
    is_stored = row["acknowledged_p50_ms"] is not None
    label = f"{row['system']}{', on disk' if is_stored else ', in memory'}"
    return Bar(label, row["p99_ms"], f"{row['p50_ms']:g} … {row['p99_ms']:g}", is_stored, start=row["p50_ms"])
