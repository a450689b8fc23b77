"""Limits before work: each refuses one step past its bound, in time, and without a request to a subgraph."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from graphql import get_introspection_query, is_object_type, parse

from gateway.server.cost import CostModel
from gateway.server.limits import OperationLimits
from gateway.server.refusals import LimitExceeded
from gateway.server.settings_safety import LimitMode, LimitSettings
from gateway.supergraph import supergraph_from_sdl
from tests.gateway.server.conftest import Gateway, StartGateway
from tests.gateway.server.subgraph import SUPERGRAPH, PeopleSubgraph

OFF = {"mode": "off", "max": 0}
LIMITS = (
    "characters",
    "tokens",
    "comments",
    "depth",
    "aliases",
    "root_fields",
    "directives",
    "duplicate_fields",
    "cost",
    "guessed_cost",
)
ALL_OFF = dict.fromkeys(LIMITS, OFF)


def limits(**settings: Any) -> OperationLimits:
    chosen = {name: {"max": value} for name, value in settings.items()}
    return OperationLimits(LimitSettings.model_validate({**ALL_OFF, **chosen}))


def refused_limit(checked: OperationLimits, text: str) -> str | None:
    try:
        checked.check_text(text)
        checked.check_document(parse(text))
    except LimitExceeded as error:
        return error.limit
    return None


@pytest.mark.parametrize(
    ("name", "bound", "fits", "too_much"),
    [
        ("characters", 10, "{ aaaaaa }", "{ aaaaaaa }"),
        ("tokens", 6, "{ a b c d }", "{ a b c d e }"),
        ("comments", 2, "# a\n# b\n{ a }", "# a\n# b\n# c\n{ a }"),
        ("depth", 2, "{ a { b } }", "{ a { b { c } } }"),
        ("depth", 2, "{ ...F } fragment F on Q { a { b } }", "{ a { ...F } } fragment F on Q { b { c } }"),
        ("aliases", 2, "{ x: a y: a }", "{ x: a y: a z: a }"),
        ("aliases", 1, "{ x: __typename y: __typename }", "{ x: a ...F } fragment F on Q { y: a }"),
        ("root_fields", 2, "{ a b { c d e } }", "{ a ... { b c } }"),
        ("directives", 1, "{ a @x }", "{ a @x b @x }"),
        ("directives", 1, "query @x { a }", "query @x { a ... @x { b } }"),
        ("duplicate_fields", 1, "{ a a }", "{ a a a }"),
        ("duplicate_fields", 0, "{ " + "__typename " * 30 + "}", "{ " + "__typename " * 31 + "}"),
    ],
)
def test_a_limit_refuses_one_step_past_its_bound(name: str, bound: int, fits: str, too_much: str) -> None:
    checked = limits(**{name: bound})
    assert refused_limit(checked, fits) is None
    assert refused_limit(checked, too_much) == name


def test_what_stands_in_strings_and_comments_are_no_tokens() -> None:
    text = '{ a(b: "x y z # no comment", c: """ a "quoted" \\""" b """) } # one two three'
    assert refused_limit(limits(tokens=11), text) is None
    assert refused_limit(limits(tokens=10), text) == "tokens"
    assert refused_limit(limits(comments=1), text) is None


def test_fragments_that_multiply_are_refused_at_once() -> None:
    fragments = "\n".join(f"fragment F{n} on Q {{ a {{ ...F{n + 1} }} b {{ ...F{n + 1} }} }}" for n in range(40))
    text = f"{{ ...F0 }} {fragments} fragment F40 on Q {{ a }}"
    started = time.process_time()
    assert refused_limit(limits(), text) == "fields"
    # Written out they are 2^40 fields; `./just soak` measures how long it takes.
    assert time.process_time() - started < 30


def test_measuring_lets_through_and_tells() -> None:
    told = []
    settings = LimitSettings.model_validate({**ALL_OFF, "depth": {"max": 1, "mode": "measure"}})
    checked = OperationLimits(settings, lambda name, mode: told.append((name, mode)))
    assert refused_limit(checked, "{ a { b } }") is None
    assert told == [("depth", LimitMode.MEASURE)]


MODEL = CostModel(parse(SUPERGRAPH), {"query": "Query", "mutation": "Mutation"}, assumed_list_size=10)


