"""The short way past ASGI: it answers as the long way does, and leaves to it whatever is not plain.

An operation takes the short way from its second request on. A client that would also take events goes the long way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from tests.gateway.server.conftest import Gateway, StartGateway
from tests.gateway.server.subgraph import PeopleSubgraph

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHORT = "application/graphql-response+json, application/json"
LONG = "application/graphql-response+json, application/json, text/event-stream;q=0.1"


class Client:
    """One HTTP/1.1 connection, written byte by byte."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __aenter__(self) -> Client:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._gateway.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        await self.writer.wait_closed()

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Read one answer with content-length: status, headers, body."""
        async with asyncio.timeout(30):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            status_line, *lines = head.strip().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines)
            body = await self.reader.readexactly(int(headers["content-length"]))
        return int(status_line.split()[1]), headers, body

    async def is_closed(self) -> bool:
        async with asyncio.timeout(30):
            return await self.reader.read(1) == b""


def request(body: Any, accept: str = SHORT, **headers: str) -> bytes:
    """The bytes of a POST."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    lines = {"host": "gateway", "content-type": "application/json", "accept": accept, **headers}
    lines.setdefault("content-length", str(len(content)))
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return b"POST /graphql HTTP/1.1\r\n" + head.encode() + b"\r\n" + content


def comparable(answer: tuple[int, Mapping[str, str], bytes]) -> tuple[int, dict[str, str], Any]:
    """An answer without what differs from request to request."""
    status, headers, body = answer
    kept = {name: value for name, value in headers.items() if name not in {"date", "x-request-id", "content-length"}}
    content = orjson.loads(body)
    for error in content.get("errors", []):
        error.get("extensions", {}).pop("errorId", None)
    return status, kept, content


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{ hello }"},
        {"query": "query Named($n: String!) { hello(name: $n) }", "variables": {"n": "Ada"}, "operationName": "Named"},
        {"query": "query Named($n: String!) { hello(name: $n) }", "variables": {"n": 7}},
        {"query": "query Named($n: String!) { hello(name: $n) }"},
        {"query": "{ broken }"},
        {"query": "{ people { id friends { name } } }"},
        {"query": "{ __schema { queryType { name } } hello }"},
        {"query": 'mutation { rename(id: "1", name: "Eve") { name } }'},
        {"query": "{ nothing }"},
        {"query": "{"},
        {"query": 7},
        {"query": "{ hello }", "variables": []},
        {"query": "query A { hello } query B { hello }"},
        {"query": "query A { hello } query B { hello }", "operationName": "B"},
        [{"query": "{ hello }"}],
        b"",
        b"{",
        b"null",
    ],
    ids=str,
)
async def test_both_ways_answer_alike(gateway: Gateway, body: Any) -> None:
    async with Client(gateway) as client:
        answers = []
        for accept in (LONG, SHORT, SHORT):
            await client.send(request(body, accept))
            answers.append(comparable(await client.answer()))
    assert answers[0] == answers[1] == answers[2]


async def test_headers_that_ask_for_more_are_heeded(gateway: Gateway) -> None:
    async with Client(gateway) as client:
        for accept in (SHORT, LONG):
            await client.send(request({"query": "{ hello }"}, accept, gateway_cost="include", x_request_id="mine-1"))
            status, headers, body = await client.answer()
            assert (status, headers["x-request-id"]) == (200, "mine-1")
            assert "cost" in orjson.loads(body)["extensions"]
        await client.send(request({"query": "{ hello }"}, gateway_query_plan="include"))
        _, _, body = await client.answer()
        assert "queryPlan" in orjson.loads(body)["extensions"]
        # Nothing of that is left for the next one.
        await client.send(request({"query": "{ hello }"}))
        _, _, body = await client.answer()
        assert orjson.loads(body) == {"data": {"hello": "hello world"}}


async def test_a_request_may_come_in_any_pieces(gateway: Gateway) -> None:
    data = request({"query": "{ hello }"})
    async with Client(gateway) as client:
        for cuts in ((1,), (10, 30), (len(data) - 1,), (data.index(b"\r\n\r\n") + 4,), tuple(range(1, len(data)))):
            start = 0
            for cut in (*cuts, len(data)):
                await client.send(data[start:cut])
                await asyncio.sleep(0)
                start = cut
            status, _, body = await client.answer()
            assert (status, orjson.loads(body)) == (200, {"data": {"hello": "hello world"}})


