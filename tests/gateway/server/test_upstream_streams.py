"""Subscriptions upstream over SSE and multipart: two gateways in a row, the inner one being the subgraph of the outer."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from gateway.errors import SubgraphProtocolError, SubgraphUnreachable
from gateway.transport.http_stream import END, HttpStreamTransport, StreamTooLong
from gateway.transport.interface import SubgraphRequest
from gateway.transport.multipart import MULTIPART_ACCEPT, MultipartParser
from gateway.transport.sse import SSE_ACCEPT, EventStreamParser
from tests.gateway.faults import FaultProxy
from tests.gateway.server.conftest import Gateway, StartGateway
from tests.gateway.server.socket_client import SocketClient
from tests.gateway.server.subgraph import PeopleSubgraph

pytestmark = pytest.mark.asyncio(loop_scope="module")

SSE_TEXT = b': hello\n\nevent: next\ndata: {"data":1}\n\nevent: next\r\ndata: {"data":\r\ndata: 2}\r\n\r\nevent: complete\ndata:\n\n'
MULTIPART_TEXT = (
    b"\r\n--x\r\ncontent-type: application/json\r\n\r\n{}\r\n--x\r\ncontent-type: application/json\r\n\r\n"
    b'{"payload":{"data":1}}\r\n--x\r\ncontent-type: application/json\r\n\r\n{"payload":null,"errors":[{"message":"no"}]}\r\n--x--\r\n'
)


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_events_are_read_however_they_are_cut(size: int) -> None:
    parser = EventStreamParser("text/event-stream", 1000)
    items = [it for start in range(0, len(SSE_TEXT), size) for it in parser.feed(SSE_TEXT[start : start + size])]
    assert items == [b'{"data":1}', b'{"data":\n2}', END]


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_parts_are_read_however_they_are_cut(size: int) -> None:
    parser = MultipartParser('multipart/mixed;boundary="x";subscriptionSpec=1.0', 1000)
    pieces = [MULTIPART_TEXT[start : start + size] for start in range(0, len(MULTIPART_TEXT), size)]
    items = [it for piece in pieces for it in parser.feed(piece)]
    assert items == [b'{"data":1}', b'{"errors":[{"message":"no"}]}', END]


async def test_an_answer_without_end_is_refused() -> None:
    with pytest.raises(StreamTooLong):
        list(EventStreamParser("", 100).feed(b"data: " + b"x" * 200))
    with pytest.raises(StreamTooLong):
        list(MultipartParser("", 100).feed(b"x" * 200))


@pytest.mark.parametrize("protocol", ["sse", "multipart"])
async def test_a_subscription_goes_through_and_ends(
    start_gateway: StartGateway, gateway: Gateway, protocol: str
) -> None:
    outer = await start_gateway(port=gateway.port, subgraphs={"people": {"subscription_protocol": protocol}})
    async with SocketClient(outer.socket_url) as client:
        await client.subscribe("1", "subscription { count(to: 2) }")
        messages = await client.receive_many(3)
    assert [message.get("payload") for message in messages] == [{"data": {"count": 0}}, {"data": {"count": 1}}, None]


@pytest.mark.parametrize("protocol", ["sse", "multipart"])
async def test_a_stream_that_breaks_off_is_asked_for_again(
    start_gateway: StartGateway, gateway: Gateway, people: PeopleSubgraph, protocol: str
) -> None:
    async with FaultProxy(gateway.port) as proxy:
        outer = await start_gateway(port=proxy.port, subgraphs={"people": {"subscription_protocol": protocol}})
        async with SocketClient(outer.socket_url) as client:
            await client.subscribe("1", f'subscription {{ news(topic: "{protocol}") }}')
            for number in range(2):
                await people.wait_for_followers(protocol, 1)
                people.publish(protocol, str(number))
                assert (await client.receive())["payload"] == {"data": {"news": str(number)}}
                proxy.cut()
                await people.wait_for_followers(protocol, 0)
            await people.wait_for_followers(protocol, 1)
        assert await outer.metric('gateway_upstream_reconnects_total{subgraph="people"}') == 2


async def test_a_subgraph_that_answers_with_something_else_is_an_error(gateway: Gateway) -> None:
    transport = HttpStreamTransport("people", f"{gateway.url}/health", SSE_ACCEPT, EventStreamParser)
    request = SubgraphRequest("people", b'{"query":"subscription { count }"}', "subscription")
    with pytest.raises(SubgraphProtocolError, match="HTTP 200 application/json"):
        await anext(transport.subscribe(request))
    await transport.aclose()


async def test_a_subgraph_cannot_send_the_gateways_headers_somewhere_else() -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        elsewhere = b"http://127.0.0.1:%d/elsewhere" % server.sockets[0].getsockname()[1]
        writer.write(b"HTTP/1.1 307 Temporary Redirect\r\nlocation: %b\r\ncontent-length: 0\r\n\r\n" % elsewhere)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"
        transport = HttpStreamTransport("people", url, SSE_ACCEPT, EventStreamParser)
        headers = ((b"x-gateway-secret", b"s3cret"),)
        request = SubgraphRequest("people", b"{}", "subscription", headers, 30.0)
        with pytest.raises(SubgraphProtocolError, match="HTTP 307"):
            async for _ in transport.subscribe(request):
                pass
        await transport.aclose()
    assert len(asked) == 1


async def test_a_subgraph_that_is_not_there_is_an_error_in_time(unused_port: int) -> None:
    transport = HttpStreamTransport("people", f"http://127.0.0.1:{unused_port}/", MULTIPART_ACCEPT, MultipartParser)
    body = orjson.dumps({"query": "subscription { count }"})
    async with asyncio.timeout(3):
        with pytest.raises(SubgraphUnreachable):
            await anext(transport.subscribe(SubgraphRequest("people", body, "subscription", timeout=0.3)))
    await transport.aclose()
