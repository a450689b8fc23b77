"""How a plan runs: the order of fetches, what they are sent, cancelling, deadlines and hooks."""

from __future__ import annotations

import asyncio
import gc

import pytest

from gateway.errors import SubgraphTimeout
from gateway.execution import Executor, FetchEvent, RequestContext
from gateway.transport import MockAnswer, MockTransport
from tests.gateway.execution.plans import answer_of, entity_fetch, plan_of, prepared, root_fetch, run_plan

ITEMS = {"data": {"items": [{"id": "1"}, {"id": "2"}]}}


async def test_a_fetch_starts_when_its_own_inputs_are_there_and_waits_for_nothing_else() -> None:
    plan = plan_of(
        "{ items { stock } a }",
        root_fetch(0, "first", "{items{id}}"),
        root_fetch(1, "slow", "{a}"),
        entity_fetch(2, "second", "stock", ("items.@",), 0),
    )
    order: list[str] = []
    context = RequestContext(on_fetch=lambda event: order.append(event.subgraph_name))
    result = await run_plan(
        plan,
        {
            "first": MockTransport([ITEMS]),
            "slow": MockTransport([MockAnswer({"data": {"a": 1}}, delay=0.05)]),
            "second": MockTransport([{"data": {"_entities": [{"stock": 1}, {"stock": 2}]}}]),
        },
        context=context,
    )
    assert order == ["first", "second", "slow"]
    assert answer_of(result) == {"data": {"items": [{"stock": 1}, {"stock": 2}], "a": 1}}


async def test_the_bodies_are_the_documents_with_their_variables() -> None:
    first, second = MockTransport([ITEMS]), MockTransport([{"data": {"_entities": [{"stock": 1}, None]}}])
    plan = plan_of(
        "{ items { stock } }",
        root_fetch(0, "first", "query($n:Int){items(first:$n){id}}", variables=("n", "unset")),
        entity_fetch(1, "second", "stock", ("items.@",), 0),
    )
    result = await run_plan(
        plan,
        {"first": first, "second": second},
        variables={"n": 2},
        definitions="$n: Int, $unset: String",
    )
    assert first.bodies == [{"query": "query($n:Int){items(first:$n){id}}", "variables": {"n": 2}}]
    assert second.bodies[0]["variables"] == {
        "r": [{"__typename": "Item", "id": "1"}, {"__typename": "Item", "id": "2"}]
    }
    assert answer_of(result) == {"data": {"items": [{"stock": 1}, {"stock": None}]}}


async def test_a_fetch_whose_condition_does_not_hold_is_left_out() -> None:
    plan = plan_of("{ a }", root_fetch(0, "first", "{a}", unless="no"))
    transport = MockTransport([{"data": {"a": 1}}])
    left_out = await run_plan(plan, {"first": transport}, variables={"no": True}, definitions="$no: Boolean!")
    assert (left_out.data, transport.requests) == ({"a": None}, [])
    sent = await run_plan(plan, {"first": transport}, variables={"no": False}, definitions="$no: Boolean!")
    assert sent.data == {"a": 1}


async def test_a_mutation_sends_its_fetches_one_after_the_other() -> None:
    plan = plan_of(
        "{ one two }",
        root_fetch(0, "first", "mutation{one}", kind="mutation"),
        root_fetch(1, "first", "mutation{two}", 0, kind="mutation"),
        kind="mutation",
    )
    transport = MockTransport([MockAnswer({"data": {"one": 1}}, delay=0.01), {"data": {"two": 2}}])
    task = asyncio.create_task(run_plan(plan, {"first": transport}))
    await asyncio.sleep(0)
    assert len(transport.requests) == 1
    assert (await task).data == {"one": 1, "two": 2}


