"""Measure matching: pairs a second and time to match with ever more people waiting, one replica and three, beside an interval matcher.

    python -m bench.matching.run [--waiting 0,1000,10000,100000] [--people 1000] [--replicas 1,3] [--write]

It starts a private PostgreSQL of its own. Time to match is from the call that asks to the commit of the pair.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import orjson

from deploy.local.postgres import PrivatePostgres, start_private_postgres
from subgraphs.kit import migrations

from .chart import draw_chart
from .cpu import server_cpu
from .engine import at_a_rate, at_full_speed, replica
from .nakama import simulate
from .plans import explain_searches
from .population import arrivals, fill_database

HERE = Path(__file__).parent
AT_ONCE = 256  # people asking at the same time on one replica
LATENCY_RATE = 50.0  # arrivals a second while time to match is measured
LATENCY_PEOPLE = 250
SEED = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waiting", default="0,1000,10000,100000", help="lengths of the queue")
    parser.add_argument("--people", type=int, default=1000, help="arrivals per throughput measurement")
    parser.add_argument("--replicas", default="1,3")
    parser.add_argument(
        "--write", action="store_true", help="write results.json, plan.txt and chart.svg beside this file"
    )
    options = parser.parse_args()
    replicas = [int(number) for number in options.replicas.split(",")]
    with tempfile.TemporaryDirectory(prefix="tandem-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = start_private_postgres(Path(folder) / "postgres")
        try:
            rows, plan = [], ""
            for waiting in (int(number) for number in options.waiting.split(",")):
                row, plan = _measure(server, waiting, options.people, replicas)
                rows.append(row)
                _print_row(row)
        finally:
            server.stop()
    if options.write:
        (HERE / "results.json").write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2) + b"\n")
        (HERE / "plan.txt").write_text(plan + "\n", encoding="utf-8")
        (HERE / "chart.svg").write_text(draw_chart(rows), encoding="utf-8")


def _measure(server: PrivatePostgres, waiting: int, people: int, replicas: Sequence[int]) -> tuple[dict[str, Any], str]:
    row: dict[str, Any] = {"waiting": waiting}
    # Enough must be left that fit: at most a quarter of the queue is taken.
    people = min(people, waiting // 4) if waiting else people
    url = _fresh_database(server, waiting)
    waits = asyncio.run(_latency(url, waiting))
    row |= {"ours_p50": _percentile(waits, 0.5), "ours_p99": _percentile(waits, 0.99), "matched": len(waits)}
    row["search"], plan = asyncio.run(explain_searches(url))
    for count in replicas:
        row |= _throughput(server, waiting, people, count)
    row |= _interval_matcher(waiting)
    return row, plan


def _throughput(server: PrivatePostgres, waiting: int, people: int, replicas: int) -> dict[str, float]:
    """Pairs a second as the clock has it, and what a pair costs in CPU, which does not depend on who else uses the machine."""
    url = _fresh_database(server, waiting)
    together = multiprocessing.Barrier(replicas)
    with ProcessPoolExecutor(replicas, initializer=_begin_with, initargs=(together,)) as pool:
        share, server_before = people // replicas, server_cpu(server.data_folder)
        jobs = [pool.submit(_full_speed, url, waiting, share, SEED + number) for number in range(replicas)]
        done = [job.result() for job in jobs]
    server_seconds = server_cpu(server.data_folder) - server_before
    pairs = sum(speed.pairs for speed in done)
    # The warm-up is in the server's share but not in ours.
    server_ms = server_seconds * 1000 / max(1, sum(speed.pairs_with_warm_up for speed in done))
    service_ms = sum(speed.cpu for speed in done) * 1000 / max(1, pairs)
    return {
        f"pairs_per_second_{replicas}": round(
            pairs / (max(speed.ended for speed in done) - min(speed.began for speed in done)), 1
        ),
        f"service_cpu_ms_per_pair_{replicas}": round(service_ms, 2),
        f"server_cpu_ms_per_pair_{replicas}": round(server_ms, 2),
        f"pairs_per_cpu_second_{replicas}": round(1000 / (service_ms + server_ms), 1),
    }


@dataclass(frozen=True, slots=True)
class Speed:
    """What one replica did."""

    pairs: int
    pairs_with_warm_up: int
    began: float
    """By the clock that all processes of a machine share; all begin together."""
    ended: float
    cpu: float


_together: list[Barrier] = []


def _begin_with(together: Barrier) -> None:
    _together.append(together)


def _fresh_database(server: PrivatePostgres, waiting: int) -> str:
    name = "bench_matching"
    asyncio.run(server.drop_database(name))
    asyncio.run(server.create_database(name))
    url = server.url(name)
    migrations.upgrade("matching", url)
    asyncio.run(fill_database(url, waiting))
    return url


async def _latency(url: str, waiting: int) -> list[float]:
    people = arrivals(LATENCY_PEOPLE, random.Random(SEED), alternate=not waiting)
    warm_up = arrivals(20, random.Random(SEED + 1), alternate=not waiting)
    async with replica(url) as ours:
        await at_a_rate(ours, warm_up, LATENCY_RATE)
        ours.asked_at.clear()
        await at_a_rate(ours, people, LATENCY_RATE)
        return ours.waits()


def _full_speed(url: str, waiting: int, people: int, seed: int) -> Speed:
    async def run() -> Speed:
        async with replica(url) as ours:
            await at_full_speed(ours, arrivals(40, random.Random(seed + 100), alternate=not waiting), AT_ONCE)
            ours.asked_at.clear()
            await asyncio.to_thread(_together[0].wait)
            before, cpu, began = ours.matchmaker.pairs, time.process_time(), time.perf_counter()
            seconds = await at_full_speed(ours, arrivals(people, random.Random(seed), alternate=not waiting), AT_ONCE)
            pairs = ours.matchmaker.pairs
            return Speed(pairs - before, pairs, began, began + seconds, time.process_time() - cpu)

    return asyncio.run(run())


def _interval_matcher(waiting: int) -> dict[str, float | None]:
    chance = random.Random(SEED)
    people = arrivals(LATENCY_PEOPLE * 4, chance, alternate=not waiting)
    queue = [arrival for arrival in arrivals(2 * waiting, chance, alternate=True) if arrival.wish.role == "CANDIDATE"]
    result = simulate(queue, people, chance)
    return {
        "interval_p50": _percentile(result.waits, 0.5),
        "interval_p99": _percentile(result.waits, 0.99),
        "interval_pairs_per_busy_second": round(result.pairs / result.busy_seconds, 1) if result.busy_seconds else None,
    }


def _percentile(sorted_seconds: Sequence[float], share: float) -> float | None:
    """In milliseconds."""
    if not sorted_seconds:
        return None
    return round(sorted_seconds[min(len(sorted_seconds) - 1, int(len(sorted_seconds) * share))] * 1000, 2)


def _print_row(row: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(row).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
