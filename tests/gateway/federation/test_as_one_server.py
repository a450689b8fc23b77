"""Where gateways are known to go wrong: each case is answered as one server with all the data answers it (see depot.py)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from graphql import build_schema, execute_sync, get_introspection_query, graphql_sync, parse

from gateway.execution import Executor, InvalidVariables, RequestContext
from gateway.transport import DispatchingTransport, SubgraphRequest
from gateway.transport.dispatch import AnswerCallback, Cancellable
from tests.gateway.federation.depot import CATALOGUE, WHOLE, WHOLE_SDL, Depot
from tests.gateway.federation.harness import Federation, Fixture, Row


async def test_a_requirement_of_a_requirement_leads_back_to_the_first_subgraph() -> None:
    """total (catalogue) <- insured (depot) <- weight (catalogue) and price (billing): back again, and a second branch."""
    async with Depot() as depot:
        await depot.agrees("{ items { total } }")
        assert [fetch.subgraph_name for fetch in depot.plan("{ items { total } }").fetches] == [
            "catalogue",
            "billing",
            "depot",
            "catalogue",
        ]
        await depot.agrees("{ items { total insured freight price weight title } }")


async def test_objects_in_nested_lists_inside_a_field_set() -> None:
    async with Depot() as depot:
        await depot.agrees("{ items { packing } }")
        await depot.agrees("{ items { packing parts { grams } } }")


async def test_required_arguments_and_the_clients_arguments_on_the_same_field() -> None:
    async with Depot() as depot:
        await depot.agrees("{ items { label size } }")
        await depot.agrees("{ items { label size(unit: CM) mm: size(unit: MM) } }")
        await depot.agrees("query ($unit: Unit) { items { size(unit: $unit) label } }", {"unit": "CM"})
        await depot.agrees("query ($unit: Unit = MM) { items { size(unit: $unit) label } }")


@pytest.mark.parametrize("yes", [True, False])
async def test_conditions_on_a_field_with_requirements(yes: bool) -> None:
    text = """query ($yes: Boolean!) { items {
        freight @include(if: $yes) insured @skip(if: $yes) ... @include(if: $yes) { total } weight @skip(if: $yes) } }"""
    async with Depot() as depot:
        await depot.agrees(text, {"yes": yes})


@pytest.mark.parametrize("yes", [True, False])
async def test_conditions_that_contradict_each_other_on_different_levels(yes: bool) -> None:
    """What can never be selected must not leave an empty selection, or representations for nothing, in a shared request."""
    text = """query ($yes: Boolean!) { items @include(if: $yes) { freight maker @skip(if: $yes) { street } }
        things { ... on Item @include(if: $yes) { maker { ... @skip(if: $yes) { staff name } country { code } } } } }"""
    async with Depot() as depot:
        await depot.agrees(text, {"yes": yes})


@pytest.mark.parametrize(("a", "b"), [(True, True), (True, False), (False, True), (False, False)])
async def test_the_same_response_name_twice_under_different_conditions(a: bool, b: bool) -> None:
    text = """query ($a: Boolean!, $b: Boolean!) { items {
        n: insured @include(if: $a) n: insured @include(if: $b)
        maker @include(if: $a) { name } maker @include(if: $b) { street number } ... @skip(if: $a) { freight } freight @skip(if: $b) } }"""
    async with Depot() as depot:
        await depot.agrees(text, {"a": a, "b": b})


@pytest.mark.parametrize("skipped", [True, False])
async def test_what_is_required_of_an_object_that_the_client_skips_is_fetched_all_the_same(skipped: bool) -> None:
    """Both use the same place in the tree, but what the skipped selection requires below is not there."""
    left = Fixture(
        "left",
        """type Query { box: Box } type Box @key(fields: "id") { id: ID! thing: Thing }
        type Thing @key(fields: "id") { id: ID! weight: Int }""",
        rows={"Box": [{"id": "b", "thing": {"id": "t", "weight": 4}}], "Thing": [{"id": "t", "weight": 4}]},
        roots={"box": {"id": "b", "thing": {"id": "t", "weight": 4}}},
    )
    right = Fixture(
        "right",
        """type Box @key(fields: "id") { id: ID! thing: Thing @external sum: String @requires(fields: "thing { code }") }
        type Thing @key(fields: "id") { id: ID! code: String weight: Int @external twice: Int @requires(fields: "weight") }""",
        rows={"Thing": [{"id": "t", "code": "T"}]},
        fields={"Box.sum": lambda row: row["thing"]["code"] + "!", "Thing.twice": lambda row: row["weight"] * 2},
    )
    whole = Fixture(
        "whole",
        """type Query { box: Box } type Box { id: ID! thing: Thing sum: String }
        type Thing { id: ID! weight: Int code: String twice: Int }""",
        roots={"box": {"id": "b", "sum": "T!", "thing": {"id": "t", "weight": 4, "code": "T", "twice": 8}}},
    )
    text = "query ($skipped: Boolean!) { box { thing @skip(if: $skipped) { twice } sum } }"
    expected = execute_sync(whole.schema(), parse(text), variable_values={"skipped": skipped})
    async with Federation(left, right) as graph:
        assert await graph.answer(text, {"skipped": skipped}) == {"data": expected.data}


async def test_a_fragment_on_an_object_inside_one_on_an_interface() -> None:
    async with Depot() as depot:
        await depot.agrees("{ found { ... on Thing { ... on Item { freight } } } }")
        await depot.agrees("{ found { ... on Thing { id ... on Item { total } ... on Gift { pages score } } } }")
        await depot.agrees("{ things { ... on Item { ... on Thing { ... on Item { insured } } } } }")


async def test_aliases_that_hide_keys_and_required_fields() -> None:
    async with Depot() as depot:
        await depot.agrees("{ items { id: title weight: id freight } }")
        await depot.agrees("{ items { price: title weight: stamp parts: weight insured packing } }")
        await depot.agrees("{ items { maker { id: name country: street number: id staff } } }")
        await depot.agrees("{ things { __typename: id score ... on Gift { id: pages } } }")


async def test_fields_of_an_interface_object_beside_a_fragment_on_one_implementation() -> None:
    async with Depot() as depot:
        await depot.agrees("{ things { score rated ... on Gift { message pages } } }")
        await depot.agrees("{ things { ... on Item { score freight } title } }")
        await depot.agrees("{ found { ... on Thing { rated } ... on Item { rated score } } items { rated } }")


async def test_mutations_that_return_entities_with_requirements() -> None:
    async with Depot() as depot:
        await depot.agrees(
            'mutation { addItem(input: {title: "x"}) { id total stamp } other: touch(id: "1") { packing } }'
        )
        await depot.agrees('mutation { touch(id: "2") { insured maker { street } } none: touch(id: "9") { freight } }')


async def test_composite_and_nested_keys_in_chains() -> None:
    async with Depot() as depot:
        await depot.agrees("{ items { maker { street staff } } }")
        text = "{ items { maker { street } } }"
        assert [fetch.subgraph_name for fetch in depot.plan(text).fetches] == ["catalogue", "directory", "offices"]


async def test_lists_of_lists_from_two_subgraphs_with_errors_inside() -> None:
    async with Depot() as depot:
        data = await depot.agrees("{ grid { a b } }")
        assert data["grid"][0] == [{"a": 1, "b": 10}, None, {"a": 2, "b": None}]


async def test_null_entities_in_the_middle_of_a_list() -> None:
    async with Depot() as depot:
        await depot.agrees("{ items { id freight maker { name } } things { id score } }")
        await depot.agrees('{ item(id: "nowhere") { freight maker { street } } }')


async def test_arguments_from_a_context() -> None:
    async with Depot() as depot:
        await depot.agrees("{ shelves { items { id weighed } } }")
        await depot.agrees("{ shelves { unit: id items { weighed again: weighed } } }")


async def test_shared_root_fields() -> None:
    async with Depot() as depot:
        await depot.agrees("{ shared { left right both } }")
        await depot.agrees("{ a: shared { right } b: shared { left } }")


async def test_type_name_questions() -> None:
    async with Depot() as depot:
        text = """{ __typename q: __typename things { __typename t: __typename } found { __typename ... on Thing { k: __typename score } }
            items { __typename maker { __typename country { __typename } } } shared { __typename } grid { __typename b } }"""
        await depot.agrees(text)
        await depot.agrees('mutation { __typename touch(id: "1") { __typename } }')


async def test_introspection_is_that_of_the_api_schema() -> None:
    text = get_introspection_query(descriptions=False)
    async with Depot() as depot:
        answer = await depot.federation.answer(text)
    expected: Any = graphql_sync(build_schema(WHOLE_SDL), text).data
    assert _by_name(answer["data"]["__schema"]["types"]) == _by_name(expected["__schema"]["types"])
    text = '{ __type(name: "Item") { name fields { name } } items { id } missing: __type(name: "Nothing") { name } }'
    async with Depot() as depot:
        data = await depot.federation.data(text)
    assert data["missing"] is None
    assert sorted(one["name"] for one in data["__type"]["fields"]) == sorted(
        one["name"] for type_ in expected["__schema"]["types"] if type_["name"] == "Item" for one in type_["fields"]
    )


def _by_name(types: list[Row]) -> dict[str, Any]:
    """Types by name, with their members in no order."""

    def sorted_by_name(value: Any) -> Any:
        if isinstance(value, list):
            items = [sorted_by_name(item) for item in value]
            return sorted(items, key=lambda item: str(item.get("name")) if isinstance(item, dict) else str(item))
        if isinstance(value, dict):
            return {key: sorted_by_name(item) for key, item in value.items()}
        return value

    return {type_["name"]: sorted_by_name(type_) for type_ in types}


async def test_custom_scalars_travel_as_they_are() -> None:
    async with Depot() as depot:
        await depot.agrees("{ items { stamp when: stamp } }")


async def test_input_coercion() -> None:
    async with Depot() as depot:
        await depot.agrees('{ count(filter: { words: "one" }) }')
        text = "query ($filter: Filter!) { count(filter: $filter) }"
        await depot.agrees(text, {"filter": {"words": ["a", "b"], "most": 1}})
        await depot.agrees(text, {"filter": {"words": "a"}})
        await depot.agrees(
            "query ($words: [String!]!, $most: Int! = 4) { count(filter: {words: $words, most: $most}) }",
            {"words": ["a"]},
        )
        await depot.agrees(
            "mutation ($input: NewItem!) { addItem(input: $input) { stamp } }", {"input": {"title": "t"}}
        )


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"filter": None},
        {"filter": {"words": None}},
        {"filter": {"words": ["a", 1]}},
        {"filter": {"words": [], "least": 1}},
    ],
)
async def test_input_that_does_not_fit_is_refused_in_the_words_of_graphql(variables: Row) -> None:
    text = "query ($filter: Filter!) { count(filter: $filter) }"
    expected = execute_sync(WHOLE.schema(), parse(text), variable_values=variables)
    assert expected.errors
    async with Depot() as depot:
        with pytest.raises(InvalidVariables) as refused:
            await depot.federation.answer(text, variables)
        assert [error.message for error in refused.value.errors] == [error.message for error in expected.errors]
        assert depot.federation.asked() == {}


async def test_null_propagation_across_subgraphs() -> None:
    async with Depot() as depot:
        await depot.agrees("{ items { id must } }")
        await depot.agrees("{ items { id nested { id must } } shelves { id } }")
        await depot.agrees('{ item(id: "2") { title nested { nested { must } } } }')


@pytest.mark.parametrize("label", ["percent(50)", "beta"])
async def test_a_progressive_override_moves_a_field_and_what_it_requires(label: str) -> None:
    rows: list[Row] = [{"id": "1", "price": 5}]
    old = Fixture(
        "old",
        """type Query { items: [Item] } type Item @key(fields: "id") { id: ID! price: Int tax: Int }""",
        rows={"Item": [{**rows[0], "tax": 10}]},
        roots={"items": [{**rows[0], "tax": 10}]},
    )
    new = Fixture(
        "new",
        f"""type Item @key(fields: "id") {{ id: ID! price: Int @external
          tax: Int @requires(fields: "price") @override(from: "old", label: "{label}") }}""",
        fields={"Item.tax": lambda row: row["price"] * 2},
    )
    async with Federation(old, new) as shop:
        for labels, asked in (((), {"old": 1}), ((label,), {"old": 1, "new": 1})):
            for requests in shop.requests.values():
                requests.clear()
            assert await shop.data("{ items { tax price } }", labels=labels) == {"items": [{"tax": 10, "price": 5}]}
            assert shop.asked() == asked


class _Source(DispatchingTransport):
    """A subgraph whose subscriptions are answered from a list of root values; everything else goes to the real one."""

    def __init__(self, inner: DispatchingTransport, fixture: Fixture, events: list[Row]) -> None:
        self._inner = inner
        self._schema = fixture.schema()
        self._events = events

    def dispatch(self, request: SubgraphRequest, on_outcome: AnswerCallback) -> Cancellable:
        return self._inner.dispatch(request, on_outcome)

    async def subscribe(self, request: SubgraphRequest) -> AsyncIterator[bytes]:
        body = orjson.loads(request.body)
        # Executing the selections as a query is what happens on each event.
        text = body["query"].replace("subscription", "query", 1)
        for event in self._events:
            schema = self._schema
            assert schema.query_type is not None
            assert schema.subscription_type is not None
            field = schema.subscription_type.fields["changed"]
            schema.query_type.fields["changed"] = field
            field.resolve = lambda *_, event=event, **__: event
            result = execute_sync(schema, parse(text), variable_values=body.get("variables"))
            yield orjson.dumps(result.formatted)

    async def aclose(self) -> None:
        await self._inner.aclose()


async def test_each_event_of_a_subscription_is_completed_by_the_other_subgraphs() -> None:
    selections = "{ id title freight total score maker { street } must }"
    async with Depot() as depot:
        federation = depot.federation
        events = [{"__typename": "Item", "id": item} for item in ("1", "2", "3")]
        rows = {row["id"]: row for row in CATALOGUE.rows["Item"]}
        source = _Source(federation.transports["catalogue"], CATALOGUE, [rows[event["id"]] for event in events])
        executor = Executor({**federation.transports, "catalogue": source})
        prepared = federation.cache.prepare(f"subscription {{ changed {selections} }}")
        answers = [
            orjson.loads(result.to_bytes()) async for result in executor.subscribe(prepared, None, RequestContext())
        ]
        expected = [depot.expected(f'{{ changed: item(id: "{event["id"]}") {selections} }}') for event in events]
        assert [answer["data"] for answer in answers] == [one["data"] for one in expected]
        assert [sorted(str(error["path"]) for error in answer.get("errors", ())) for answer in answers] == [
            one["errors"] for one in expected
        ]
