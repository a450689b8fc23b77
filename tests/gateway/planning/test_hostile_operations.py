"""Operations made to exhaust the planner: whatever is asked, there is a plan or a clear refusal, and not much work before it."""

from __future__ import annotations

import threading
import time

import pytest
from graphql import GraphQLSyntaxError, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import PlanningError, PlanningLimitExceeded
from gateway.planning import Planner, QueryPlan, print_plan
from gateway.supergraph import supergraph_from_sdl
from tests.gateway.planning.plan_text import supergraph_sdl

GRAPHS = [f"G{number}" for number in range(8)]


def wide_sdl() -> str:
    """Interfaces and a union whose types refer to each other in circles, each with fields in all eight subgraphs."""
    lines = []
    joins = " ".join(f'@join__type(graph: {graph}, key: "id")' for graph in GRAPHS)
    roots = " ".join(f"@join__type(graph: {graph})" for graph in GRAPHS)
    implements = " ".join(f'@join__implements(graph: {graph}, interface: "Node")' for graph in GRAPHS)
    shared = " ".join(f"@join__field(graph: {graph})" for graph in GRAPHS)
    lines.append(f"type Query {roots} {{ node: Node {shared} any: Any {shared} }}")
    lines.append(f"interface Node {roots} {{ id: ID! next: Node other: Any }}")
    names = [f"T{number}" for number in range(6)]
    members = " ".join(f'@join__unionMember(graph: {graph}, member: "{name}")' for graph in GRAPHS for name in names)
    lines.append(f"union Any {roots} {members} = {' | '.join(names)}")
    for name in names:
        own = " ".join(f"f{number}: String @join__field(graph: {graph})" for number, graph in enumerate(GRAPHS))
        lines.append(
            f"type {name} implements Node {implements} {joins} {{ id: ID! next: Node {shared} other: Any {shared} {own} }}"
        )
    return supergraph_sdl(" ".join(GRAPHS), "\n".join(lines))


SUPERGRAPH = supergraph_from_sdl(wide_sdl())
DEADLINE = 0.5  # seconds
# A stage looks at the clock again and again, but not within one step; and machines are slow and busy.
ENOUGH = 60.0


def outcome(text: str, deadline: float = DEADLINE) -> QueryPlan | str:
    """The plan, also printed, or the reason why there is none. Measured in this thread's own processor time."""
    document = parse(text)
    started = time.thread_time()
    found: QueryPlan | str
    try:
        found = Planner(SUPERGRAPH, deadline=deadline).plan(document)
        print_plan(found)
    except PlanningLimitExceeded as error:
        found = error.message
    assert time.thread_time() - started < ENOUGH
    return found


def test_conditional_fragments_that_double_at_every_level_are_refused() -> None:
    """Each level spreads the next one twice, under other conditions: 2^20 ways, but only one field."""
    variables = ", ".join(f"$v{number}: Boolean!" for number in range(20))
    fragments = [
        f"fragment F{n} on Query {{ ...F{n + 1} @include(if: $v{n}) ...F{n + 1} @include(if: $v{(n + 7) % 20}) }}"
        for n in range(20)
    ]
    text = f"query Bomb({variables}) {{ ...F0 }} {' '.join(fragments)} fragment F20 on Query {{ node {{ id }} }}"
    assert "selection sets once its fragments are spread in" in str(outcome(text, deadline=ENOUGH))


def test_deferred_fragments_that_double_at_every_level_are_refused() -> None:
    fragments = [f"fragment F{n} on Node {{ ...F{n + 1} @defer ... @defer {{ ...F{n + 1} }} }}" for n in range(30)]
    text = f"{{ node {{ ...F0 }} }} {' '.join(fragments)} fragment F30 on Node {{ id }}"
    assert "selection sets once its fragments are spread in" in str(outcome(text, deadline=ENOUGH))


