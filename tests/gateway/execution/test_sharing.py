"""Entities placed by reference: shared where that cannot be seen, kept apart where it could."""

from __future__ import annotations

from gateway.transport import MockTransport
from tests.gateway.execution.plans import answer_of, entity_fetch, plan_of, root_fetch, run_plan


async def test_equal_objects_of_one_place_become_one_object_in_the_answer() -> None:
    plan = plan_of(
        "{ items { id stock } }",
        root_fetch(0, "first", "{items{id}}"),
        entity_fetch(1, "second", "stock", ("items.@",), 0),
    )
    second = MockTransport([{"data": {"_entities": [{"stock": 5}, {"stock": 6}]}}])
    result = await run_plan(
        plan,
        {"first": MockTransport([{"data": {"items": [{"id": "1"}, {"id": "2"}, {"id": "1"}]}}]), "second": second},
    )
    assert answer_of(result)["data"] == {
        "items": [{"id": "1", "stock": 5}, {"id": "2", "stock": 6}, {"id": "1", "stock": 5}]
    }
    assert result.data is not None
    assert result.data["items"][0] is result.data["items"][2]


async def test_objects_with_one_key_but_different_values_stay_different() -> None:
    plan = plan_of(
        "{ items { name stock } }",
        root_fetch(0, "first", "{items{id name}}"),
        entity_fetch(1, "second", "stock", ("items.@",), 0),
    )
    items = [{"id": "1", "name": "seen here"}, {"id": "1", "name": "seen there"}]
    second = MockTransport([{"data": {"_entities": [{"stock": 5}]}}])
    result = await run_plan(plan, {"first": MockTransport([{"data": {"items": items}}]), "second": second})
    assert result.data == {"items": [{"name": "seen here", "stock": 5}, {"name": "seen there", "stock": 5}]}
    assert second.bodies[0]["variables"] == {"r": [{"__typename": "Item", "id": "1"}]}


async def test_representations_that_differ_only_in_a_required_value_are_both_sent() -> None:
    plan = plan_of(
        "{ items { stock } }",
        root_fetch(0, "first", "{items{id name}}"),
        entity_fetch(1, "second", "stock", ("items.@",), 0, required="name"),
    )
    items = [{"id": "1", "name": "x"}, {"id": "1", "name": "y"}, {"id": "1", "name": "x"}]
    second = MockTransport([{"data": {"_entities": [{"stock": 1}, {"stock": 2}]}}])
    result = await run_plan(plan, {"first": MockTransport([{"data": {"items": items}}]), "second": second})
    assert result.data == {"items": [{"stock": 1}, {"stock": 2}, {"stock": 1}]}


async def test_an_object_that_lacks_its_key_is_left_out() -> None:
    plan = plan_of(
        "{ items { stock } }",
        root_fetch(0, "first", "{items{id}}"),
        entity_fetch(1, "second", "stock", ("items.@",), 0),
    )
    items = [{"id": None}, {}, None, {"id": "3"}]
    second = MockTransport([{"data": {"_entities": [{"stock": 3}]}}])
    result = await run_plan(plan, {"first": MockTransport([{"data": {"items": items}}]), "second": second})
    assert result.data == {"items": [{"stock": None}, {"stock": None}, None, {"stock": 3}]}


async def test_one_entity_at_two_places_is_copied_when_later_fetches_differ_between_them() -> None:
    # Below `item` the neighbours get their name, below `items` their stock: under one tree key each.
    plan = plan_of(
        "{ item { near { name } } items { near { name } } }",
        root_fetch(0, "first", "{item{id} items{id}}"),
        entity_fetch(1, "second", "near{id}", ("item", "items.@"), 0),
        entity_fetch(2, "third", "name", ("item.near.@",), 1),
        entity_fetch(3, "fourth", "name:nick", ("items.@.near.@",), 1),
    )
    result = await run_plan(
        plan,
        {
            "first": MockTransport([{"data": {"item": {"id": "1"}, "items": [{"id": "1"}]}}]),
            "second": MockTransport([{"data": {"_entities": [{"near": [{"id": "9"}]}]}}]),
            "third": MockTransport([{"data": {"_entities": [{"name": "real"}]}}]),
            "fourth": MockTransport([{"data": {"_entities": [{"name": "nick"}]}}]),
        },
    )
    assert result.data == {"item": {"near": [{"name": "real"}]}, "items": [{"near": [{"name": "nick"}]}]}


async def test_objects_that_two_fetches_bring_merge_key_by_key() -> None:
    plan = plan_of(
        "{ item { tag { a b } } }",
        root_fetch(0, "first", "{item{id tag{a}}}"),
        entity_fetch(1, "second", "tag{b}", ("item",), 0),
    )
    result = await run_plan(
        plan,
        {
            "first": MockTransport([{"data": {"item": {"id": "1", "tag": {"a": 1}}}}]),
            "second": MockTransport([{"data": {"_entities": [{"tag": {"b": 2}}]}}]),
        },
    )
    assert result.data == {"item": {"tag": {"a": 1, "b": 2}}}


async def test_a_null_never_wipes_out_what_another_subgraph_sent() -> None:
    plan = plan_of(
        "{ item { tag { a b } } }",
        root_fetch(0, "first", "{item{id tag{a}}}"),
        entity_fetch(1, "second", "tag{b}", ("item",), 0),
    )
    result = await run_plan(
        plan,
        {
            "first": MockTransport([{"data": {"item": {"id": "1", "tag": {"a": 1}}}}]),
            "second": MockTransport([{"data": {"_entities": [{"tag": None}]}}]),
        },
    )
    assert result.data == {"item": {"tag": {"a": 1, "b": None}}}


async def test_what_a_subgraph_sends_in_the_wrong_shape_does_not_stop_the_rest() -> None:
    plan = plan_of(
        "{ items { id near { stock } } }",
        root_fetch(0, "first", "{items{id near{id}}}"),
        entity_fetch(1, "second", "stock", ("items.@.near.@",), 0),
    )
    items = [{"id": "1", "near": "text"}, {"id": "2", "near": [{"id": "3"}, 7, {"id": ["4"]}]}, "item"]
    second = MockTransport([{"data": {"_entities": [{"stock": 3}, {"stock": 4}]}}])
    result = await run_plan(plan, {"first": MockTransport([{"data": {"items": items}}]), "second": second})
    assert result.data == {
        "items": [{"id": "1", "near": None}, {"id": "2", "near": [{"stock": 3}, None, {"stock": 4}]}, None]
    }
    assert [error["path"] for error in result.errors] == [["items", 0, "near"], ["items", 1, "near", 1], ["items", 2]]
