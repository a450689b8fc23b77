"""Subscriptions: each event is completed by the rest of the plan, and the end of the source is the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.errors import SubgraphUnreachable
from gateway.execution import Executor, InvalidVariables, RequestContext
from gateway.planning.query_plan import QueryPlan
from gateway.transport import MockTransport, SubgraphRequest
from tests.gateway.execution.plans import answer_of, entity_fetch, plan_of, prepared, root_fetch


def changes() -> QueryPlan:
    return plan_of(
        "{ changed { id stock } }",
        root_fetch(0, "first", "subscription{changed{id}}", kind="subscription"),
        entity_fetch(1, "second", "stock", ("changed",), 0),
        kind="subscription",
    )


async def results_of(first: Any, second: MockTransport) -> list[dict[str, Any]]:
    executor = Executor({"first": first, "second": second})
    events = executor.subscribe(prepared(changes()), None, RequestContext())
    return [answer_of(result) async for result in events]


async def test_the_rest_of_the_plan_runs_on_every_event() -> None:
    first = MockTransport(events=[{"data": {"changed": {"id": "1"}}}, {"data": {"changed": {"id": "2"}}}])
    second = MockTransport([{"data": {"_entities": [{"stock": 5}]}}, {"data": {"_entities": [{"stock": 6}]}}])
    assert await results_of(first, second) == [
        {"data": {"changed": {"id": "1", "stock": 5}}},
        {"data": {"changed": {"id": "2", "stock": 6}}},
    ]
    assert first.requests[0].operation_kind == "subscription"


async def test_an_event_with_errors_keeps_its_data_and_needs_no_further_fetch_for_null() -> None:
    first = MockTransport(events=[{"data": {"changed": None}, "errors": [{"message": "lost", "path": ["changed"]}]}])
    assert await results_of(first, MockTransport([])) == [
        {
            "errors": [
                {
                    "message": "lost",
                    "path": ["changed"],
                    "extensions": {"code": "DOWNSTREAM_SERVICE_ERROR", "serviceName": "first"},
                }
            ],
            "data": {"changed": None},
        }
    ]


async def test_an_event_that_is_no_answer_is_an_error_and_the_subscription_goes_on() -> None:
    first = MockTransport(events=[{"surprise": 1}, {"data": {"changed": {"id": "1"}}}])
    second = MockTransport([{"data": {"_entities": [{"stock": 5}]}}])
    bad, good = await results_of(first, second)
    assert bad["errors"][0]["extensions"]["code"] == "SUBGRAPH_PROTOCOL_ERROR"
    assert good == {"data": {"changed": {"id": "1", "stock": 5}}}


class BreakingTransport(MockTransport):
    """One event, then the connection is gone; notes whether the source was closed."""

    is_source_closed = False

    async def subscribe(self, request: SubgraphRequest) -> AsyncIterator[bytes]:
        try:
            yield b'{"data":{"changed":{"id":"1"}}}'
            raise SubgraphUnreachable(request.subgraph_name, "gone")
        finally:
            self.is_source_closed = True


async def test_a_source_that_breaks_is_told_in_a_last_result() -> None:
    second = MockTransport([{"data": {"_entities": [{"stock": 5}]}}])
    first, last = await results_of(BreakingTransport(), second)
    assert first["data"] == {"changed": {"id": "1", "stock": 5}}
    assert last["errors"][0]["message"] == "gone"


async def test_closing_the_results_closes_the_source() -> None:
    transport = BreakingTransport()
    second = MockTransport([{"data": {"_entities": [{"stock": 5}]}}])
    executor = Executor({"first": transport, "second": second})
    events: Any = executor.subscribe(prepared(changes()), None, RequestContext())
    await anext(events)
    assert not transport.is_source_closed
    await events.aclose()
    assert transport.is_source_closed


def test_invalid_variables_are_refused_before_anything_is_subscribed() -> None:
    operation = prepared(changes(), variables="$n: Int!")
    with pytest.raises(InvalidVariables):
        Executor({}).subscribe(operation, {}, RequestContext())
