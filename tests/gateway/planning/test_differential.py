"""A federated answer equals that of the same data served as one schema: worlds, data and operations are made up."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.composition import SubgraphDefinition, compose
from gateway.execution import ExecutionSettings, Executor, OperationCache, RequestContext
from gateway.planning import Planner
from gateway.supergraph import print_api_schema, supergraph_from_sdl
from tests.gateway.planning.random_operation import random_operation
from tests.gateway.planning.split_federation import federation_sdl
from tests.gateway.planning.split_sdl import supergraph_sdl
from tests.gateway.planning.split_server import InProcessSubgraph, Monolith, Values
from tests.gateway.planning.split_world import World, make_world

OPERATIONS_PER_WORLD = 6


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(min_value=0, max_value=2**32))
def test_federated_answers_equal_those_of_a_monolith(seed: int) -> None:
    asyncio.run(compare(seed))


@pytest.mark.slow
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(min_value=0, max_value=2**32))
def test_many_more_federated_answers_equal_those_of_a_monolith(seed: int) -> None:
    asyncio.run(compare(seed))


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(min_value=0, max_value=2**32))
def test_worlds_that_we_compose_ourselves_are_answered_alike(seed: int) -> None:
    asyncio.run(compare(seed, is_composed=True))


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(min_value=0, max_value=2**32))
def test_nulls_that_must_not_be_climb_as_in_a_monolith(seed: int) -> None:
    asyncio.run(compare(seed, with_faults=True))


async def compare(seed: int, *, is_composed: bool = False, with_faults: bool = False) -> None:
    """One world, several operations; raises AssertionError with everything that is needed to see what went wrong."""
    rng = random.Random(seed)
    world = make_world(rng)
    sdl = composed_sdl(world) if is_composed else supergraph_sdl(world)
    if sdl is None:
        return
    supergraph = supergraph_from_sdl(sdl)
    values = Values(world, seed, with_faults=with_faults)
    monolith = Monolith(values, supergraph.api_schema, print_api_schema(supergraph.document))
    subgraphs = {graph.lower(): InProcessSubgraph(values, graph) for graph in world.graphs}
    executor = Executor(subgraphs, ExecutionSettings())
    cache = OperationCache(supergraph.api_schema, Planner(supergraph))
    for number in range(OPERATIONS_PER_WORLD):
        text, variables = random_operation(rng, supergraph.api_schema)
        expected, has_errors = monolith.answer(text, variables, may_fail=with_faults)
        prepared = cache.prepare(text, None)
        result = await executor.execute(prepared, variables, RequestContext())
        actual: dict[str, Any] = orjson.loads(result.to_bytes())
        documents = [f"{f.id} {f.subgraph_name} after {f.depends_on}: {f.document}" for f in prepared.plan.fetches]
        report = f"\nseed {seed} operation {number}\n{text}\n{variables}\n" + "\n".join(documents) + f"\n{sdl}"
        assert bool(actual.get("errors")) is has_errors, f"{actual.get('errors')}{report}"
        assert actual["data"] == expected, f"{actual['data']}\n expected\n{expected}{report}"


def composed_sdl(world: World) -> str | None:
    """The supergraph as our composition makes it; None when it finds the world unsatisfiable, which is the only reason it may have."""
    result = compose(
        [SubgraphDefinition(g.lower(), f"http://{g.lower()}", federation_sdl(world, g)) for g in world.graphs]
    )
    codes = {str(error.code) for error in result.errors}
    assert codes <= {"SATISFIABILITY_ERROR"}, [error.message for error in result.errors]
    return result.supergraph_sdl