@pytest.mark.parametrize(
    ("text", "variables", "cost"),
    [
        ("{ hello }", {}, 0),
        ("{ people { name } }", {}, 3),
        ("{ people(first: 5) { name } }", {}, 5),
        ("{ people(first: 5) { friends(first: 4) { name } } }", {}, 5 * (1 + 4)),
        ("query($n: Int!) { people(first: $n) { name } }", {"n": 7}, 7),
        ("query($n: Int!) { people(first: $n) { name } }", {"n": -7}, 0),
        ("query($n: Int) { people(first: $n) { name } }", {}, 3),
        ("query($n: Int) { people(first: $n) { name } }", {"n": None}, 10),
        ("query($n: Int = 500) { people(first: $n) { name } }", {}, 500),
        ("query($n: Int = 500) { people(first: $n) { name } }", {"n": 2}, 2),
        ("query($n: Int!) { people(first: $n) { name } }", {"n": 500.0}, 500),
        ("{ expensive }", {}, 1000),
        ("{ a: expensive b: expensive }", {}, 2000),
        ("{ ...F ...F } fragment F on Query { expensive }", {}, 2000),
        ("{ ... on Query { people(first: 2) { id } } }", {}, 2),
        ('mutation { rename(id: "1", name: "x") { name } }', {}, 11),
        ("{ __typename __schema { types { name } } }", {}, 0),
    ],
)
def test_the_static_cost_of_an_operation(text: str, variables: dict[str, Any], cost: int) -> None:
    formula = MODEL.formula(parse(text), None)
    assert (formula if isinstance(formula, int) else formula(variables)) == cost
    assert isinstance(formula, int) is ("$" not in text)


def typenames(count: int, directive: str = "") -> str:
    """4 tokens for each and the directive's, on nine levels that are 74 tokens without them."""
    inner = ""
    for level in range(9):
        share = count // 9 + (level < count % 9)
        opening = "people(first: 0)" if level == 8 else "friends(first: 0)"
        inner = f"{opening} {{ {f'...{directive} {{ __typename }} ' * share}{inner} }}"
    return f"{{ {inner} }}"


CONNECTIONS = CostModel(
    parse("""
        type Query { people(first: Int = 20, after: String): PersonConnection! all: [Person!]! }
        type PersonConnection { edges: [PersonEdge!]! pageInfo: PageInfo! tags: [Tag!]! }
        type PersonEdge { node: Person! }
        type PageInfo { hasNextPage: Boolean! }
        type Person { name: String! }
        type Tag { name: String! }
    """),
    {"query": "Query"},
    assumed_list_size=10,
)


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("{ people(first: 5) { edges { node { name } } pageInfo { hasNextPage } } }", 1 + 5 * 2 + 1),
        ("{ people { edges { node { name } } } }", 1 + 20 * 2),
        ("{ people(first: 5) { tags { name } } }", 1 + 10),
        ("{ all { name } }", 10),
    ],
)
def test_where_nothing_is_declared_pages_are_as_long_as_is_asked_for(text: str, cost: int) -> None:
    assert CONNECTIONS.formula(parse(text), None) == cost


def nested(levels: int) -> str:
    """`levels` fields, one in the other, over two fragments."""
    inner = "friends(first: 0) { " * (levels - 3) + "id" + " }" * (levels - 3)
    return f"{{ people(first: 0) {{ ...F }} }} fragment F on Person {{ friends(first: 0) {{ {inner} }} }}"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("limit", "fits", "too_much"),
    [
        ("aliases", " ".join(f"a{n}: hello" for n in range(15)), " ".join(f"a{n}: hello" for n in range(16))),
        ("tokens", typenames(231), typenames(232)),  # 998, 1 002
        ("characters", '#"' + "x" * 14_900 + "\n hello", '#"' + "x" * 15_000 + "\n hello"),
        ("comments", "#\n" * 1_000 + "hello", "#\n" * 1_001 + "hello"),
        ("depth", nested(10), nested(11)),
        ("root_fields", "hello " * 20, "hello " * 21),
        ("directives", typenames(50, " @include(if: true)"), typenames(51, " @include(if: true)")),
        ("duplicate_fields", "__typename people { " + "id " * 101 + "}", "__typename people { " + "id " * 102 + "}"),
        ("cost", "people(first: 5000) { id }", "people(first: 5001) { id }"),
    ],
)
async def test_the_default_limits_are_those_that_are_promised(
    gateway: Gateway, people: PeopleSubgraph, limit: str, fits: str, too_much: str
) -> None:
    """R1 to R9, over HTTP: what fits is answered; what does not has status 400 and costs no subgraph anything."""

    async def ask(text: str) -> tuple[int, Any]:
        query = text if text.startswith("{") else f"{{ {text} }}"
        async with gateway.client.post(f"{gateway.url}/graphql", json={"query": query}) as response:
            return response.status, await response.json()

    status, answer = await ask(fits)
    assert status == 200, answer
    before = people.requests
    status, answer = await ask(too_much)
    assert status == 400
    assert answer["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": limit}
    assert people.requests == before


