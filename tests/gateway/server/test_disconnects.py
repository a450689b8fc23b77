"""Clients that go before their answer: a query is given up, a mutation runs to its end."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from tests.gateway.server.conftest import Gateway, StartGateway
from tests.gateway.server.socket_client import SocketClient
from tests.gateway.server.subgraph import TWO_SUBGRAPHS, PeopleSubgraph

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Refused by the direct way to a known operation: it must hold on both.
ACCEPTS = ["application/json", "text/event-stream, application/json;q=0.5"]


async def wait_until_in_work(gateway: Gateway, count: int) -> None:
    async with asyncio.timeout(30):
        while await gateway.metric("gateway_operations_in_work") != count:
            await asyncio.sleep(0.02)


async def wait_for_disconnects(gateway: Gateway, count: float) -> None:
    async with asyncio.timeout(30):
        while await gateway.metric("gateway_disconnects_total") < count:
            await asyncio.sleep(0.02)


async def send_and_go(gateway: Gateway, query: str, accept: str) -> None:
    """Send an operation over a connection of its own, and close it while the operation is in work."""
    body = orjson.dumps({"query": query})
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\naccept: {accept}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(head.encode() + body)
    await writer.drain()
    await wait_until_in_work(gateway, 1)
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("accept", ACCEPTS)
async def test_a_query_is_given_up_when_its_client_goes(gateway: Gateway, accept: str) -> None:
    before = await gateway.metric("gateway_disconnects_total")
    # Once more after it is known: then it takes the short way.
    for number in (1, 2):
        await send_and_go(gateway, "{ slow(seconds: 60) }", accept)
        await wait_for_disconnects(gateway, before + number)
        await wait_until_in_work(gateway, 0)


async def answer_all_but_entities(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Be a subgraph that knows people, and never answers of which name they are."""
    request = await reader.read(65_536)
    if b"_entities" in request:
        await reader.read()
    else:
        body = b'{"data":{"people":[{"__typename":"Person","id":"1"}]}}'
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
        writer.write(head % len(body) + body)
    writer.close()


async def test_what_is_deferred_is_in_work_and_given_up_when_its_client_goes(start_gateway: StartGateway) -> None:
    async with await asyncio.start_server(answer_all_but_entities, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        gateway = await start_gateway(port=port, supergraph=TWO_SUBGRAPHS, traffic={"subgraph_timeout": 60})
        body = {"query": "{ people { id ... @defer { name } } }"}
        headers = {"accept": "multipart/mixed, application/json"}
        async with gateway.client.post(f"{gateway.url}/graphql", json=body, headers=headers) as response:
            assert b'"people":[{"id":"1"}]' in await response.content.readuntil(b"}\r\n---")
            await wait_until_in_work(gateway, 1)
            response.close()
        await wait_for_disconnects(gateway, 1)
        await wait_until_in_work(gateway, 0)


@pytest.mark.parametrize("accept", ACCEPTS)
async def test_a_mutation_runs_to_its_end_without_its_client(
    gateway: Gateway, people: PeopleSubgraph, accept: str
) -> None:
    before = await gateway.metric("gateway_disconnects_total")
    for number in (1, 2):
        people.renamed.clear()
        await send_and_go(gateway, 'mutation { rename(id: "1", name: "Ada", pause: 0.5) { id } }', accept)
        async with asyncio.timeout(30):
            while people.renamed != ["Ada"]:
                await asyncio.sleep(0.02)
        await wait_until_in_work(gateway, 0)
        assert number
    assert await gateway.metric("gateway_disconnects_total") == before


async def test_over_a_socket_a_query_is_given_up_and_a_mutation_is_not(
    gateway: Gateway, people: PeopleSubgraph
) -> None:
    before = await gateway.metric("gateway_disconnects_total")
    people.renamed.clear()
    async with SocketClient(gateway.socket_url) as client:
        await client.subscribe("1", "{ slow(seconds: 60) }")
        await client.subscribe("2", 'mutation { rename(id: "1", name: "Bob", pause: 0.5) { id } }')
        await wait_until_in_work(gateway, 2)
        await client.send({"id": "1", "type": "complete"})
        await wait_for_disconnects(gateway, before + 1)
    async with asyncio.timeout(30):
        while people.renamed != ["Bob"]:
            await asyncio.sleep(0.02)
    await wait_until_in_work(gateway, 0)
