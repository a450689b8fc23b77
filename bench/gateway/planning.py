"""What an operation costs that is not in the cache, stage by stage, and planning beside Apollo's planner.

    python -m bench.gateway.planning [--peers DIR] [--node NODE] [--subgraphs 50]

Times are milliseconds, the best of several runs. The audit's operations are used where its data is beside the repository.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from graphql import DocumentNode, OperationDefinitionNode, parse, validate

from gateway.errors import PlanningError
from gateway.execution import compile_plan
from gateway.planning import Planner
from gateway.supergraph import supergraph_from_sdl

from .generated_graph import generated_operations, generated_supergraph

HERE = Path(__file__).parent
AUDIT = HERE.parents[2] / "shared" / "audit"
RUNS = 5


def main(arguments: list[str]) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Planning and cache misses.")
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--node", default="node")
    parser.add_argument("--subgraphs", type=int, default=50)
    options = parser.parse_args(arguments)
    shop = (HERE / "supergraph.graphql").read_text(encoding="utf-8")
    operations = {
        name: (HERE / "operations" / f"{name}.graphql").read_text(encoding="utf-8") for name in ("simple", "heavy")
    }
    for name, text in operations.items():
        print(f"miss of the cache, {name}: {_stages(shop, text)}")
    cases: dict[str, list[tuple[str, list[str]]]] = {"shop": [(shop, list(operations.values()))]}
    large = generated_supergraph(options.subgraphs)
    cases[f"{options.subgraphs} subgraphs"] = [(large, generated_operations(options.subgraphs))]
    if AUDIT.is_dir():
        cases["audit"] = _audit_cases()
    for title, graphs in cases.items():
        print(f"planning, {title}: ours {_summary(_plan_times(graphs))}")
        if options.peers is not None:
            print(f"planning, {title}: Apollo's {_summary(_apollo_times(graphs, options.peers, options.node))}")


def _stages(supergraph_sdl: str, text: str) -> str:
    supergraph = supergraph_from_sdl(supergraph_sdl)
    planner = Planner(supergraph)
    schema = supergraph.api_schema
    document = parse(text)
    plan = planner.plan(document)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    times = {
        "parse": _best(lambda: parse(text)),
        "validate": _best(lambda: validate(schema, document)),
        "plan": _best(lambda: planner.plan(document)),
        "compile": _best(lambda: compile_plan(plan, schema, operation).answer_variant({})),
    }
    return ", ".join(f"{stage} {milliseconds:.2f}" for stage, milliseconds in times.items())


def _plan_times(graphs: list[tuple[str, list[str]]]) -> list[float]:
    times = []
    for supergraph_sdl, texts in graphs:
        planner = Planner(supergraph_from_sdl(supergraph_sdl))
        for text in texts:
            document = parse(text)
            if _can_be_planned(planner, document):
                times.append(_best(lambda planner=planner, document=document: planner.plan(document)))  # type: ignore[misc]
    return times


def _can_be_planned(planner: Planner, document: DocumentNode) -> bool:
    try:
        planner.plan(document)
    except PlanningError:
        return False
    return True


def _apollo_times(graphs: list[tuple[str, list[str]]], peers: Path, node: str) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cases.json"
        file.write_bytes(orjson.dumps([{"supergraph": sdl, "operations": texts} for sdl, texts in graphs]))
        command = [node, str(peers / "apollo_planning.js"), str(file), str(RUNS)]
        output = subprocess.run(command, check=True, capture_output=True, timeout=300).stdout
    times: list[float] = orjson.loads(output)
    return times


def _audit_cases() -> list[tuple[str, list[str]]]:
    cases = []
    for file in sorted(AUDIT.glob("*/tests.json")):
        tests: list[dict[str, Any]] = orjson.loads(file.read_bytes())
        supergraph = (file.parent / "supergraph.graphql").read_text(encoding="utf-8")
        schema = supergraph_from_sdl(supergraph).api_schema
        texts = [test["query"] for test in tests if not validate(schema, parse(test["query"]))]
        cases.append((supergraph, texts))
    return cases


def _best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    return min(times)


def _summary(times: list[float]) -> str:
    ordered = sorted(times)
    median, slowest = ordered[len(ordered) // 2], ordered[-1]
    return f"{len(ordered)} operations, median {median:.2f} ms, slowest {slowest:.2f} ms, all {sum(ordered):.0f} ms"


if __name__ == "__main__":
    main(sys.argv[1:])
