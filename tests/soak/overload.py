"""R23: at four times what it can do the gateway refuses in words and goes on working, instead of collapsing."""

from __future__ import annotations

import itertools

from .memory import HEAVY
from .open_load import OpenLoad, request_bytes
from .report import Row
from .stage import stage

SECONDS = 60.0
PEAK_SECONDS = 10.0
PEAK_CONNECTIONS = 32
# With more in work at a time an answer only comes later, not more of them: one process has one core.
IN_WORK = 32
GOODPUT = 0.8
# What is let in waits for at most what is in work before it, and shares the core with refusing the others.
SLOWER = 3.0


async def run(minutes: float) -> list[Row]:
    """Find the peak, then send four times as much; `minutes` changes nothing here."""
    async with stage(settings={"TRAFFIC__MAX_CONCURRENT_REQUESTS": IN_WORK}) as running:
        load = OpenLoad(running.gateway_port)
        # Each from somebody else: what is asked for one person is never shared, so each operation needs its own fetches.
        people = [request_bytes(HEAVY, authorization=f"Bearer {number}") for number in range(1_000)]
        next_request = itertools.cycle(people).__next__
        await load.run_closed(next_request, 8, 3)
        peak = await load.run_closed(next_request, PEAK_CONNECTIONS, PEAK_SECONDS)
        peak_p50, peak_p99 = load.outcome.percentile(0.5), load.outcome.percentile(0.99)
        outcome = await load.run(next_request, 4 * peak, SECONDS)
        after = await load.run(next_request, peak / 4, 5)
        load.close()
    goodput = outcome.statuses[200] / SECONDS
    p50, p99 = outcome.percentile(0.5), outcome.percentile(0.99)
    shed = outcome.statuses[503]
    others = outcome.sent - outcome.statuses[200] - shed
    refused = sorted(outcome.refused_latencies)
    refused_p50 = refused[len(refused) // 2] * 1000 if refused else 0.0
    return [
        Row(
            "R23",
            f"at 4x the peak at least {GOODPUT:.0%} of the peak is answered",
            f"peak {peak:.0f}/s; sent {outcome.sent / SECONDS:.0f}/s for {SECONDS:.0f} s, answered {goodput:.0f}/s "
            f"({goodput / peak:.0%})",
            goodput >= GOODPUT * peak,
        ),
        Row(
            "R23",
            "the rest gets 503 with Retry-After, nothing else",
            f"{shed} refused (p50 {refused_p50:.0f} ms), {outcome.without_retry_after} without Retry-After, {others} of another kind",
            shed > 0 and others == 0 and outcome.without_retry_after == 0,
        ),
        Row(
            "R23",
            f"what is let in takes at most {SLOWER:g} times as long as at the peak",
            f"p50 {peak_p50:.0f} -> {p50:.0f} ms, p99 {peak_p99:.0f} -> {p99:.0f} ms",
            p50 <= SLOWER * peak_p50 and p99 <= SLOWER * peak_p99,
        ),
        Row(
            "R23",
            "afterwards everything is as before",
            f"{after.statuses[200]} of {after.sent} answered, p50 {after.percentile(0.5):.0f} ms",
            after.statuses[200] == after.sent,
        ),
    ]
