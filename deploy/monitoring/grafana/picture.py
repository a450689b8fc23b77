"""Draw the dashboard from its JSON and a real Prometheus into one SVG, for the README and for whoever has no Grafana at hand.

`python -m deploy.monitoring.grafana.picture --prometheus http://127.0.0.1:9090 --minutes 15 docs/images/dashboard.svg`
"""

from __future__ import annotations

import json
import math
import time
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Annotated, Any

import typer

DASHBOARD = Path(__file__).parent / "dashboards" / "tandem.json"
POINTS = 120  # of each line
WIDTH, HEIGHT, MARGIN, HEAD = 560, 190, 14, 44  # of a panel, in pixels
COLOURS = ("#3274d9", "#e0752d", "#299c46", "#b877d9", "#d44a3a", "#c4a000")


@dataclass(frozen=True, slots=True)
class Line:
    """One series of a panel: its name and its (seconds, value) points."""

    name: str
    points: Sequence[tuple[float, float]]


def main(
    target: Annotated[Path, typer.Argument(help="SVG file to write.")],
    prometheus: Annotated[str, typer.Option(help="Where Prometheus listens.")] = "http://127.0.0.1:9090",
    minutes: Annotated[float, typer.Option(min=1, help="How much of the past is drawn.")] = 15.0,
    ago: Annotated[float, typer.Option(min=0, help="How many minutes ago the picture ends.")] = 0.0,
) -> None:
    """Draw every panel of the dashboard."""
    end = time.time() - ago * 60
    start = end - minutes * 60
    panels = [panel for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"] if panel.get("targets")]
    drawn = []
    for number, panel in enumerate(panels):
        lines = [line for wanted in panel["targets"] for line in _lines(prometheus, wanted, start, end)]
        x, y = (number % 2) * (WIDTH + MARGIN) + MARGIN, (number // 2) * (HEIGHT + MARGIN) + HEAD
        unit = panel["fieldConfig"]["defaults"].get("unit", "")
        drawn.append(_panel(panel["title"], unit, lines, (start, end), (x, y)))
    width, height = 2 * (WIDTH + MARGIN) + MARGIN, math.ceil(len(panels) / 2) * (HEIGHT + MARGIN) + HEAD
    title = f"Tandem, {time.strftime('%Y-%m-%d %H:%M', time.gmtime(start))} to {time.strftime('%H:%M UTC', time.gmtime(end))}"
    target.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">'
        f'<rect width="{width}" height="{height}" fill="#f4f5f5"/>'
        f'<text x="{MARGIN}" y="28" font-size="17" fill="#1f2329">{escape(title)}</text>{"".join(drawn)}</svg>\n',
        encoding="utf-8",
    )
    typer.echo(f"{target}: {len(panels)} panels")


def _lines(prometheus: str, target: dict[str, Any], start: float, end: float) -> list[Line]:
    """Ask Prometheus for one query of a panel."""
    values = {"query": target["expr"], "start": start, "end": end, "step": max(1.0, (end - start) / POINTS)}
    url = f"{prometheus.rstrip('/')}/api/v1/query_range?{urllib.parse.urlencode(values)}"
    with urllib.request.urlopen(url, timeout=30) as response:
        answer = json.load(response)
    found = []
    for series in answer["data"]["result"]:
        name = target.get("legendFormat", "")
        for label, value in series["metric"].items():
            name = name.replace("{{" + label + "}}", value)
        points = [(float(at), float(value)) for at, value in series["values"] if value not in ("NaN", "+Inf", "-Inf")]
        found.append(Line(name, points))
    return found


def _panel(title: str, unit: str, lines: Sequence[Line], span: tuple[float, float], place: tuple[int, int]) -> str:
    x, y = place
    top, bottom, left, right = 34, HEIGHT - 34, 62, WIDTH - 12
    highest = max((value for line in lines for _, value in line.points), default=0.0) or 1.0
    parts = [
        f'<g transform="translate({x},{y})"><rect width="{WIDTH}" height="{HEIGHT}" rx="3" fill="#fff" stroke="#dcdee0"/>',
        f'<text x="12" y="21" font-weight="bold" fill="#1f2329">{escape(title)}</text>',
    ]
    for part in (0.0, 0.5, 1.0):
        height = bottom - part * (bottom - top)
        parts.append(f'<line x1="{left}" x2="{right}" y1="{height}" y2="{height}" stroke="#e9eaeb"/>')
        parts.append(
            f'<text x="{left - 6}" y="{height + 4}" text-anchor="end" fill="#60666d">{_shown(part * highest, unit)}</text>'
        )
    legend = left
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(
            f"{left + (at - span[0]) / (span[1] - span[0]) * (right - left):.1f},{bottom - value / highest * (bottom - top):.1f}"
            for at, value in line.points
        )
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        if legend < right - 60:
            name = escape(line.name or "value")
            parts.append(f'<rect x="{legend}" y="{HEIGHT - 19}" width="10" height="3" fill="{colour}"/>')
            parts.append(f'<text x="{legend + 14}" y="{HEIGHT - 13}" fill="#41474d">{name}</text>')
            legend += 28 + 7 * len(line.name or "value")
    if not lines:
        parts.append(
            f'<text x="{WIDTH / 2}" y="{HEIGHT / 2}" text-anchor="middle" fill="#9a9fa5">nothing happened</text>'
        )
    return "".join([*parts, "</g>"])


def _shown(value: float, unit: str) -> str:
    """A value of an axis, in the unit that the dashboard names."""
    if unit == "s":
        return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    return f"{value:.3g}" + ("/s" if unit in ("reqps", "ops") else "")


if __name__ == "__main__":
    typer.run(main)