def test_what_the_parser_lets_through_is_not_too_deep_for_the_planner() -> None:
    deepest = 190
    text = "{ node { " + "next { " * deepest + "id" + " }" * deepest + " } }"
    assert isinstance(outcome(text, deadline=ENOUGH), QueryPlan)
    with pytest.raises(GraphQLSyntaxError, match="nested too deeply"):
        parse("{ node { " + "next { " * 5 * deepest + "id" + " }" * 5 * deepest + " } }")


def test_every_stage_is_bound_by_the_deadline() -> None:
    """However little time there is, the refusal names the stage that had none left."""
    fields = " ".join(f"f{number}" for number in range(8))
    body = " ".join(
        f"... on T{number} {{ {fields} next {{ ... on T{number} {{ {fields} }} }} }}" for number in range(6)
    )
    document = parse(f"{{ node {{ {body} next {{ {body} }} }} any {{ {body} }} }}")
    stages = set()
    seconds = 0.001
    while True:
        try:
            Planner(SUPERGRAPH, deadline=seconds).plan(document)
            break
        except PlanningLimitExceeded as error:
            stages.add(error.message.partition("; it was ")[2].partition(".")[0])
        seconds *= 1.6
    assert stages
    assert stages <= {
        "normalizing the operation",
        "looking for ways to fetch it",
        "putting fetches together",
        "writing the plan",
    }


def test_one_hostile_operation_does_not_keep_others_waiting_longer_than_its_deadline() -> None:
    planner = Planner(SUPERGRAPH, deadline=0.2)
    body = "id"
    for _ in range(6):
        body = " ".join(f"... on T{number} {{ next {{ {body} }} f{number} }}" for number in range(6))
        if len(body) > 50_000:
            break
    hostile = parse(f"{{ node {{ {body} }} }}")
    refused: list[PlanningError] = []

    def plan_hostile() -> None:
        try:
            planner.plan(hostile)
        except PlanningError as error:
            refused.append(error)

    thread = threading.Thread(target=plan_hostile)
    thread.start()
    assert len(planner.plan(parse("{ node { id } }")).fetches) == 1
    thread.join(ENOUGH)
    assert not thread.is_alive()


CONDITIONS = st.integers(0, 19)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    depth=st.integers(1, 12),
    width=st.integers(1, 8),
    types=st.integers(1, 6),
    aliases=st.integers(1, 12),
    conditions=st.lists(CONDITIONS, min_size=1, max_size=20),
    fragments=st.booleans(),
)
def test_deep_wide_aliased_and_conditional_operations_are_planned_or_refused(
    depth: int, width: int, types: int, aliases: int, conditions: list[int], fragments: bool
) -> None:
    variables = ", ".join(f"$v{number}: Boolean!" for number in range(20))

    def condition(number: int) -> str:
        return f"@{'skip' if number % 3 else 'include'}(if: $v{conditions[number % len(conditions)]})"

    leaves = " ".join(f"a{number}: f{number % 8} {condition(number)}" for number in range(width))
    parts = []
    body = "id"
    for level in range(depth):
        inner = f"...L{level}" if fragments else body
        if fragments:
            parts.append(f"fragment L{level} on Node {{ {body} }}")
        each = " ".join(
            f"... on T{number} {condition(level + number)} {{ {leaves} n{level}: next {{ {inner} }} }}"
            for number in range(types)
        )
        body = each + " " + " ".join(f"m{number}: next {{ {inner} }}" for number in range(aliases if level == 0 else 1))
        if len(body) > 15_000:
            break
    outcome(
        f"query Hostile({variables}) {{ node {{ {body} }} unused: __typename {all_variables()} }} {' '.join(parts)}"
    )


def all_variables() -> str:
    """Every variable is used, as validation wants."""
    return " ".join(f"u{number}: __typename @include(if: $v{number})" for number in range(20))


@pytest.mark.parametrize("count", [10, 300])
def test_an_explosion_of_aliases_costs_one_field_each(count: int) -> None:
    found = outcome(
        "{ " + " ".join(f"a{number}: node {{ id next {{ id }} }}" for number in range(count)) + " }", ENOUGH
    )
    assert isinstance(found, QueryPlan)
    assert len(found.fetches) == 1
