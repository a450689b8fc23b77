"""`./just soak [MINUTES]`: the requirements that take minutes, measured on real processes; exit status 1 when one does not hold.

    python -m tests.soak [MINUTES] [--only limits] [--only memory] [--only overload] [--only outages] [--only sockets]

MINUTES is the length of the memory run (20 by default); the others take about 8 minutes together.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
from collections.abc import Awaitable, Callable

from . import limits, memory, outages, overload, sockets
from .report import Row, print_report

SCENARIOS: dict[str, Callable[[float], Awaitable[list[Row]]]] = {
    "limits": limits.run,
    "memory": memory.run,
    "overload": overload.run,
    "outages": outages.run,
    "sockets": sockets.run,
}


def main(arguments: list[str]) -> int:
    """Run the chosen scenarios one after the other and print one table."""
    parser = argparse.ArgumentParser(description="Soak and overload runs of the gateway.")
    parser.add_argument("minutes", nargs="?", type=float, default=20.0)
    parser.add_argument("--only", action="append", choices=sorted(SCENARIOS))
    options = parser.parse_args(arguments)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    rows: list[Row] = []
    for name, scenario in SCENARIOS.items():
        if options.only and name not in options.only:
            continue
        print(f"{name} ...", flush=True)
        rows += asyncio.run(_run(scenario, options.minutes))
        print(print_report(rows), flush=True)
    return 0 if all(row.holds for row in rows) else 1


async def _run(scenario: Callable[[float], Awaitable[list[Row]]], minutes: float) -> list[Row]:
    return await scenario(minutes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
