"""What is told to the outside: traces, the access log, metrics; and that no secret is among it."""

from __future__ import annotations

import asyncio
import json

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway.server import create_app, load_settings
from gateway.server.metrics import Metrics
from gateway.server.overload import OverloadWatch
from gateway.server.tracing import Tracing, traces_url
from tests.gateway.server.conftest import Gateway, StartGateway
from tests.gateway.server.subgraph import PeopleSubgraph

CLIENT_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_the_address_of_a_collector_is_enough() -> None:
    assert traces_url("http://collector:4318") == "http://collector:4318/v1/traces"
    assert traces_url("http://collector:4318/") == "http://collector:4318/v1/traces"
    assert traces_url("http://collector:4318/own/path") == "http://collector:4318/own/path"


@pytest.mark.asyncio(loop_scope="module")
async def test_one_trace_spans_client_gateway_and_subgraph(start_gateway: StartGateway) -> None:
    gateway: Gateway = await start_gateway()
    exporter = InMemorySpanExporter()
    gateway.app.parts.pipeline._tracing = tracing = Tracing(1.0, exporter)
    query = "query Who($n: String!) { seenHeader(name: $n) }"
    answer = await gateway.post(query, {"n": "traceparent"}, headers={"traceparent": CLIENT_TRACE})
    await asyncio.to_thread(tracing._provider.force_flush)
    spans = {span.name: span for span in exporter.get_finished_spans()}
    operation, fetch = spans["query"], spans["fetch"]
    assert operation.context is not None
    assert fetch.context is not None
    assert f"{operation.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert operation.parent is not None
    assert f"{operation.parent.span_id:016x}" == "b7ad6b7169203331"
    assert fetch.parent is not None
    assert fetch.parent.span_id == operation.context.span_id
    # The subgraph was told the fetch as its parent.
    assert answer["data"]["seenHeader"] == f"00-0af7651916cd43dd8448eb211c80319c-{fetch.context.span_id:016x}-01"
    assert operation.attributes is not None
    assert operation.attributes["graphql.operation.name"] == "Who"
    assert fetch.attributes is not None
    assert fetch.attributes["gateway.subgraph"] == "people"
    text = str([dict(span.attributes or {}) for span in exporter.get_finished_spans()])
    assert "seenHeader" not in text
    tracing.shutdown()


@pytest.mark.asyncio(loop_scope="module")
async def test_the_access_log_has_one_line_per_operation_without_any_secret(
    start_gateway: StartGateway, capfd: pytest.CaptureFixture[str]
) -> None:
    gateway = await start_gateway(telemetry={"access_log": True})
    await gateway.post(
        "query Secret($p: String!) { hello(name: $p) }",
        {"p": "hunter2"},
        headers={"authorization": "Bearer very-secret", "x-request-id": "r-1"},
    )
    await gateway.post("{ nothing }")
    await asyncio.sleep(0.2)
    text = capfd.readouterr().err
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    operation = next(line for line in lines if line["event"] == "operation")
    assert operation["request_id"] == "r-1"
    assert (operation["kind"], operation["operation"], operation["status"]) == ("query", "Secret", 200)
    assert len(operation["hash"]) == 16
    assert next(line for line in lines if line["event"] == "refused")["code"] == "OPERATION_REJECTED"
    assert "hunter2" not in text
    assert "very-secret" not in text


@pytest.mark.asyncio(loop_scope="module")
async def test_operations_and_fetches_are_counted_and_timed(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    gateway = await start_gateway(telemetry={"operation_names": 1, "access_log": False})
    await gateway.post("query First { hello }")
    await gateway.post("query First { hello broken }")
    await gateway.post("query Second { hello }")
    await gateway.post('mutation { rename(id: "1", name: "x") { id } }')
    assert await gateway.metric('gateway_operations_total{errors="no",kind="query",name="First",protocol="http"}') == 1
    assert await gateway.metric('gateway_operations_total{errors="yes",kind="query",name="First",protocol="http"}') == 1
    assert await gateway.metric('gateway_operations_total{errors="no",kind="query",name="other",protocol="http"}') == 1
    assert await gateway.metric('gateway_fetches_total{outcome="ok",subgraph="people"}') == 4
    assert await gateway.metric('gateway_fetches_seconds_count{outcome="ok",subgraph="people"}') == 4
    assert await gateway.metric("gateway_known_operations ") == 4


def test_a_histogram_counts_into_the_right_buckets() -> None:
    metrics = Metrics(operation_names=10)
    for seconds in (0.0005, 0.004, 0.004, 100.0):
        metrics.fetch("people", "ok", seconds)
    text = metrics.exposition().decode()
    assert 'gateway_fetches_seconds_bucket{le="0.001",outcome="ok",subgraph="people"} 1.0' in text
    assert 'gateway_fetches_seconds_bucket{le="0.005",outcome="ok",subgraph="people"} 3.0' in text
    assert 'gateway_fetches_seconds_bucket{le="30.0",outcome="ok",subgraph="people"} 3.0' in text
    assert 'gateway_fetches_seconds_bucket{le="+Inf",outcome="ok",subgraph="people"} 4.0' in text


def test_many_refusals_within_a_second_make_the_process_not_ready_for_a_while() -> None:
    now = [0.0]
    watch = OverloadWatch(clock=lambda: now[0])
    states = []
    for _ in range(11):
        watch.refused()
        states.append(watch.is_overloaded)
    assert states == [False] * 10 + [True]
    now[0] = 5.1
    states = [watch.is_overloaded]
    for number in range(20):
        now[0] = 6.0 + number
        watch.refused()
        states.append(watch.is_overloaded)
    assert not any(states)


def test_metrics_can_be_switched_off(tmp_path: object) -> None:
    settings = load_settings(environment={}, overrides={"supergraph": "x", "telemetry": {"metrics": False}})
    assert "/metrics" not in create_app(settings)._endpoints
