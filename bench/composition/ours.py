"""Compose one JSON file {"subgraphs": [...]} and print CPU seconds and peak memory; run by `run`."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from gateway.composition import SubgraphDefinition, compose


def main() -> None:
    subgraphs = [SubgraphDefinition(**found) for found in json.loads(Path(sys.argv[1]).read_text())["subgraphs"]]
    started = time.process_time()
    result = compose(subgraphs)
    seconds = time.process_time() - started
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "megabytes": megabytes, "composes": result.is_successful}))


if __name__ == "__main__":
    main()
