"""Draw the benchmark: one bar for each gateway, CPU-ms per request, a panel for each operation."""

from __future__ import annotations

from typing import Any

from ..bars import Bar, Panel, draw_panels

CONNECTIONS_SHOWN = 16


def draw_chart(rows: list[dict[str, Any]]) -> str:
    """The chart as SVG text; shows the rows measured at one number of connections."""
    panels = [_panel(operation, _rows_of(rows, operation)) for operation in ("heavy", "simple")]
    return draw_panels([panel for panel in panels if panel.bars], one_scale=False)


def _rows_of(rows: list[dict[str, Any]], operation: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["operation"] == operation and row["connections"] == CONNECTIONS_SHOWN]


def _panel(operation: str, rows: list[dict[str, Any]]) -> Panel:
    title = (
        f"{operation} operation: CPU-ms per request, {CONNECTIONS_SHOWN} connections (logarithmic, shorter is better)"
    )
    return Panel(title, [_bar(row) for row in sorted(rows, key=lambda row: float(row["cpu_ms"]))])


def _bar(row: dict[str, Any]) -> Bar:
    return Bar(f"{row['gateway']} · {row['collapses']}", row["cpu_ms"], f"{row['cpu_ms']:.3f}", not row["is_peer"])
