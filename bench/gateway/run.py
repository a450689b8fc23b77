"""Measure gateways side by side: CPU-ms per request, requests per second, latency and memory; a table, JSON and a chart.

    python -m bench.gateway.run [--only TEXT] [--seconds 3] [--connections 1,16,50] [--peers DIR] [--node NODE] [--write]

The gateway runs alone on the first core, subgraphs and load driver on the second. `--peers` is a folder with bench/gateway/peers copied
into it and its npm packages installed; without it only our own gateway is measured.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
import psutil

from .catalogue import our_catalogue
from .chart import draw_chart
from .contenders import CONTENDERS, Contender, Place
from .monolith import heavy_answer, simple_answer

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GATEWAY_CORE, OTHERS_CORE = "0", "1"
START_TIMEOUT = 40.0  # seconds
WARM_UP = 1.0  # seconds
SUPERGRAPH_PORT = 4200
ANSWERS = {"heavy": heavy_answer, "simple": simple_answer}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    gateway: str
    collapses: str
    operation: str
    connections: int
    cpu_ms: float
    rps: float
    p50_ms: float
    p99_ms: float
    rss_mb: float
    failures: int
    is_peer: bool


def main(arguments: list[str]) -> None:
    """Measure what the arguments ask for and print the table."""
    parser = argparse.ArgumentParser(description="Gateways side by side.")
    parser.add_argument("--only", action="append", help="only contenders whose name contains this")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--connections", default="1,16,50")
    parser.add_argument("--operations", default="heavy,simple")
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--node", default="node")
    parser.add_argument(
        "--write", action="store_true", help="write results.json, results.md and the chart beside this file"
    )
    options = parser.parse_args(arguments)
    chosen = [
        contender
        for contender in CONTENDERS
        if (options.peers is not None or not contender.is_peer)
        and (not options.only or any(text in contender.name for text in options.only))
    ]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder, subgraphs() as subgraph_port:
        files = _write_files(Path(folder), subgraph_port)
        for contender in chosen:
            place = Place(_free_port(), files["supergraph"], options.peers or Path(), options.node)
            with running(contender, place, files) as (process, url):
                for operation in options.operations.split(","):
                    for connections in map(int, options.connections.split(",")):
                        row = measure(contender, process, url, operation, files, connections, options.seconds)
                        rows.append(row)
                        print(_line(row), flush=True)
    if options.write:
        (HERE / "results.json").write_bytes(orjson.dumps([asdict(row) for row in rows], option=orjson.OPT_INDENT_2))
        (HERE / "results.md").write_text(_table(rows), encoding="utf-8")
        (HERE / "results.svg").write_text(draw_chart([asdict(row) for row in rows]), encoding="utf-8")


def measure(
    contender: Contender,
    process: psutil.Process,
    url: str,
    operation: str,
    files: dict[str, Path],
    connections: int,
    seconds: float,
) -> Row:
    """One operation at one number of connections."""
    _load(url, files[operation], connections, WARM_UP)
    before = _cpu_seconds(process)
    seen = _load(url, files[operation], connections, seconds)
    used = _cpu_seconds(process) - before
    return Row(
        gateway=contender.name,
        collapses=contender.collapses,
        operation=operation,
        connections=connections,
        cpu_ms=used * 1000 / max(1.0, seen["requests"]),
        rps=seen["rps"],
        p50_ms=seen["p50_ms"],
        p99_ms=seen["p99_ms"],
        rss_mb=_memory_mb(process),
        failures=int(seen["failures"]),
        is_peer=contender.is_peer,
    )


@contextmanager
def subgraphs() -> Iterator[int]:
    """The subgraphs, on the core of the others; yields their port."""
    port = _free_port()
    command = ["taskset", "-c", OTHERS_CORE, sys.executable, "-m", "bench.gateway.subgraphs", str(port)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            _wait_until_listening(port, process)
            yield port
        finally:
            process.terminate()


@contextmanager
def running(contender: Contender, place: Place, files: dict[str, Path]) -> Iterator[tuple[psutil.Process, str]]:
    """One gateway on the gateway's core, after it has answered both operations rightly."""
    command = ["taskset", "-c", GATEWAY_CORE, *contender.command(place)]
    environment = {**os.environ, **contender.environment}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait_until_listening(place.port, process)
            url = f"http://127.0.0.1:{place.port}{contender.path}"
            for operation, answer in ANSWERS.items():
                _check_answer(contender, url, files[operation], answer(our_catalogue()))
            yield psutil.Process(process.pid), url
        finally:
            process.terminate()


def _check_answer(contender: Contender, url: str, file: Path, expected: dict[str, Any]) -> None:
    request = urllib.request.Request(url, file.read_bytes(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as response:
        answer = orjson.loads(response.read())
    if answer.get("data") != expected:
        raise SystemExit(f"{contender.name} answers wrongly: {orjson.dumps(answer)[:400].decode()}")


def _load(url: str, file: Path, connections: int, seconds: float) -> dict[str, float]:
    command = ["taskset", "-c", OTHERS_CORE, sys.executable, "-m", "bench.gateway.load", url, str(file)]
    output = subprocess.run(
        [*command, str(connections), str(seconds)], cwd=ROOT, check=True, capture_output=True, timeout=seconds + 60
    ).stdout
    seen: dict[str, float] = orjson.loads(output)
    return seen


def _write_files(folder: Path, subgraph_port: int) -> dict[str, Path]:
    files = {name: folder / name for name in ("supergraph", "heavy", "simple")}
    files["supergraph"] = folder / "supergraph.graphql"
    text = (HERE / "supergraph.graphql").read_text(encoding="utf-8")
    files["supergraph"].write_text(text.replace(f":{SUPERGRAPH_PORT}/", f":{subgraph_port}/"), encoding="utf-8")
    for name in ANSWERS:
        query = (HERE / "operations" / f"{name}.graphql").read_text(encoding="utf-8")
        files[name].write_bytes(orjson.dumps({"query": query}))
    return files


def _cpu_seconds(process: psutil.Process) -> float:
    total = 0.0
    for member in (process, *process.children(recursive=True)):
        times = member.cpu_times()
        total += times.user + times.system
    return total


def _memory_mb(process: psutil.Process) -> float:
    members = (process, *process.children(recursive=True))
    return float(sum(member.memory_info().rss for member in members)) / 1e6


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_TIMEOUT
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"Nothing listens on port {port}: {process.args!r}")


def _line(row: Row) -> str:
    return (
        f"{row.gateway:46} {row.collapses:9} {row.operation:7} c={row.connections:<3} {row.cpu_ms:8.3f} CPU-ms/request "
        f"{row.rps:9.0f} rps  p50 {row.p50_ms:7.2f}  p99 {row.p99_ms:7.2f} ms  {row.rss_mb:5.0f} MB  {row.failures} failures"
    )


def _table(rows: list[Row]) -> str:
    lines = [
        "| gateway | collapses | operation | connections | CPU-ms / request | requests / s | p50 ms | p99 ms | RSS MB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda row: (row.operation, row.collapses, row.connections, row.cpu_ms)):
        lines.append(
            f"| {row.gateway} | {row.collapses} | {row.operation} | {row.connections} | {row.cpu_ms:.3f} | {row.rps:.0f} "
            f"| {row.p50_ms:.2f} | {row.p99_ms:.2f} | {row.rss_mb:.0f} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(sys.argv[1:])
