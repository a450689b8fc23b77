"""What is told to the outside: traces, the access log, metrics; and that no secret is among it."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path

import aiohttp
import pytest
import uvicorn
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.server import create_app, load_settings
from gateway.server.metrics import Metrics
from gateway.server.overload import OverloadWatch
from gateway.server.run import server_config
from gateway.server.tracing import traces_url
from tests.gateway.server.conftest import StartGateway, serving
from tests.gateway.server.subgraph import SUPERGRAPH, PeopleSubgraph

CLIENT_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_the_address_of_a_collector_is_enough() -> None:
    assert traces_url("http://collector:4318") == "http://collector:4318/v1/traces"
    assert traces_url("http://collector:4318/") == "http://collector:4318/v1/traces"
    assert traces_url("http://collector:4318/own/path") == "http://collector:4318/own/path"


class Collector:
    """Takes traces as an OpenTelemetry collector does."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    @property
    def spans(self) -> list[Span]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [
            span
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        assert request.url.path == "/v1/traces"
        body = await request.body()
        self.bodies.append(gzip.decompress(body) if request.headers.get("content-encoding") == "gzip" else body)
        await Response(media_type="application/x-protobuf")(scope, receive, send)


@pytest.mark.asyncio(loop_scope="module")
async def test_one_trace_spans_client_gateway_and_subgraph(people: PeopleSubgraph, tmp_path: Path) -> None:
    (tmp_path / "supergraph.graphql").write_text(SUPERGRAPH.replace("PORT", str(people.port)))
    collector = Collector()
    query = "query Who($n: String!, $secret: String!) { seenHeader(name: $n) hello(name: $secret) }"
    async with serving(uvicorn.Config(collector, lifespan="off", log_config=None)) as (_, collector_port):
        overrides = {
            "supergraph": str(tmp_path / "supergraph.graphql"),
            "telemetry": {"access_log": False, "otlp_endpoint": f"http://127.0.0.1:{collector_port}"},
        }
        app = create_app(load_settings(environment={}, overrides=overrides))
        async with serving(server_config(app, app.settings)) as (_, port), aiohttp.ClientSession() as client:
            body = {"query": query, "variables": {"n": "traceparent", "secret": "hunter2"}}
            headers = {"traceparent": CLIENT_TRACE, "authorization": "Bearer very-secret"}
            # Twice: a new operation and a known one are answered in different ways.
            for _ in range(2):
                async with client.post(f"http://127.0.0.1:{port}/graphql", json=body, headers=headers) as response:
                    answer = await response.json()
        # Its end sends what waits.
    operations = [span for span in collector.spans if span.name == "query"]
    fetches = [span for span in collector.spans if span.name == "fetch"]
    assert len(operations) == len(fetches) == 2
    for operation, fetch in zip(operations, fetches, strict=True):
        assert operation.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
        assert operation.parent_span_id.hex() == "b7ad6b7169203331"
        assert fetch.trace_id == operation.trace_id
        attributes = {it.key: it.value.string_value for it in operation.attributes}
        assert attributes["graphql.operation.name"] == "Who"
        assert {it.key: it.value.string_value for it in fetch.attributes}["gateway.subgraph"] == "people"
    assert {fetch.parent_span_id for fetch in fetches} == {operation.span_id for operation in operations}
    # The subgraph was told the fetch as its parent.
    told = {f"00-0af7651916cd43dd8448eb211c80319c-{fetch.span_id.hex()}-01" for fetch in fetches}
    assert answer["data"]["seenHeader"] in told
    everything = b"".join(collector.bodies)
    for secret in (b"hunter2", b"very-secret", b"seenHeader"):
        assert secret not in everything


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
    text = ""
    async with asyncio.timeout(30):
        while '"event":"refused"' not in text:
            await asyncio.sleep(0.05)
            text += capfd.readouterr().err
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    operation = next(line for line in lines if line["event"] == "operation")
    assert operation["request_id"] == "r-1"
    assert (operation["kind"], operation["operation"], operation["httpRequest"]["status"]) == ("query", "Secret", 200)
    # In the form of Cloud Logging.
    assert (operation["severity"], operation["message"]) == ("INFO", "operation")
    assert operation["httpRequest"]["latency"].endswith("s")
    assert operation["time"].startswith("20")
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
