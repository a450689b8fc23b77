"""Subscriptions upstream when the network or the subgraph fails: the client's own subscription goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import orjson
import pytest

from gateway.errors import SubgraphOverloaded, SubgraphUnreachable, TransportError
from gateway.transport.interface import SubgraphRequest
from gateway.transport.upstream_socket import WebSocketOptions
from gateway.transport.websocket import WebSocketTransport
from tests.gateway.faults import FaultProxy
from tests.gateway.server.conftest import StartGateway
from tests.gateway.server.socket_client import SocketClient
from tests.gateway.server.subgraph import PeopleSubgraph

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUICK = WebSocketOptions(first_backoff=0.02, longest_backoff=0.1, reconnect_window=60.0, idle_timeout=0.1)


def news(topic: str, **more: Any) -> SubgraphRequest:
    body = orjson.dumps({"query": f'subscription {{ news(topic: "{topic}") }}'})
    return SubgraphRequest("people", body, "subscription", **more)


async def next_of(events: AsyncIterator[bytes]) -> Any:
    async with asyncio.timeout(60):
        return orjson.loads(await anext(events))


async def test_a_cut_connection_is_opened_again_and_the_subscription_goes_on(people: PeopleSubgraph) -> None:
    reconnected: list[str] = []
    async with FaultProxy(people.port) as proxy:
        transport = WebSocketTransport("people", f"http://127.0.0.1:{proxy.port}/", QUICK, reconnected.append)
        async with aclosing(transport.subscribe(news("cut"))) as events:  # type: ignore[type-var]
            waiting = asyncio.create_task(next_of(events))
            for number in range(3):
                await people.wait_for_followers("cut", 1)
                people.publish("cut", f"event {number}")
                assert await waiting == {"data": {"news": f"event {number}"}}
                waiting = asyncio.create_task(next_of(events))
                proxy.cut()
                await people.wait_for_followers("cut", 0)
            await people.wait_for_followers("cut", 1)
            people.publish("cut", "last")
            assert await waiting == {"data": {"news": "last"}}
        await transport.aclose()
    assert reconnected == ["people"] * 3


async def test_an_outage_longer_than_the_window_ends_the_subscription_with_an_error(people: PeopleSubgraph) -> None:
    async with FaultProxy(people.port) as proxy:
        options = replace(QUICK, reconnect_window=1.0)
        transport = WebSocketTransport("people", f"http://127.0.0.1:{proxy.port}/", options)
        async with aclosing(transport.subscribe(news("outage"))) as events:  # type: ignore[type-var]
            waiting = asyncio.create_task(next_of(events))
            await people.wait_for_followers("outage", 1)
            proxy.faults.refuse = True
            proxy.cut()
            with pytest.raises(SubgraphUnreachable, match=r"could not be opened again within 1\.0 s"):
                await waiting
        await transport.aclose()


async def test_an_outage_shorter_than_the_window_is_not_noticed(people: PeopleSubgraph) -> None:
    async with FaultProxy(people.port) as proxy:
        transport = WebSocketTransport("people", f"http://127.0.0.1:{proxy.port}/", QUICK)
        async with aclosing(transport.subscribe(news("short"))) as events:  # type: ignore[type-var]
            waiting = asyncio.create_task(next_of(events))
            await people.wait_for_followers("short", 1)
            proxy.faults.refuse = True
            proxy.cut()
            await asyncio.sleep(0.5)
            proxy.faults.refuse = False
            await people.wait_for_followers("short", 1)
            people.publish("short", "back")
            assert await waiting == {"data": {"news": "back"}}
        await transport.aclose()


async def test_a_peer_that_falls_silent_is_found_by_heartbeats(people: PeopleSubgraph) -> None:
    options = WebSocketOptions(ping_interval=0.5, ping_timeout=0.5, first_backoff=0.02, longest_backoff=0.1)
    async with FaultProxy(people.port) as proxy:
        transport = WebSocketTransport("people", f"http://127.0.0.1:{proxy.port}/", options)
        async with aclosing(transport.subscribe(news("silent"))) as events:  # type: ignore[type-var]
            waiting = asyncio.create_task(next_of(events))
            await people.wait_for_followers("silent", 1)
            proxy.faults.blackhole = True
            async with asyncio.timeout(60):
                # Nobody has cut anything: only a heartbeat without an answer tells that another connection is needed.
                while proxy.connections < 2:
                    await asyncio.sleep(0.02)
            proxy.faults.blackhole = False
            proxy.cut()
            while not waiting.done():
                people.publish("silent", "heard")
                await asyncio.sleep(0.05)
            assert await waiting == {"data": {"news": "heard"}}
        await transport.aclose()


async def test_a_subgraph_that_is_not_there_is_an_error_in_time(unused_port: int) -> None:
    transport = WebSocketTransport("people", f"http://127.0.0.1:{unused_port}/", QUICK)
    events = transport.subscribe(news("nobody", timeout=0.3))
    with pytest.raises(SubgraphUnreachable, match=r"no WebSocket connection within 0.3 s"):
        await next_of(events)
    await transport.aclose()


async def test_an_invalid_operation_ends_only_its_own_subscription(people: PeopleSubgraph) -> None:
    transport = WebSocketTransport("people", f"http://127.0.0.1:{people.port}/", QUICK)
    wrong = SubgraphRequest("people", b'{"query":"subscription { nothing }"}', "subscription")
    async with aclosing(transport.subscribe(news("other"))) as events:  # type: ignore[type-var]
        waiting = asyncio.create_task(next_of(events))
        await people.wait_for_followers("other", 1)
        answers = [orjson.loads(answer) async for answer in transport.subscribe(wrong)]
        assert "nothing" in answers[0]["errors"][0]["message"]
        people.publish("other", "unharmed")
        assert await waiting == {"data": {"news": "unharmed"}}
    await transport.aclose()


async def test_events_that_nobody_reads_are_bounded(people: PeopleSubgraph) -> None:
    options = WebSocketOptions(buffered_events=5)
    transport = WebSocketTransport("people", f"http://127.0.0.1:{people.port}/", options)
    async with aclosing(transport.subscribe(news("buffer"))) as events:  # type: ignore[type-var]
        waiting = asyncio.create_task(next_of(events))
        await people.wait_for_followers("buffer", 1)
        people.publish("buffer", "first")
        await waiting
        for number in range(20):
            people.publish("buffer", str(number))
        await asyncio.sleep(0.2)
        received = []
        with pytest.raises(SubgraphOverloaded, match="more than 5 events"):  # noqa: PT012  the loop is how it is read
            async for event in events:
                received.append(event)
        assert len(received) == 5
    await transport.aclose()


async def test_an_idle_socket_is_closed_and_a_new_one_opened_when_needed(people: PeopleSubgraph) -> None:
    options = replace(QUICK, idle_timeout=2.0)
    transport = WebSocketTransport("people", f"http://127.0.0.1:{people.port}/", options)
    before = people.sockets
    request = SubgraphRequest("people", b'{"query":"subscription { count(to: 1) }"}', "subscription")
    for _ in range(2):
        assert [answer async for answer in transport.subscribe(request)] == [b'{"data":{"count":0}}']
    assert people.sockets == before + 1
    await asyncio.sleep(3)
    assert [answer async for answer in transport.subscribe(request)] == [b'{"data":{"count":0}}']
    assert people.sockets == before + 2
    await transport.aclose()


async def test_a_query_can_be_sent_over_the_socket(people: PeopleSubgraph) -> None:
    transport = WebSocketTransport("people", f"http://127.0.0.1:{people.port}/", QUICK)
    response = await transport.execute(SubgraphRequest("people", b'{"query":"{ hello }"}', "query"))
    assert response.body == b'{"data":{"hello":"hello world"}}'
    await transport.aclose()


async def test_closing_the_transport_ends_what_is_on_it(people: PeopleSubgraph) -> None:
    transport = WebSocketTransport("people", f"http://127.0.0.1:{people.port}/", QUICK)
    events = transport.subscribe(news("ends"))
    waiting = asyncio.create_task(next_of(events))
    await people.wait_for_followers("ends", 1)
    await transport.aclose()
    with pytest.raises(TransportError):
        await waiting


async def test_the_client_of_the_gateway_notices_nothing_but_the_pause(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    async with FaultProxy(people.port) as proxy:
        gateway = await start_gateway(port=proxy.port)
        async with SocketClient(gateway.socket_url) as client:
            await client.subscribe("1", 'subscription { news(topic: "through") }')
            for number in range(3):
                await people.wait_for_followers("through", 1)
                people.publish("through", str(number))
                assert (await client.receive())["payload"] == {"data": {"news": str(number)}}
                proxy.cut()
                await people.wait_for_followers("through", 0)
            await people.wait_for_followers("through", 1)
        assert await gateway.metric('gateway_upstream_reconnects_total{subgraph="people"}') == 3
