"""`python -m bench.collaboration.run`: measure, print, and with --write keep results and chart beside this file."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import typer
import uvloop

from . import measure
from .chart import draw_chart
from .peers import HOCUSPOCUS, Y_WEBSOCKET, open_peer, peer_pairs
from .people import pairs_in_sessions
from .running_code import runs
from .stage import open_stage
from .system import System
from .typing_load import Editor, key_to_peer, throughput

FOLDER = Path(__file__).parent
IDLE_SESSIONS, IDLE_SECONDS = 100, 20.0
THROUGHPUT_SESSIONS, THROUGHPUT_SECONDS = 25, 5.0

Results = dict[str, Any]


def main(
    sessions: Annotated[str, typer.Option(help="Numbers of live sessions, separated by commas.")] = "1,50,200",
    keys_per_second: Annotated[float, typer.Option(help="Keys of each session, by two people together.")] = 5.0,
    seconds: Annotated[float, typer.Option(help="How long they type.")] = 10.0,
    peers: Annotated[Path | None, typer.Option(help="Where the packages of peers/package.json are installed.")] = None,
    node: Annotated[str, typer.Option(help="Node 22 or newer, for the peers.")] = "node",
    only_typing: Annotated[bool, typer.Option(help="Leave out joining, idling, throughput and runs.")] = False,
    typing: Annotated[bool, typer.Option(help="Measure from key to peer, too.")] = True,
    direct: Annotated[bool, typer.Option(help="Also without the gateway.")] = True,
    write: Annotated[bool, typer.Option(help="Write what was measured to results.json, and chart.svg.")] = False,
) -> None:
    """Measure the collaboration subgraph on this machine, through the gateway and directly, beside its peers."""
    counts = [int(count) for count in sessions.split(",")] if typing else []
    load = (counts, keys_per_second, seconds, only_typing)
    # The driver shall cost little, and never stop to look for garbage: it shares the processors with what it measures.
    gc.collect()
    gc.freeze()
    gc.disable()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        results = runner.run(_measure(load, peers, node, direct))
    typer.echo(json.dumps(results, indent=2))
    if write:
        file = FOLDER / "results.json"
        known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        # What was not measured this time stays as it was.
        loads = known.get("load_averages", {}) | results["load_averages"]
        results = known | {key: value for key, value in results.items() if value != []} | {"load_averages": loads}
        file.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
        (FOLDER / "chart.svg").write_text(draw_chart(results["key_to_peer"]), encoding="utf-8")


async def _measure(load: tuple[list[int], float, float, bool], peers: Path | None, node: str, direct: bool) -> Results:
    counts, rate, seconds, only_typing = load
    load_before = System.load_average()
    results: Results = {
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}",
        "keys_per_second_of_a_session": rate,
        "key_to_peer": [],
        "throughput": [],
        "late_join": [],
        "idle": [],
    }
    for through_gateway in (True, False) if direct else (True,):
        async with open_stage(through_gateway=through_gateway) as stage:
            for count in counts:
                async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
                    pairs = await pairs_in_sessions(stage, client, count)
                    results["key_to_peer"].append(asdict(await key_to_peer(stage.system, pairs, rate, seconds)))
                    await _close(pairs)
            if only_typing:
                continue
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
                pairs = await pairs_in_sessions(stage, client, THROUGHPUT_SESSIONS)
                results["throughput"].append(asdict(await throughput(stage.system, pairs, THROUGHPUT_SECONDS)))
                await _close(pairs)
            if through_gateway:
                results["late_join"].append(asdict(await measure.late_join(stage)))
                results["idle"].append(asdict(await measure.idle(stage, IDLE_SESSIONS, IDLE_SECONDS)))
    if peers is not None:
        for name in (HOCUSPOCUS, Y_WEBSOCKET):
            await _measure_peer(name, peers, node, load, results)
    if not only_typing:
        results["runs"] = asdict(await runs(60, 2))
    part = "all" if counts and not only_typing else "key to peer" if counts else "all but key to peer"
    results["load_averages"] = {part: [load_before, System.load_average()]}
    return results


async def _measure_peer(
    name: str, folder: Path, node: str, load: tuple[list[int], float, float, bool], results: Results
) -> None:
    counts, rate, seconds, only_typing = load
    async with open_peer(name, node, folder) as (system, url):
        for count in counts:
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
                pairs = await peer_pairs(name, url, client, count)
                results["key_to_peer"].append(asdict(await key_to_peer(system, pairs, rate, seconds)))
                await _close(pairs)
        if only_typing:
            return
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
            pairs = await peer_pairs(name, url, client, THROUGHPUT_SESSIONS)
            results["throughput"].append(asdict(await throughput(system, pairs, THROUGHPUT_SECONDS)))
            await _close(pairs)
        results["late_join"].append(asdict(await measure.late_join_at_peer(system, url)))
        results["idle"].append(asdict(await measure.idle_at_peer(system, url, IDLE_SESSIONS, IDLE_SECONDS)))


async def _close(pairs: Sequence[tuple[Editor, Editor]]) -> None:
    for pair in pairs:
        for editor in pair:
            await editor.close()


if __name__ == "__main__":
    typer.run(main)
