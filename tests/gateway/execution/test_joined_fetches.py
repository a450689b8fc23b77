"""Fetches of one subgraph that become ready in the same turn of the event loop are one request; no fetch waits longer than that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.execution import ExecutionSettings, FetchEvent, RequestContext
from gateway.planning.query_plan import Condition, FetchNode, QueryPlan
from gateway.server.plan_extension import plan_extension
from gateway.transport import MockAnswer, MockTransport
from tests.gateway.execution.plans import answer_of, entity_fetch, plan_of, root_fetch, run_plan

ITEMS = {"data": {"items": [{"id": "1"}, {"id": "2"}]}}
ITEM = {"data": {"item": {"id": "2"}}}


def two_chains(first: str, second: str) -> QueryPlan:
    """`items` and `item` come from two subgraphs, and both need something of `stocks`."""
    return plan_of(
        f"{{ items {{ id {first} }} item {{ id {second} }} }}",
        root_fetch(0, "first", "{items{id}}"),
        root_fetch(1, "second", "{item{id}}"),
        entity_fetch(2, "stocks", first, ("items.@",), 0),
        entity_fetch(3, "stocks", second, ("item",), 1),
    )


def stocks(*answers: Any) -> dict[str, MockTransport]:
    return {"first": MockTransport([ITEMS]), "second": MockTransport([ITEM]), "stocks": MockTransport(list(answers))}


async def test_fetches_that_ask_the_same_share_one_field_and_ask_for_each_entity_once() -> None:
    transports = stocks({"data": {"_e0": [{"stock": 10}, {"stock": 20}]}})
    result = await run_plan(two_chains("stock", "stock"), transports)
    assert transports["stocks"].bodies == [
        {
            "query": "query($representations_0:[_Any!]!){"
            "_e0:_entities(representations:$representations_0){...on Item{stock}}}",
            "variables": {"representations_0": [{"__typename": "Item", "id": "1"}, {"__typename": "Item", "id": "2"}]},
        }
    ]
    assert answer_of(result) == {
        "data": {"items": [{"id": "1", "stock": 10}, {"id": "2", "stock": 20}], "item": {"id": "2", "stock": 20}}
    }


async def test_whoever_is_told_of_fetches_is_told_which_were_one_request() -> None:
    events: list[FetchEvent] = []
    transports = stocks({"data": {"_e0": [{"stock": 10}, {"stock": 20}]}})
    await run_plan(two_chains("stock", "stock"), transports, context=RequestContext(on_fetch=events.append))
    assert sorted((event.subgraph_name, event.fetch_id, event.joined_ids) for event in events) == [
        ("first", 0, ()),
        ("second", 1, ()),
        ("stocks", 2, (3,)),
    ]
    joined = plan_extension(two_chains("stock", "stock"), events)["fetches"][2:]
    assert [fetch["sentWith"] for fetch in joined] == [[3], [2]]
    assert joined[0]["tookMs"] == joined[1]["tookMs"]


async def test_fetches_that_ask_something_else_stand_side_by_side_under_aliases() -> None:
    transports = stocks({"data": {"_e0": [{"stock": 10}, {"stock": 20}], "_e1": [{"name": "two"}]}})
    result = await run_plan(two_chains("stock", "name"), transports)
    assert transports["stocks"].bodies == [
        {
            "query": "query($representations_0:[_Any!]!$representations_1:[_Any!]!){"
            "_e0:_entities(representations:$representations_0){...on Item{stock}}"
            "_e1:_entities(representations:$representations_1){...on Item{name}}}",
            "variables": {
                "representations_0": [{"__typename": "Item", "id": "1"}, {"__typename": "Item", "id": "2"}],
                "representations_1": [{"__typename": "Item", "id": "2"}],
            },
        }
    ]
    assert answer_of(result) == {
        "data": {"items": [{"id": "1", "stock": 10}, {"id": "2", "stock": 20}], "item": {"id": "2", "name": "two"}}
    }


async def test_what_is_ready_earlier_is_not_held_up() -> None:
    transports = stocks(
        {"data": {"_entities": [{"stock": 10}, {"stock": 20}]}}, {"data": {"_entities": [{"stock": 20}]}}
    )
    # However slow the machine: what is ready is sent before the event loop looks at its timers again.
    transports["second"] = MockTransport([MockAnswer(ITEM, delay=0.01)])
    result = await run_plan(two_chains("stock", "stock"), transports)
    assert answer_of(result)["data"]["item"] == {"id": "2", "stock": 20}
    assert [len(body["variables"]["r"]) for body in transports["stocks"].bodies] == [2, 1]


async def test_conditions_names_and_variables_of_all_parts_are_kept() -> None:
    plan = two_chains("stock", "name")
    first, second = plan.fetches[2], plan.fetches[3]
    document = "query Shop__stocks__2($r:[_Any!]!,$no:Boolean!){...@skip(if:$no){_entities(representations:$r){...on Item{stock}}}}"
    other = (
        "query Shop__stocks__3($r:[_Any!]!,$n:Int=1){_entities(representations:$r){...on Item{name near(n:$n){id}}}}"
    )
    first = replace(first, document=document, operation_name="Shop__stocks__2", variable_names=("no",))
    second = replace(second, document=other, operation_name="Shop__stocks__3", variable_names=("n",))
    plan = replace(plan, fetches=(*plan.fetches[:2], first, second))
    transports = stocks({"data": {"_e0": [{"stock": 10}, {"stock": 20}], "_e1": [{"name": "two", "near": []}]}})
    await run_plan(plan, transports, variables={"no": False, "n": 2}, definitions="$no: Boolean!, $n: Int")
    assert transports["stocks"].bodies == [
        {
            "query": "query Shop__stocks__2_3($representations_0:[_Any!]!$representations_1:[_Any!]!$no:Boolean!$n:Int=1){"
            "...@skip(if:$no){_e0:_entities(representations:$representations_0){...on Item{stock}}}"
            "_e1:_entities(representations:$representations_1){...on Item{name near(n:$n){id}}}}",
            "operationName": "Shop__stocks__2_3",
            "variables": {
                "representations_0": [{"__typename": "Item", "id": "1"}, {"__typename": "Item", "id": "2"}],
                "representations_1": [{"__typename": "Item", "id": "2"}],
                "no": False,
                "n": 2,
            },
        }
    ]


async def test_a_field_under_alternatives_of_conditions_is_one_field() -> None:
    """Whichever alternative holds brings its answer; the others, which are not answered, do not take it away."""
    plan = two_chains("stock", "name")
    alternatives = (
        "query($r:[_Any!]!,$a:Boolean!,$b:Boolean!){...@include(if:$a){_entities(representations:$r){...on Item{stock}}}"
        " ...@include(if:$b){_entities(representations:$r){...on Item{stock}}}}"
    )
    plain = (
        "query($r:[_Any!]!,$a:Boolean!,$b:Boolean!){_entities(representations:$r)@include(if:$a){...on Item{name}}"
        " _entities(representations:$r)@include(if:$b){...on Item{name}}}"
    )
    first = replace(plan.fetches[2], document=alternatives, variable_names=("a", "b"))
    second = replace(plan.fetches[3], document=plain, variable_names=("a", "b"))
    plan = replace(plan, fetches=(*plan.fetches[:2], first, second))
    for variables in ({"a": True, "b": False}, {"a": False, "b": True}, {"a": True, "b": True}):
        transports = stocks({"data": {"_e0": [{"stock": 10}, {"stock": 20}], "_e1": [{"name": "two"}]}})
        result = await run_plan(plan, transports, variables=variables, definitions="$a: Boolean!, $b: Boolean!")
        assert answer_of(result) == {
            "data": {"items": [{"id": "1", "stock": 10}, {"id": "2", "stock": 20}], "item": {"id": "2", "name": "two"}}
        }


async def test_variables_of_the_client_may_be_called_like_ours() -> None:
    plan = two_chains("stock", "name")
    document = "query($r:[_Any!]!,$representations_0:Int){_entities(representations:$r){...on Item{near(n:$representations_0){id}}}}"
    second = replace(plan.fetches[3], document=document, variable_names=("representations_0",))
    transports = stocks({"data": {"_e0": [{"stock": 10}, {"stock": 20}], "_e1": [{"near": []}]}})
    await run_plan(
        replace(plan, fetches=(*plan.fetches[:3], second)),
        transports,
        variables={"representations_0": 7},
        definitions="$representations_0: Int",
    )
    [body] = transports["stocks"].bodies
    assert body["variables"] == {
        "_representations_0": [{"__typename": "Item", "id": "1"}, {"__typename": "Item", "id": "2"}],
        "_representations_1": [{"__typename": "Item", "id": "2"}],
        "representations_0": 7,
    }
    assert "near(n:$representations_0)" in body["query"]


async def test_a_part_whose_condition_does_not_hold_is_not_asked_for() -> None:
    plan = two_chains("stock", "name")
    left_out = replace(plan.fetches[3], conditions=((Condition("no", negated=True),),))
    plan = replace(plan, fetches=(*plan.fetches[:3], left_out))
    transports = stocks({"data": {"_entities": [{"stock": 10}, {"stock": 20}]}})
    await run_plan(plan, transports, variables={"no": True}, definitions="$no: Boolean!")
    assert [body["query"] for body in transports["stocks"].bodies] == [plan.fetches[2].document]


async def test_errors_stand_at_the_places_of_their_own_part() -> None:
    error = {"message": "gone", "path": ["_e0", 1, "stock"]}
    transports = stocks({"data": {"_e0": [{"stock": 10}, {"stock": None}]}, "errors": [error]})
    answer = answer_of(await run_plan(two_chains("stock", "stock"), transports))
    assert [error["path"] for error in answer["errors"]] == [["items", 1, "stock"], ["item", "stock"]]
    error = {"message": "gone", "path": ["_e1", 0, "name"]}
    transports = stocks({"data": {"_e0": [{"stock": 10}, None], "_e1": [{"name": None}]}, "errors": [error]})
    answer = answer_of(await run_plan(two_chains("stock", "name"), transports))
    assert [error["path"] for error in answer["errors"]] == [["item", "name"]]
    assert answer["data"]["items"] == [{"id": "1", "stock": 10}, {"id": "2", "stock": None}]


async def test_a_request_that_fails_as_a_whole_is_told_at_the_places_of_all_parts() -> None:
    transports = stocks({"data": None, "errors": [{"message": "no", "path": ["_e1"]}]})
    answer = answer_of(await run_plan(two_chains("stock", "name"), transports))
    assert answer["errors"] == [
        {"message": "no", "path": path, "extensions": {"code": "DOWNSTREAM_SERVICE_ERROR", "serviceName": "stocks"}}
        for path in (["items", 0], ["items", 1], ["item"])
    ]
    del transports["stocks"]
    answer = answer_of(await run_plan(two_chains("stock", "name"), stocks(MockAnswer(b"", status=500))))
    assert [error["path"] for error in answer["errors"]] == [
        ["items", 0, "stock"],
        ["items", 1, "stock"],
        ["item", "name"],
    ]


async def test_objects_of_a_shared_entity_are_not_shared_between_places() -> None:
    """A later fetch fills the tag of one place only."""
    plan = plan_of(
        "{ items { id tag { a b } } item { id tag { a } } }",
        root_fetch(0, "first", "{items{id}}"),
        root_fetch(1, "second", "{item{id}}"),
        entity_fetch(2, "stocks", "tag{a}", ("items.@",), 0),
        entity_fetch(3, "stocks", "tag{a}", ("item",), 1),
        entity_fetch(4, "third", "tag{b}", ("items.@",), 2),
    )
    transports = stocks({"data": {"_e0": [{"tag": {"a": 1}}, {"tag": {"a": 2}}]}})
    transports["third"] = MockTransport([{"data": {"_entities": [{"tag": {"b": 3}}, {"tag": {"b": 4}}]}}])
    assert answer_of(await run_plan(plan, transports))["data"] == {
        "items": [{"id": "1", "tag": {"a": 1, "b": 3}}, {"id": "2", "tag": {"a": 2, "b": 4}}],
        "item": {"id": "2", "tag": {"a": 2}},
    }


@pytest.mark.parametrize("deferred", [("d1",), ()])
async def test_what_is_deferred_never_travels_with_what_is_not(deferred: tuple[str, ...]) -> None:
    plan = two_chains("stock", "name")
    plan = replace(plan, fetches=(*plan.fetches[:3], _deferred(plan.fetches[3], deferred)))
    both = [{"data": {"_entities": [{"stock": 1}, {"stock": 2}]}}, {"data": {"_entities": [{"name": "two"}]}}]
    joined = [{"data": {"_e0": [{"stock": 1}, {"stock": 2}], "_e1": [{"name": "two"}]}}]
    transports = stocks(*(both if deferred else joined))
    await run_plan(plan, transports, settings=ExecutionSettings())
    assert len(transports["stocks"].bodies) == (2 if deferred else 1)


def _deferred(fetch: FetchNode, defer_ids: tuple[str, ...]) -> FetchNode:
    return replace(fetch, defer_ids=defer_ids)
