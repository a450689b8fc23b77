"""`python -m bench.collaboration.run`: measure, print, and with --write keep the results beside this file."""

from __future__ import annotations

import asyncio
import json
import os
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from . import measure
from .stage import open_stage

RESULTS = Path(__file__).parent / "results.json"


def main(
    sessions: Annotated[str, typer.Option(help="Numbers of live sessions, separated by commas.")] = "1,50,200",
    keys_per_second: Annotated[float, typer.Option(help="Keys of each person who types.")] = 4.0,
    seconds: Annotated[float, typer.Option(help="How long they type.")] = 10.0,
    write: Annotated[bool, typer.Option(help="Write results.json.")] = False,
) -> None:
    """Measure the collaboration subgraph on this machine, through the gateway and directly."""
    counts = [int(count) for count in sessions.split(",")]
    results = asyncio.run(_measure(counts, keys_per_second, seconds))
    typer.echo(json.dumps(results, indent=2))
    if write:
        RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


async def _measure(counts: list[int], rate: float, seconds: float) -> dict[str, Any]:
    results: dict[str, Any] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}",
        "load_before": os.getloadavg()[0],
        "keys_per_second_each": rate,
    }
    for name, through_gateway in (("gateway", True), ("direct", False)):
        async with open_stage(through_gateway=through_gateway) as stage:
            results[f"key_to_peer_{name}"] = [
                asdict(await measure.key_to_peer(stage, count, rate, seconds)) for count in counts
            ]
            if through_gateway:
                results["late_join"] = asdict(await measure.late_join(stage))
                results["idle"] = asdict(await measure.idle(stage, 100, 20.0))
    results["runs"] = asdict(await measure.runs(40, 2))
    results["load_after"] = os.getloadavg()[0]
    return results


if __name__ == "__main__":
    typer.run(main)