@pytest.mark.asyncio(loop_scope="module")
async def test_the_introspection_of_common_tools_is_within_the_default_limits(gateway: Gateway) -> None:
    text = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
    )
    answer = await gateway.post(text)
    assert answer["data"]["__schema"]["queryType"]["name"] == "Query"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_measured_limit_is_counted_in_a_metric(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(limits={"aliases": {"max": 0, "mode": "measure"}})
    assert await gateway.post("{ a: hello }") == {"data": {"a": "hello world"}}
    assert await gateway.metric('gateway_limit_exceeded_total{limit="aliases",mode="measure"}') == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_the_cost_is_told_on_request_and_refused_by_variables(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(limits={"cost": {"max": 20}})
    query = "query($n: Int!) { people(first: $n) { name } }"
    answer = await gateway.post(query, {"n": 2}, headers={"gateway-cost": "include"})
    assert answer["extensions"] == {"cost": 2}
    assert "extensions" not in await gateway.post(query, {"n": 2})
    answer = await gateway.post(query, {"n": 21})
    assert answer["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": "cost"}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_supergraph_that_says_nothing_of_costs_is_bounded_too(start_gateway: StartGateway) -> None:
    undeclared = SUPERGRAPH.replace('@listSize(slicingArguments: ["first"])', "").replace("@cost(weight: 1000)", "")
    gateway = await start_gateway(supergraph=undeclared, limits={"guessed_cost": {"max": 20}})
    assert "data" in await gateway.post("{ people(first: 4) { friends(first: 4) { name } } }")
    answer = await gateway.post("{ people(first: 4) { friends(first: 5) { name } } }")
    assert answer["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": "guessed_cost"}
    measuring = await start_gateway(supergraph=undeclared, limits={"guessed_cost": {"max": 20, "mode": "measure"}})
    assert "data" in await measuring.post("{ people(first: 4) { friends(first: 5) { name } } }")
    assert await measuring.metric('gateway_limit_exceeded_total{limit="guessed_cost",mode="measure"}') == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_production_hides_introspection_explorer_plans_and_suggestions(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(production=True)
    answer = await gateway.post("{ __schema { types { name } } }")
    assert answer["errors"][0]["extensions"]["code"] == "INTROSPECTION_DISABLED"
    assert await gateway.post("{ __typename }") == {"data": {"__typename": "Query"}}
    for typo in ("{ helo }", "{ people { nam } }", '{ hello(nme: "x") }'):
        answer = await gateway.post(typo)
        assert "Did you mean" not in answer["errors"][0]["message"]
    answer = await gateway.post("{ hello }", headers={"gateway-query-plan": "include"})
    assert "extensions" not in answer
    async with gateway.client.get(f"{gateway.url}/graphql", headers={"accept": "text/html"}) as response:
        assert response.status != 200
    answer = await gateway.post("{ broken }")
    assert "secret" not in str(answer)


@pytest.mark.asyncio(loop_scope="module")
async def test_production_suggests_no_name_of_a_whole_schema(start_gateway: StartGateway) -> None:
    text = (Path(__file__).parents[3] / "schema" / "supergraph.graphql").read_text(encoding="utf-8")
    schema = supergraph_from_sdl(text).api_schema
    gateway: Gateway = await start_gateway(supergraph=text, production=True, limits={"root_fields": OFF})
    asked = 0
    for kind in schema.type_map.values():
        if not is_object_type(kind) or kind.name.startswith("__"):
            continue
        # Every name but for its last letter; an argument and a type in the same way.
        typos = " ".join(f"{name[:-1]}Q" for name in list(kind.fields)[:200])
        query = f"query($v: {kind.name[:-1]}Q) {{ __typename(a: $v) ...F }} fragment F on {kind.name} {{ {typos} }}"
        answer = await gateway.post(query)
        asked += len(kind.fields)
        assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        assert "Did you mean" not in str(answer)
        assert "Traceback" not in str(answer)
    assert asked > 300
    development: Gateway = await start_gateway(supergraph=text)
    assert "Did you mean" in str(await development.post("{ questionz }"))


@pytest.mark.asyncio(loop_scope="module")
async def test_circular_introspection_is_refused(gateway: Gateway) -> None:
    query = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
    answer = await gateway.post(query)
    assert "Maximum introspection depth" in answer["errors"][0]["message"]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_plan_is_told_on_request(gateway: Gateway, people: PeopleSubgraph) -> None:
    answer = await gateway.post("{ hello }", headers={"gateway-query-plan": "include"})
    assert answer["data"] == {"hello": "hello world"}
    (fetch,) = answer["extensions"]["queryPlan"]["fetches"]
    assert (fetch["subgraph"], fetch["startedMs"]) == ("people", 0)
    assert fetch["tookMs"] > 0
    before = people.requests
    answer = await gateway.post("{ hello }", headers={"gateway-query-plan": "dry-run"})
    assert answer["data"] is None
    assert answer["extensions"]["queryPlan"]["fetches"][0]["document"].startswith(("{", "query"))
    assert people.requests == before


@pytest.mark.asyncio(loop_scope="module")
async def test_an_operation_that_takes_too_long_to_plan_is_refused_as_by_any_limit(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(limits={"planning_time": 1e-9}, production=True)
    async with gateway.client.post(f"{gateway.url}/graphql", json={"query": "{ hello }"}) as response:
        assert response.status == 400
        answer = await response.json()
    assert answer["errors"][0]["extensions"] == {"code": "PLANNING_LIMIT_EXCEEDED"}
