"""Rows of figures: what was promised, what was measured, whether it holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report."""

    number: str
    """The requirement, such as R28."""
    promise: str
    measured: str
    holds: bool


def print_report(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| # | promise | measured | holds |", "|---|---|---|---|"]
    lines += [f"| {it.number} | {it.promise} | {it.measured} | {'yes' if it.holds else '**no**'} |" for it in rows]
    return "\n".join(lines)