async def test_cancelling_a_request_cancels_all_its_fetches_and_starts_no_more() -> None:
    plan = plan_of(
        "{ items { stock } a }",
        root_fetch(0, "first", "{items{id}}"),
        root_fetch(1, "other", "{a}"),
        entity_fetch(2, "second", "stock", ("items.@",), 0),
    )
    first = MockTransport([MockAnswer(ITEMS, delay=1.0)])
    other = MockTransport([MockAnswer({"data": {"a": 1}}, delay=1.0)])
    task = asyncio.create_task(run_plan(plan, {"first": first, "other": other, "second": MockTransport([])}))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (first.cancelled, other.cancelled) == (1, 1)


async def test_the_deadline_of_a_request_shortens_the_timeout_of_its_fetches() -> None:
    transport = MockTransport([SubgraphTimeout("first", "late")])
    plan = plan_of("{ a }", root_fetch(0, "first", "{a}"))
    deadline = asyncio.get_running_loop().time() + 0.5
    result = await run_plan(plan, {"first": transport}, context=RequestContext(deadline=deadline))
    assert 0.4 < transport.requests[0].timeout <= 0.5
    assert result.errors == [
        {"message": "late", "path": ["a"], "extensions": {"code": "SUBGRAPH_TIMEOUT", "serviceName": "first"}}
    ]


async def test_a_subgraph_without_transport_is_unreachable() -> None:
    result = await run_plan(plan_of("{ a }", root_fetch(0, "first", "{a}")), {})
    assert answer_of(result)["data"] == {"a": None}
    assert result.errors[0]["message"] == 'There is no transport for subgraph "first".'


async def test_identity_and_headers_go_with_every_fetch() -> None:
    transport = MockTransport([{"data": {"a": 1}}])
    context = RequestContext(
        identity="ana",
        headers=((b"x-all", b"1"),),
        subgraph_headers={"first": ((b"x-first", b"2"),), "second": ((b"x-second", b"3"),)},
        before_fetch=lambda name, fetch_id: ((b"traceparent", f"{name}-{fetch_id}".encode()),),
        collect_headers=True,
    )
    result = await run_plan(plan_of("{ a }", root_fetch(0, "first", "{a}")), {"first": transport}, context=context)
    assert transport.requests[0].identity == "ana"
    assert transport.requests[0].headers == ((b"x-all", b"1"), (b"x-first", b"2"), (b"traceparent", b"first-0"))
    assert result.subgraph_headers == [("first", 200, ((b"content-type", b"application/json"),))]


async def test_each_fetch_is_told_when_it_is_over() -> None:
    events: list[FetchEvent] = []
    plan = plan_of("{ a b }", root_fetch(0, "first", "{a}"), root_fetch(1, "second", "{b}"))
    await run_plan(
        plan,
        {"first": MockTransport([{"data": {"a": 1}}]), "second": MockTransport([SubgraphTimeout("second", "late")])},
        context=RequestContext(on_fetch=events.append),
    )
    assert [(event.subgraph_name, event.status, event.error_code) for event in events] == [
        ("first", 200, None),
        ("second", None, "SUBGRAPH_TIMEOUT"),
    ]
    assert (events[0].bytes_sent, events[0].bytes_received) == (15, 16)


async def test_a_request_leaves_no_cyclic_garbage() -> None:
    plan = plan_of(
        "{ items { stock } }",
        root_fetch(0, "first", "{items{id}}"),
        entity_fetch(1, "second", "stock", ("items.@",), 0),
    )
    answers = [MockAnswer(ITEMS, delay=0.001)] * 2
    entities = [MockAnswer({"data": {"_entities": [{"stock": 1}, {"stock": 2}]}}, delay=0.001)] * 2
    executor = Executor({"first": MockTransport(answers), "second": MockTransport(entities)})
    operation = prepared(plan)
    await executor.execute(operation, None, RequestContext())
    gc.collect()
    gc.disable()
    try:
        await executor.execute(operation, None, RequestContext())
        assert gc.collect() == 0
    finally:
        gc.enable()