async def test_a_chunked_body_is_read(gateway: Gateway) -> None:
    content = orjson.dumps({"query": "{ hello }"})
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (content[:5], content[5:])) + b"0\r\n\r\n"
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    async with Client(gateway) as client:
        for _ in range(2):
            await client.send(head + chunks)
            assert (await client.answer())[0] == 200


async def test_requests_sent_without_waiting_are_answered_in_order(gateway: Gateway) -> None:
    queries = ["{ slow(seconds: 0.2) }", "{ hello }", "{ people(first: 1) { id } }", "{ hello }"]
    async with Client(gateway) as client:
        for query in queries:
            await client.send(request({"query": query}))
            await client.answer()
        await client.send(b"".join(request({"query": query}) for query in queries))
        answers = [orjson.loads((await client.answer())[2])["data"] for _ in queries]
    assert [next(iter(answer)) for answer in answers] == ["slow", "hello", "people", "hello"]


async def test_a_client_that_wants_to_close_is_closed_after_its_answer(gateway: Gateway) -> None:
    for _ in range(2):
        async with Client(gateway) as client:
            await client.send(request({"query": "{ hello }"}, connection="close"))
            status, headers, _ = await client.answer()
            assert (status, headers["connection"]) == (200, "close")
            assert await client.is_closed()


async def test_a_client_that_waits_for_leave_to_send_its_body_gets_it(gateway: Gateway) -> None:
    data = request({"query": "{ hello }"}, expect="100-continue")
    end = data.index(b"\r\n\r\n") + 4
    async with Client(gateway) as client:
        await client.send(data[:end])
        async with asyncio.timeout(30):
            assert (await client.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
        await client.send(data[end:])
        assert (await client.answer())[0] == 200


async def test_another_method_and_another_path_on_the_same_connection(gateway: Gateway) -> None:
    async with Client(gateway) as client:
        await client.send(request({"query": "{ hello }"}))
        await client.answer()
        await client.send(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await client.answer())[0] == 200
        await client.send(request({"query": "{ hello }"}).replace(b"POST /graphql", b"POST /elsewhere"))
        assert (await client.answer())[0] == 404
        await client.send(request({"query": "{ hello }"}))
        assert (await client.answer())[0] == 200


async def test_a_body_over_the_limit_is_refused_on_both_ways(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(limits={"body": 2_000})
    for accept in (SHORT, LONG):
        async with Client(gateway) as client:
            await client.send(request({"query": "{ hello }", "variables": {"x": "y" * 3_000}}, accept))
            status, _, body = await client.answer()
            assert (status, orjson.loads(body)["errors"][0]["extensions"]["code"]) == (413, "PAYLOAD_TOO_LARGE")


async def test_a_refused_rate_is_counted_once(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(rate_limit={"enabled": True, "rate": 0.01, "burst": 3})
    async with Client(gateway) as client:
        statuses = []
        for _ in range(5):
            await client.send(request({"query": "{ hello }"}))
            statuses.append((await client.answer())[0])
    assert statuses == [200, 200, 200, 429, 429]


async def test_requests_that_share_a_fetch_share_nothing_that_is_their_own(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    gateway = await start_gateway()
    query = "query($more: Boolean = false) { slow(seconds: 0.5) people @include(if: $more) { id } }"
    single = "{ slow(seconds: 0.5) }"
    await asyncio.gather(*(gateway.post(it) for it in (query, single)))
    before = people.resolved
    plain, with_cost, with_plan, again = await asyncio.gather(
        gateway.post(single),
        gateway.post(single, headers={"gateway-cost": "include"}),
        gateway.post(single, headers={"gateway-query-plan": "include"}),
        gateway.post(single),
    )
    assert people.resolved == before + 1
    assert plain == again == {"data": plain["data"]}
    assert set(with_cost["extensions"]) == {"cost"}
    assert set(with_plan["extensions"]) == {"queryPlan"}
    # Equal fetches, unequal answers: the variable is not sent to the subgraph in either case.
    fewer, all_of_it = await asyncio.gather(gateway.post(query), gateway.post(query, {"more": True}))
    assert set(fewer["data"]) == {"slow"}
    assert set(all_of_it["data"]) == {"slow", "people"}


async def test_a_stopping_gateway_ends_each_connection_with_an_answer(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    async with Client(gateway) as client:
        await client.send(request({"query": "{ hello }"}))
        await client.answer()
        gateway.server.give_notice()
        await client.send(request({"query": "{ hello }"}))
        status, headers, _ = await client.answer()
        assert (status, headers["connection"]) == (200, "close")
        assert await client.is_closed()
