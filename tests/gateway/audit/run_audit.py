"""Run the public federation gateway audit against our own pipeline: its subgraphs over real HTTP, its expected answers.

    python -m tests.gateway.audit.run_audit [--suite NAME] [--test N] [--strict] [--composed] [--checkout DIR --node NODE]

The schemas, operations and expected answers are read from `../shared/audit` beside the repository. What the subgraphs answer is in
the audit's own server (repository the-guild-org/graphql-federation-gateway-audit, Node 22): give its checkout, with its npm
packages installed, as --checkout (or AUDIT_CHECKOUT) and it is started here; without, one must already listen on --port. It punishes
poor plans (needless fetches fail) unless a `.env` file in the checkout turns that off.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.errors import PlanningError
from gateway.execution import Executor, OperationCache, OperationRejected, RequestContext
from gateway.planning import Planner
from gateway.supergraph import Supergraph, supergraph_from_sdl
from gateway.transport import TransportSettings, build_transport

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "audit"
PORT_IN_DATA = 14200
START_TIMEOUT = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class AuditTest:
    """One operation of one suite with the answer that is expected."""

    suite: str
    number: int
    query: str
    variables: dict[str, Any] | None
    data: Any
    expects_errors: bool | None


def cases_of_suite(suite: str) -> list[AuditTest]:
    """All tests of a suite, in order."""
    cases = json.loads((DATA / suite / "tests.json").read_text(encoding="utf-8"))
    return [
        AuditTest(
            suite=suite,
            number=number,
            query=case["query"],
            variables=case.get("variables"),
            data=case["expected"].get("data"),
            expects_errors=case["expected"].get("errors"),
        )
        for number, case in enumerate(cases)
    ]


def suites() -> list[str]:
    """The names of all suites."""
    return sorted(path.parent.name for path in DATA.glob("*/tests.json"))


def supergraph_of_suite(suite: str, *, composed_by_us: bool) -> Supergraph:
    """The suite's supergraph, as Apollo composes it or as we do."""
    if not composed_by_us:
        return supergraph_from_sdl((DATA / suite / "supergraph.graphql").read_text(encoding="utf-8"))
    from gateway.composition import SubgraphDefinition, compose

    definitions = [
        SubgraphDefinition(item["name"], item["url"], (DATA / suite / item["sdl"]).read_text(encoding="utf-8"))
        for item in json.loads((DATA / suite / "subgraphs.json").read_text(encoding="utf-8"))
    ]
    result = compose(definitions)
    if result.supergraph_sdl is None:
        raise AssertionError(f"{suite} does not compose: {[error.message for error in result.errors]}")
    return supergraph_from_sdl(result.supergraph_sdl)


async def run_suite(
    suite: str, tests: list[AuditTest], port: int, *, composed_by_us: bool, strict: bool
) -> dict[int, str]:
    """Run the tests of one suite in order; returns what is wrong, by number."""
    try:
        supergraph = supergraph_of_suite(suite, composed_by_us=composed_by_us)
        cache = OperationCache(supergraph.api_schema, Planner(supergraph))
    except Exception:
        return {test.number: traceback.format_exc(limit=-3) for test in tests}
    transports = {
        subgraph.name: build_transport(
            subgraph.name, subgraph.url.replace(f":{PORT_IN_DATA}/", f":{port}/"), TransportSettings(retry=None)
        )
        for subgraph in supergraph.subgraphs.values()
    }
    executor = Executor(transports)
    wrong: dict[int, str] = {}
    try:
        for test in tests:
            try:
                problem = await run_test(test, cache, executor, strict=strict)
            except Exception:
                problem = traceback.format_exc(limit=-4)
            if problem is not None:
                wrong[test.number] = problem
    finally:
        await executor.aclose()
    return wrong


async def run_test(test: AuditTest, cache: OperationCache, executor: Executor, *, strict: bool) -> str | None:
    """None when the answer is right, else what is wrong with it."""
    try:
        prepared = cache.prepare(test.query)
    except OperationRejected as rejected:
        return None if test.expects_errors and test.data is None else f"refused: {rejected}"
    except PlanningError as error:
        return None if test.expects_errors and test.data is None else f"not planned: {error}"
    result = await executor.execute(prepared, test.variables, RequestContext())
    answer = json.loads(result.to_bytes())
    data, errors = answer["data"], answer.get("errors", [])
    if data != test.data:
        return f"expected {json.dumps(test.data)}\n   but got {json.dumps(data)}\n   errors {json.dumps(errors)[:600]}"
    if test.expects_errors and not errors:
        return "errors expected, none given"
    if strict and not test.expects_errors and errors:
        return f"errors not expected: {json.dumps(errors)[:600]}"
    return None


@contextmanager
def audit_server(checkout: Path | None, node: str, port: int) -> Iterator[None]:
    """The audit's subgraphs: started from a checkout, or already running."""
    if checkout is None:
        if not is_listening(port):
            raise SystemExit(
                f"Nothing listens on port {port}: start the audit's server, or give its checkout (--checkout)."
            )
        yield
        return
    command = [node, "--import", "tsx", "src/cli.ts", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=checkout, stdout=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + START_TIMEOUT
            while not is_listening(port):
                if process.poll() is not None or time.monotonic() > until:
                    raise SystemExit("The audit's server does not start.")
                time.sleep(0.2)
            yield
        finally:
            process.terminate()


def is_listening(port: int) -> bool:
    """Whether an HTTP server answers on this port."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/_health", timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def main(arguments: list[str]) -> int:
    """Run what the arguments ask for; 0 when every answer was right."""
    parser = argparse.ArgumentParser(description="The public federation gateway audit against our own pipeline.")
    parser.add_argument("--suite", action="append", help="only this suite (may be given several times)")
    parser.add_argument("--test", type=int, help="only this test of the suite")
    parser.add_argument("--strict", action="store_true", help="errors only where they are expected")
    parser.add_argument(
        "--composed", action="store_true", help="with our own composition instead of Apollo's supergraphs"
    )
    parser.add_argument("--checkout", type=Path, default=os.environ.get("AUDIT_CHECKOUT"), help="the audit's checkout")
    parser.add_argument("--node", default=os.environ.get("AUDIT_NODE", "node"), help="Node 22")
    parser.add_argument("--port", type=int, default=PORT_IN_DATA)
    options = parser.parse_args(arguments)
    if not DATA.is_dir():
        raise SystemExit("The audit's data is not beside the repository (../shared/audit).")
    total = right = 0
    checkout = Path(options.checkout) if options.checkout else None
    with audit_server(checkout, options.node, options.port):
        for suite in options.suite or suites():
            tests = [test for test in cases_of_suite(suite) if options.test in (None, test.number)]
            wrong = asyncio.run(
                run_suite(suite, tests, options.port, composed_by_us=options.composed, strict=options.strict)
            )
            total += len(tests)
            right += len(tests) - len(wrong)
            print(f"{'ok  ' if not wrong else 'FAIL'} {suite}: {len(tests) - len(wrong)}/{len(tests)}")
            for number, problem in wrong.items():
                print(f"  {suite} {number}: {problem}")
    print(f"{right}/{total}")
    return 0 if right == total else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
