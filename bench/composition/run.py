"""Compose 10, 100 and 500 generated subgraphs, here and with the peers from npm: CPU seconds and peak memory.

    python -m bench.composition.run [--node-modules FOLDER] [COUNT...]

FOLDER holds `npm install @apollo/composition@2.14.4 @theguild/federation-composition graphql@16`, outside this tree. CPU time
rather than time on the clock: it says the same on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.composition.generate import generate

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure composition beside its peers.")
    parser.add_argument("counts", nargs="*", type=int, default=[10, 100, 500])
    parser.add_argument("--node-modules", type=Path, help="folder with the peers; without it only ours is measured")
    options = parser.parse_args()
    print(f"{'subgraphs':>9}  {'KB of SDL':>9}  {'contender':<9}  {'CPU s':>7}  {'MB':>6}")
    for count in options.counts:
        subgraphs = generate(count)
        size = sum(len(subgraph.sdl) for subgraph in subgraphs) // 1024
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "subgraphs.json"
            file.write_text(json.dumps({"subgraphs": [asdict(subgraph) for subgraph in subgraphs]}))
            for name in ("tandem", "apollo", "hive") if options.node_modules else ("tandem",):
                found = measure(name, file, options.node_modules)
                note = "" if found["composes"] else "  does not compose"
                print(
                    f"{count:>9}  {size:>9}  {name:<9}  {found['seconds']:>7.2f}  {found['megabytes']:>6.0f}{note}",
                    flush=True,
                )


def measure(name: str, file: Path, node_modules: Path | None) -> dict[str, Any]:
    """One run in a process of its own."""
    command = [sys.executable, "-m", "bench.composition.ours", str(file)]
    if name != "tandem":
        command = ["node", "--max-old-space-size=4096", str(HERE / "peers.cjs"), name, str(file)]
    environment = {**os.environ, "NODE_PATH": str(node_modules or "")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


if __name__ == "__main__":
    main()
