"""Operations that try to exhaust the planner: they are planned quickly, or refused with a reason."""

from __future__ import annotations

import time

import pytest
from graphql import parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import PlanningError, PlanningLimitExceeded
from gateway.planning import Planner
from gateway.supergraph import supergraph_from_sdl
from tests.gateway.planning.test_entities import SUPERGRAPH

ENOUGH = 60.0  # seconds, on a slow and busy machine; an explosion would take hours
PLANNER = Planner(supergraph_from_sdl(SUPERGRAPH), deadline=ENOUGH)


def test_fragments_that_double_at_every_level_are_refused() -> None:
    levels = 40
    fragments = [
        f"fragment F{n} on Book {{ author {{ best {{ ...F{n + 1} }} }} x{n}: author {{ best {{ ...F{n + 1} }} }} }}"
        for n in range(levels)
    ]
    document = parse("{ book { ...F0 } }" + "".join(fragments) + f"fragment F{levels} on Book {{ title }}")
    with pytest.raises(PlanningLimitExceeded, match="once its fragments are spread in"):
        PLANNER.plan(document)


def test_fragments_that_repeat_the_same_are_merged_away() -> None:
    levels = 30
    fragments = [
        f"fragment F{n} on Book {{ author {{ best {{ ...F{n + 1} ...F{n + 1} }} }} author {{ best {{ ...F{n + 1} }} }} }}"
        for n in range(levels)
    ]
    document = parse("{ book { ...F0 } }" + "".join(fragments) + f"fragment F{levels} on Book {{ title }}")
    started = time.monotonic()
    plan = PLANNER.plan(document)
    assert time.monotonic() - started < ENOUGH
    assert len(plan.fetches) == 2 * levels + 3


def test_a_planner_without_time_says_so() -> None:
    hurried = Planner(PLANNER.supergraph, deadline=-1.0)
    with pytest.raises(PlanningLimitExceeded, match="took too long"):
        hurried.plan(parse("{ book { stock } }"))


def test_an_operation_name_must_say_which_operation_is_meant() -> None:
    document = parse("query A { book { title } } query B { book { isbn } }")
    assert PLANNER.plan(document, "B").operation_name == "B"
    with pytest.raises(PlanningError, match="several operations"):
        PLANNER.plan(document)
    with pytest.raises(PlanningError, match='no operation named "C"'):
        PLANNER.plan(document, "C")


def test_a_kind_of_operation_that_no_subgraph_serves_is_refused() -> None:
    with pytest.raises(PlanningError, match="no subgraph has a mutation type"):
        PLANNER.plan(parse("mutation { change }"))


def test_alternatives_of_conditions_do_not_repeat_long_documents() -> None:
    variables = ", ".join(f"$v{n}: Boolean!" for n in range(20))
    body = "pages title"
    for _ in range(6):
        inner = " ".join(f"author @include(if: $v{n}) {{ best {{ {body if n == 0 else 'isbn'} }} }}" for n in range(20))
        body = f"pages {inner}"
    plan = PLANNER.plan(parse(f"query Many({variables}) {{ book {{ {body} }} }}"))
    assert max(len(fetch.document) for fetch in plan.fetches) < 100_000


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(width=st.integers(1, 60), depth=st.integers(1, 20), conditions=st.integers(1, 20))
def test_wide_deep_and_conditional_operations_are_planned_in_time(width: int, depth: int, conditions: int) -> None:
    variables = ", ".join(f"$v{n}: Boolean!" for n in range(conditions))
    leaf = " ".join(f"a{n}: pages @include(if: $v{n % conditions})" for n in range(width))
    nested = "author { best { " * depth + leaf + " } }" * depth
    document = parse(
        f"query Hostile({variables}) {{ book {{ {nested} }} {' '.join(f'b{n}: book {{ pages }}' for n in range(width))} }}"
    )
    started = time.monotonic()
    PLANNER.plan(document)
    assert time.monotonic() - started < ENOUGH
