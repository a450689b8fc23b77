"""Subscriptions over SSE and multipart, as a client reads them from the wire."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import orjson
import pytest

from tests.gateway.server.conftest import Gateway, StartGateway
from tests.gateway.server.subgraph import PeopleSubgraph

pytestmark = pytest.mark.asyncio(loop_scope="module")

SSE = {"accept": "text/event-stream"}
MULTIPART = {"accept": "multipart/mixed;subscriptionSpec=1.0, application/json"}


def post(gateway: Gateway, query: str, headers: dict[str, str]) -> Any:
    return gateway.client.post(f"{gateway.url}/graphql", json={"query": query}, headers=headers)


async def read_until(response: aiohttp.ClientResponse, end: bytes) -> bytes:
    text = b""
    async with asyncio.timeout(60):
        while end not in text:
            text += await response.content.readany()
    return text


async def test_a_subscription_over_sse_sends_next_events_and_complete(gateway: Gateway) -> None:
    async with post(gateway, "subscription { count(to: 2) }", SSE) as response:
        assert response.status == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        text = await response.text()
    assert text == (
        ':\n\nevent: next\ndata: {"data":{"count":0}}\n\n'
        'event: next\ndata: {"data":{"count":1}}\n\n'
        "event: complete\ndata:\n\n"
    )


async def test_a_query_over_sse_is_one_next_and_complete(gateway: Gateway) -> None:
    async with post(gateway, "{ hello }", SSE) as response:
        assert await response.text() == (
            'event: next\ndata: {"data":{"hello":"hello world"}}\n\nevent: complete\ndata:\n\n'
        )


async def test_an_event_source_may_subscribe_by_get_from_the_same_origin(gateway: Gateway) -> None:
    params = {"query": "subscription { count(to: 1) }"}
    headers = {**SSE, "sec-fetch-site": "same-origin"}
    async with gateway.client.get(f"{gateway.url}/graphql", params=params, headers=headers) as response:
        assert '{"count":0}' in await response.text()


async def test_an_idle_stream_shows_signs_of_life(start_gateway: StartGateway, people: PeopleSubgraph) -> None:
    gateway = await start_gateway(subscriptions={"heartbeat": 0.05})
    query = 'subscription { news(topic: "idle") }'
    async with post(gateway, query, SSE) as response:
        assert (await read_until(response, b":\n\n:\n\n:\n\n")).startswith(b":\n\n")
    async with post(gateway, query, MULTIPART) as response:
        text = await read_until(response, b"{}\r\n--graphql\r\ncontent-type: application/json; charset=utf-8\r\n\r\n{}")
        assert text.startswith(b"\r\n--graphql\r\n")
    await people.wait_for_followers("idle", 0)


@pytest.mark.parametrize("headers", [SSE, MULTIPART], ids=["sse", "multipart"])
async def test_leaving_a_stream_ends_the_subscription_at_the_subgraph(
    gateway: Gateway, people: PeopleSubgraph, headers: dict[str, str]
) -> None:
    async with post(gateway, 'subscription { news(topic: "leave") }', headers) as response:
        await people.wait_for_followers("leave", 1)
        people.publish("leave", "x")
        await read_until(response, b'{"news":"x"}')
    await people.wait_for_followers("leave", 0)


async def test_a_subscription_over_multipart_follows_the_protocol(gateway: Gateway) -> None:
    async with post(gateway, "subscription { count(to: 2) }", MULTIPART) as response:
        assert response.headers["content-type"] == 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'
        text = await response.text()
    parts = text.split("\r\n--graphql")
    assert parts[0] == ""
    assert parts[-1] == "--\r\n"
    bodies = [orjson.loads(part.partition("\r\n\r\n")[2]) for part in parts[1:-1]]
    assert bodies == [{}, {"payload": {"data": {"count": 0}}}, {"payload": {"data": {"count": 1}}}]


async def test_one_event_is_resolved_once_for_clients_of_all_protocols(
    gateway: Gateway, people: PeopleSubgraph
) -> None:
    query = 'subscription { news(topic: "mixed") }'
    before = people.subscriptions_started
    async with post(gateway, query, SSE) as one, post(gateway, query, MULTIPART) as two:
        await people.wait_for_followers("mixed", 1)
        people.publish("mixed", "all")
        assert b'data: {"data":{"news":"all"}}' in await read_until(one, b"all")
        assert b'{"payload":{"data":{"news":"all"}}}' in await read_until(two, b"all")
    assert people.subscriptions_started == before + 1


async def test_a_subscription_that_only_accepts_json_is_refused_with_406(gateway: Gateway) -> None:
    async with post(gateway, "subscription { count }", {"accept": "application/json"}) as response:
        assert response.status == 406
        assert "WebSocket" in (await response.json())["errors"][0]["message"]


async def test_a_slow_reader_of_a_stream_is_told_and_let_go(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    gateway = await start_gateway(websocket={"queue_messages": 4})
    # A connection whose reader stops: nothing is read until the gateway has given up on it.
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port, limit=1024)
    body = b'{"query":"subscription { news(topic: \\"flood\\") }"}'
    head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\naccept: text/event-stream\r\n"
    writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
    await people.wait_for_followers("flood", 1)
    async with asyncio.timeout(60):
        while people.publish("flood", "x" * 500_000):
            await asyncio.sleep(0.01)
    async with asyncio.timeout(60):
        tail = b""
        while b"event: complete" not in tail:
            tail = (tail + await reader.read(65_536))[-400:]
    assert b'"code":"SLOW_CONSUMER"' in tail
    writer.close()
