"""What clients see when a subgraph is down, slow, or answers garbage (requirements R19 to R26)."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import psutil
import pytest
import uvicorn

from gateway.server.callers import CallerReader
from gateway.server.error_answers import ErrorAnswers
from gateway.server.explorer import Explorer
from gateway.server.http import GraphqlHttp
from gateway.server.logs import configure_logging
from gateway.server.multipart import MultipartResponses
from gateway.server.pipeline import Pipeline
from gateway.server.request import Caller, GraphqlRequest
from gateway.server.sse import EventStreamResponses
from tests.gateway.faults import FaultProxy
from tests.gateway.server.conftest import Gateway, StartGateway, serving
from tests.gateway.server.subgraph import PeopleSubgraph

pytestmark = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def behind_proxy(
    start_gateway: StartGateway, people: PeopleSubgraph, **settings: Any
) -> AsyncIterator[tuple[Gateway, FaultProxy]]:
    async with FaultProxy(people.port) as proxy:
        gateway = await start_gateway(port=proxy.port, **settings)
        yield gateway, proxy
        await gateway.client.close()


@asynccontextmanager
async def answering(
    body: bytes, head: bytes = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
) -> AsyncIterator[int]:
    """A server that answers whatever it is asked with the same bytes, and ends the connection."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        writer.write(head + b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body))
        for start in range(0, len(body), 65_536):
            writer.write(body[start : start + 65_536])
            try:
                await writer.drain()
            except ConnectionError:
                return
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_subgraph_that_never_answers_costs_the_client_its_timeout_and_no_more(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    async with behind_proxy(start_gateway, people, traffic={"subgraph_timeout": 0.3}) as (gateway, proxy):
        proxy.faults.blackhole = True
        async with asyncio.timeout(30):  # how much later than that it may be is measured by ./just soak
            answer = await gateway.post("{ broken }")
    assert answer["errors"][0]["extensions"]["code"] == "SUBGRAPH_TIMEOUT"
    assert answer["data"] == {"broken": None}


async def test_the_time_for_a_request_bounds_all_its_fetches(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    async with behind_proxy(start_gateway, people, traffic={"request_timeout": 0.3, "subgraph_timeout": 3600}) as (
        gateway,
        proxy,
    ):
        proxy.faults.blackhole = True
        async with asyncio.timeout(60):
            answer = await gateway.post("{ broken }")
    assert answer["errors"][0]["extensions"]["code"] == "SUBGRAPH_TIMEOUT"


async def test_a_query_is_tried_again_when_the_connection_breaks_and_a_mutation_is_not(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    async with behind_proxy(start_gateway, people) as (gateway, proxy):
        proxy.faults.reset_after = 0
        before = people.resolved
        answer = await gateway.post("{ hello }")
        assert answer["errors"][0]["extensions"]["code"] == "SUBGRAPH_UNREACHABLE"
        assert 2 <= people.resolved - before <= 3
        before = people.resolved
        answer = await gateway.post('mutation { rename(id: "1", name: "x") { id } }')
        assert answer["errors"][0]["extensions"]["code"] == "SUBGRAPH_UNREACHABLE"
        assert people.resolved - before == 1


async def test_retries_stay_within_a_budget(start_gateway: StartGateway, people: PeopleSubgraph) -> None:
    async with behind_proxy(start_gateway, people, traffic={"circuit_breaker": False}) as (gateway, proxy):
        proxy.faults.reset_after = 0
        before = people.resolved
        for number in range(50):
            await gateway.post(f'{{ hello(name: "{number}") }}')
        assert people.resolved - before <= 50 + 50 * 0.1 + 3


async def test_a_truncated_answer_is_an_error_of_the_subgraph(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    async with behind_proxy(start_gateway, people) as (gateway, proxy):
        proxy.faults.close_after = 40
        answer = await gateway.post("{ broken }")
    assert answer["errors"][0]["extensions"]["code"] in {"SUBGRAPH_UNREACHABLE", "SUBGRAPH_PROTOCOL_ERROR"}


async def test_the_breaker_opens_answers_at_once_and_lets_one_probe_through(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    async with behind_proxy(start_gateway, people, traffic={"retries": 0}) as (gateway, proxy):
        proxy.faults.refuse = True
        for number in range(20):
            await gateway.post(f'{{ hello(name: "{number}") }}')
        proxy.faults.refuse = False
        tried = proxy.connections
        answer = await gateway.post("{ hello }")
        assert answer["errors"][0]["extensions"]["code"] == "SUBGRAPH_OVERLOADED"
        assert proxy.connections == tried
        async with asyncio.timeout(60):
            while await gateway.post("{ hello }") != {"data": {"hello": "hello world"}}:
                await asyncio.sleep(0.2)
        assert proxy.connections == tried + 1


async def test_too_many_requests_at_a_time_are_shed_with_503_and_the_rest_answered(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    settings = {"max_concurrent_requests": 5, "collapse_identical_fetches": False, "subgraph_timeout": 60}
    gateway = await start_gateway(traffic=settings)

    async def ask(number: int) -> tuple[int, str | None]:
        body = {"query": "query($s: Float!) { slow(seconds: $s) }", "variables": {"s": 5 + number / 1000}}
        async with gateway.client.post(f"{gateway.url}/graphql", json=body) as response:
            return response.status, response.headers.get("retry-after")

    asking = [asyncio.create_task(ask(number)) for number in range(20)]
    # So many refusals make it not ready for some seconds, so that a load balancer turns elsewhere.
    async with asyncio.timeout(60):
        while True:
            async with gateway.client.get(f"{gateway.url}/ready") as response:
                if response.status == 503:
                    assert (await response.json())["status"] == "overloaded"
                    break
    answers = await asyncio.gather(*asking)
    assert answers.count((200, None)) == 5
    assert answers.count((503, "1")) == 15


async def test_an_oversized_answer_is_refused_and_takes_no_memory(start_gateway: StartGateway) -> None:
    async with answering(b'{"data":{"broken":"' + b"x" * (11 * 1024 * 1024) + b'"}}') as port:
        gateway = await start_gateway(port=port)
        await gateway.post("{ __typename }")
        before = psutil.Process().memory_info().rss
        for _ in range(3):
            answer = await gateway.post("{ broken }")
            assert answer["errors"][0]["extensions"]["code"] == "SUBGRAPH_PROTOCOL_ERROR"
        assert psutil.Process().memory_info().rss - before < 30 * 1024 * 1024
        await gateway.client.close()


@pytest.mark.parametrize(
    "body",
    [b"", b"nonsense", b"[]", b"null", b'{"data":[]}', b'{"data":{"broken":{"a":1}}}', b'{"errors":"no"}', b"\xff\xfe"],
)
async def test_garbage_of_a_subgraph_never_is_a_server_error(start_gateway: StartGateway, body: bytes) -> None:
    async with answering(body) as port:
        gateway = await start_gateway(port=port)
        async with gateway.client.post(f"{gateway.url}/graphql", json={"query": "{ __typename broken }"}) as response:
            assert response.status == 200
            answer = await response.json()
        assert answer["data"] == {"__typename": "Query", "broken": None}
        assert answer["errors"]
        await gateway.client.close()


async def test_identical_queries_in_flight_are_sent_once_but_never_for_two_people(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    gateway = await start_gateway()
    before = people.resolved

    async def ask(person: str) -> None:
        headers = {"authorization": f"Bearer {person}"}
        assert await gateway.post("{ slow(seconds: 3) }", headers=headers) == {"data": {"slow": "done"}}

    await asyncio.gather(*(ask("ada") for _ in range(100)))
    assert people.resolved - before <= 2
    before = people.resolved
    await asyncio.gather(ask("ada"), ask("bob"))
    assert people.resolved - before == 2


def log_to_the_real_standard_error() -> None:
    """That of a test is closed after it."""
    with contextlib.redirect_stderr(sys.__stderr__):
        configure_logging("warning")


class FailingPipeline:
    """Has a fault that nobody foresaw."""

    async def prepare(self, request: GraphqlRequest, caller: Caller) -> Any:
        raise RuntimeError("a secret detail")


async def test_an_unforeseen_error_is_masked_under_an_id_that_is_in_the_log(
    gateway: Gateway, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    configure_logging("warning")  # to the standard error of this test
    request.addfinalizer(log_to_the_real_standard_error)
    settings, parts = gateway.app.settings, gateway.app.parts
    endpoint = GraphqlHttp(
        settings,
        cast(Pipeline, FailingPipeline()),
        ErrorAnswers(False, parts.telemetry),
        CallerReader(settings, parts.telemetry),
        None,
        parts.telemetry,
        Explorer(settings.has_explorer, settings.path),
        (EventStreamResponses(settings, parts.live), MultipartResponses(settings, parts.live)),
    )
    async with serving(uvicorn.Config(endpoint, lifespan="off", log_config=None)) as (_, port):
        url = f"http://127.0.0.1:{port}/graphql"
        async with gateway.client.post(url, json={"query": "{ hello }"}) as response:
            assert response.status == 500
            answer = await response.json()
    error = answer["errors"][0]
    assert error["message"] == "Unexpected error."
    assert "secret" not in str(answer)
    log = capsys.readouterr().err
    assert error["extensions"]["errorId"] in log
    assert "a secret detail" in log
    assert await gateway.metric("gateway_masked_errors_total") == 1
