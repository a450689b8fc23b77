"""@defer over made-up worlds is delivered as graphql-core delivers it for the same data served as one schema."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

import orjson
import pytest
from graphql import parse
from graphql.execution import ExperimentalIncrementalExecutionResults, experimental_execute_incrementally
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.execution import ExecutionSettings, Executor, OperationCache, RequestContext
from gateway.planning import Planner
from gateway.supergraph import print_api_schema, supergraph_from_sdl
from tests.gateway.planning.random_operation import random_operation
from tests.gateway.planning.split_sdl import supergraph_sdl
from tests.gateway.planning.split_server import InProcessSubgraph, Monolith, Values
from tests.gateway.planning.split_world import make_world

OPERATIONS_PER_WORLD = 6

Name: TypeAlias = tuple[str, str]  # path and label of a fragment


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(min_value=0, max_value=2**32))
def test_parts_are_those_of_a_monolith(seed: int) -> None:
    asyncio.run(compare_parts(seed))


@pytest.mark.slow
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(min_value=0, max_value=2**32))
def test_many_more_parts_are_those_of_a_monolith(seed: int) -> None:
    asyncio.run(compare_parts(seed))


@dataclass(slots=True)
class Told:
    """All that was delivered, without ids and order; reading it checks the rules of the sequence."""

    data: Any = None
    announced: Counter[Name] = field(default_factory=Counter)
    pieces: Counter[tuple[str, str]] = field(default_factory=Counter)
    completed: Counter[Name] = field(default_factory=Counter)


async def compare_parts(seed: int) -> None:
    """One world, several operations with deferred fragments."""
    rng = random.Random(seed)
    world = make_world(rng)
    supergraph = supergraph_from_sdl(supergraph_sdl(world))
    values = Values(world, seed)
    monolith = Monolith(values, supergraph.api_schema, print_api_schema(supergraph.document))
    subgraphs = {graph.lower(): InProcessSubgraph(values, graph) for graph in world.graphs}
    executor = Executor(subgraphs, ExecutionSettings())
    cache = OperationCache(supergraph.api_schema, Planner(supergraph))
    for number in range(OPERATIONS_PER_WORLD):
        text, variables = random_operation(rng, supergraph.api_schema, with_defer=True)
        expected = told(await payloads_of_monolith(monolith, text, variables))
        result = await executor.execute(cache.prepare(text, None), variables, RequestContext())
        payloads = [orjson.loads(result.to_bytes())]
        if result.patches is not None:
            payloads += [orjson.loads(patch) async for patch in result.patches]
        report = f"seed {seed} operation {number}\n{text}\n{variables}\n" + "\n".join(map(str, payloads))
        assert not any("errors" in payload for payload in payloads), report
        actual = told(payloads)
        assert actual.data == expected.data, report
        assert actual.pieces == expected.pieces, report
        assert actual.completed == actual.announced, report
        assert not _unexplained(actual.announced, expected.announced), report


def _unexplained(actual: Counter[Name], expected: Counter[Name]) -> list[Name]:
    """Fragments that only one of both announced, but for those that share fields with one beside them.

    What two fragments select comes with the first that is ready; then the other may have nothing left to bring, which depends on time.
    """
    different = [*(actual - expected), *(expected - actual)]
    everything = actual | expected
    return [
        (path, label)
        for path, label in different
        if not any(
            path.startswith(other_path.rstrip("]")) and label.split("/")[0] != other.split("/")[0]
            for other_path, other in everything
        )
    ]


async def payloads_of_monolith(monolith: Monolith, text: str, variables: dict[str, Any]) -> list[dict[str, Any]]:
    """What graphql-core answers, payload by payload."""
    result = experimental_execute_incrementally(
        monolith.schema, parse(text), root_value=monolith.root_value(text), variable_values=variables
    )
    if not isinstance(result, ExperimentalIncrementalExecutionResults):
        return [cast(Any, result).formatted]
    payloads = [cast(dict[str, Any], result.initial_result.formatted)]
    payloads += [cast(dict[str, Any], payload.formatted) async for payload in result.subsequent_results]
    return payloads


def told(payloads: list[dict[str, Any]]) -> Told:
    """Read payloads as a client does."""
    found = Told(payloads[0]["data"])
    pending: dict[str, dict[str, Any]] = {}
    open_ids: set[str] = set()
    over: set[Name] = set()
    for number, payload in enumerate(payloads):
        assert payload.get("hasNext", False) is (number < len(payloads) - 1)
        fresh = payload.get("pending", [])
        for entry in fresh:
            assert entry["id"] not in pending
            pending[entry["id"]] = entry
            open_ids.add(entry["id"])
            found.announced[_name(entry)] += 1
        for piece in payload.get("incremental", []):
            assert piece["id"] in open_ids
            path = [*pending[piece["id"]]["path"], *piece.get("subPath", [])]
            found.pieces[str(path), orjson.dumps(piece["data"], option=orjson.OPT_SORT_KEYS).decode()] += 1
        for completed in payload.get("completed", []):
            open_ids.remove(completed["id"])
            over.add(_name(pending[completed["id"]]))
            found.completed[_name(pending[completed["id"]])] += 1
        # Whoever is announced inside an announced fragment of the same object is so when that one is complete.
        for entry in fresh:
            above = entry["label"].rpartition("/")[0]
            if any(_name(one) == (str(entry["path"]), above) for one in pending.values()):
                assert (str(entry["path"]), above) in over
    assert not open_ids
    return found


def _name(entry: dict[str, Any]) -> Name:
    return str(entry["path"]), entry["label"]
