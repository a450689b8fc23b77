"""Clients over graphql-transport-ws, with real sockets."""

from __future__ import annotations

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from tests.gateway.server.conftest import Gateway, StartGateway
from tests.gateway.server.socket_client import SocketClient
from tests.gateway.server.subgraph import PeopleSubgraph

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_query_over_a_socket_is_answered_and_completed(gateway: Gateway) -> None:
    async with SocketClient(gateway.socket_url) as client:
        await client.subscribe("1", "query($n: String!) { hello(name: $n) }", variables={"n": "Ada"})
        assert await client.receive_many(2) == [
            {"id": "1", "type": "next", "payload": {"data": {"hello": "hello Ada"}}},
            {"id": "1", "type": "complete"},
        ]


async def test_a_mutation_over_a_socket_is_answered(gateway: Gateway) -> None:
    async with SocketClient(gateway.socket_url) as client:
        await client.subscribe("m", 'mutation { rename(id: "1", name: "Ada") { name } }')
        assert (await client.receive())["payload"] == {"data": {"rename": {"name": "Ada"}}}


async def test_a_subscription_yields_each_event_and_completes(gateway: Gateway) -> None:
    async with SocketClient(gateway.socket_url) as client:
        await client.subscribe("s", "subscription { count(to: 3) }")
        messages = await client.receive_many(4)
    assert [message.get("payload", {}).get("data") for message in messages] == [
        {"count": 0},
        {"count": 1},
        {"count": 2},
        None,
    ]
    assert messages[-1] == {"id": "s", "type": "complete"}


async def test_operations_on_one_socket_run_side_by_side(gateway: Gateway) -> None:
    async with SocketClient(gateway.socket_url) as client:
        await client.subscribe("slow", "{ slow(seconds: 0.3) }")
        await client.subscribe("fast", "{ hello }")
        assert (await client.receive())["id"] == "fast"


async def test_completing_a_subscription_ends_it_at_the_subgraph(gateway: Gateway, people: PeopleSubgraph) -> None:
    async with SocketClient(gateway.socket_url) as client:
        await client.subscribe("s", 'subscription { news(topic: "complete") }')
        await people.wait_for_followers("complete", 1)
        await client.send({"id": "s", "type": "complete"})
        await people.wait_for_followers("complete", 0)


async def test_closing_a_socket_ends_its_subscriptions_at_the_subgraph(
    gateway: Gateway, people: PeopleSubgraph
) -> None:
    async with SocketClient(gateway.socket_url) as client:
        await client.subscribe("s", 'subscription { news(topic: "close") }')
        await people.wait_for_followers("close", 1)
    await people.wait_for_followers("close", 0)


async def test_identical_subscriptions_are_resolved_once_and_fanned_out(
    gateway: Gateway, people: PeopleSubgraph
) -> None:
    before = people.subscriptions_started
    events_before = await gateway.metric("gateway_subscription_events_total")
    async with SocketClient(gateway.socket_url) as one, SocketClient(gateway.socket_url) as two:
        await one.subscribe("a", 'subscription { news(topic: "shared") }')
        await two.subscribe("b", 'subscription { news(topic: "shared") }')
        await people.wait_for_followers("shared", 1)
        await gateway.until_metric("gateway_subscriptions ", 2)
        people.publish("shared", "once")
        assert (await one.receive())["payload"] == {"data": {"news": "once"}}
        assert (await two.receive()) == {"id": "b", "type": "next", "payload": {"data": {"news": "once"}}}
        # The first one leaves; the other goes on.
        await one.send({"id": "a", "type": "complete"})
        await gateway.until_metric("gateway_subscriptions ", 1)
        people.publish("shared", "twice")
        assert (await two.receive())["payload"] == {"data": {"news": "twice"}}
    assert people.subscriptions_started == before + 1
    assert await gateway.metric("gateway_subscription_events_total") == events_before + 2
    await people.wait_for_followers("shared", 0)


async def test_people_with_different_tokens_never_share_a_subscription(
    gateway: Gateway, people: PeopleSubgraph
) -> None:
    ada = SocketClient(gateway.socket_url, payload={"authorization": "Bearer ada"})
    bob = SocketClient(gateway.socket_url, payload={"Authorization": "Bearer bob"})
    before = people.sockets
    async with ada, bob:
        await ada.subscribe("1", 'subscription { news(topic: "own") }')
        await bob.subscribe("1", 'subscription { news(topic: "own") }')
        await people.wait_for_followers("own", 2)
    assert people.sockets == before + 2
    tokens = {headers.get("authorization") for headers in people.socket_headers[-2:]}
    assert tokens == {"Bearer ada", "Bearer bob"}


async def test_one_person_has_one_socket_upstream_for_all_subscriptions(
    gateway: Gateway, people: PeopleSubgraph
) -> None:
    before = people.sockets
    async with SocketClient(gateway.socket_url, payload={"authorization": "Bearer multiplexed"}) as client:
        for number in range(5):
            await client.subscribe(str(number), f'subscription {{ news(topic: "m{number}") }}')
        for number in range(5):
            await people.wait_for_followers(f"m{number}", 1)
    assert people.sockets == before + 1


async def test_an_opted_out_field_is_not_shared(start_gateway: StartGateway, people: PeopleSubgraph) -> None:
    gateway = await start_gateway(subscriptions={"private_fields": ["news"]})
    async with SocketClient(gateway.socket_url) as one, SocketClient(gateway.socket_url) as two:
        await one.subscribe("1", 'subscription { news(topic: "private") }')
        await two.subscribe("1", 'subscription { news(topic: "private") }')
        await people.wait_for_followers("private", 2)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{", "Syntax Error"),
        ("{ nothing }", "nothing"),
        ('subscription { count news(topic: "x") }', "one top level field"),
    ],
)
async def test_an_invalid_operation_is_answered_with_an_error_message(
    gateway: Gateway, query: str, message: str
) -> None:
    async with SocketClient(gateway.socket_url) as client:
        await client.subscribe("1", query)
        answer = await client.receive()
        assert (answer["id"], answer["type"]) == ("1", "error")
        assert message in answer["payload"][0]["message"]
        # The socket is still good.
        await client.subscribe("1", "{ hello }")
        assert (await client.receive())["type"] == "next"


async def test_no_connection_init_closes_with_4408(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(websocket={"init_timeout": 0.2})
    async with SocketClient(gateway.socket_url, initialise=False) as client:
        assert await client.closed() == (4408, "Connection initialisation timeout")


async def test_the_default_time_for_connection_init_is_three_seconds(gateway: Gateway) -> None:
    assert gateway.app.settings.websocket.init_timeout == 3.0


async def test_subscribing_before_the_acknowledgement_closes_with_4401(gateway: Gateway) -> None:
    async with SocketClient(gateway.socket_url, initialise=False) as client:
        await client.subscribe("1", "{ hello }")
        assert await client.closed() == (4401, "Unauthorized")


async def test_a_second_connection_init_closes_with_4429(gateway: Gateway) -> None:
    async with SocketClient(gateway.socket_url) as client:
        await client.send({"type": "connection_init"})
        assert await client.closed() == (4429, "Too many initialisation requests")


async def test_an_id_in_use_closes_with_4409(gateway: Gateway) -> None:
    async with SocketClient(gateway.socket_url) as client:
        await client.subscribe("1", "{ slow(seconds: 2) }")
        await client.subscribe("1", "{ hello }")
        assert await client.closed() == (4409, "Subscriber for 1 already exists")


async def test_an_invalid_message_closes_with_4400(gateway: Gateway) -> None:
    async with SocketClient(gateway.socket_url) as client:
        await client.send("nonsense")
        assert await client.closed() == (4400, "Invalid message: not JSON")


async def test_another_subprotocol_closes_with_4406(gateway: Gateway) -> None:
    from websockets.asyncio.client import connect
    from websockets.exceptions import ConnectionClosed

    async with connect(gateway.socket_url, compression=None, proxy=None) as socket:
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert (socket.close_code, socket.close_reason) == (4406, "Subprotocol not acceptable")


async def test_a_ping_is_answered_with_its_payload(gateway: Gateway) -> None:
    async with SocketClient(gateway.socket_url) as client:
        await client.send({"type": "ping", "payload": {"n": 1}})
        assert await client.receive() == {"type": "pong", "payload": {"n": 1}}


async def test_a_foreign_origin_is_refused_with_403(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(cors={"origins": ["http://app.example"]})
    with pytest.raises(InvalidStatus) as refused:
        async with SocketClient(gateway.socket_url, origin="http://evil.example"):
            pass
    assert refused.value.response.status_code == 403
    for origin in ("http://app.example", gateway.url):
        async with SocketClient(gateway.socket_url, origin=origin) as client:
            await client.subscribe("1", "{ hello }")
            assert (await client.receive())["type"] == "next"


async def test_a_message_over_the_limit_closes_with_1009(gateway: Gateway) -> None:
    async with SocketClient(gateway.socket_url) as client:
        await client.subscribe("1", "{ hello }", variables={"x": "x" * (257 * 1024)})
        code, _ = await client.closed()
    assert code == 1009


async def test_one_operation_too_many_on_a_socket_is_an_error_message(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(websocket={"max_operations": 2})
    async with SocketClient(gateway.socket_url) as client:
        await client.subscribe("1", 'subscription { news(topic: "limit1") }')
        await client.subscribe("2", 'subscription { news(topic: "limit2") }')
        await client.subscribe("3", "{ hello }")
        answer = await client.receive()
    assert answer["id"] == "3"
    assert answer["payload"][0]["extensions"] == {"code": "TOO_MANY_OPERATIONS"}


async def test_one_socket_too_many_is_refused_with_503(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(websocket={"max_connections": 1})
    async with SocketClient(gateway.socket_url):
        with pytest.raises(InvalidStatus) as refused:
            async with SocketClient(gateway.socket_url):
                pass
    assert refused.value.response.status_code == 503
    assert refused.value.response.headers["retry-after"] == "1"


async def test_a_slow_consumer_is_closed_with_4413_and_the_others_keep_their_pace(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    gateway = await start_gateway()
    async with SocketClient(gateway.socket_url) as slow, SocketClient(gateway.socket_url) as quick:
        for client in (slow, quick):
            await client.subscribe("1", 'subscription { news(topic: "flood") }')
        await people.wait_for_followers("flood", 1)
        # The slow one stops reading: what is in flight fills the kernel's buffers, then its queue here.
        slow.socket.transport.pause_reading()
        text = "x" * 200_000
        for number in range(400):
            people.publish("flood", f"{number} {text}")
            assert (await quick.receive())["payload"]["data"]["news"].startswith(f"{number} ")
            if await gateway.metric('gateway_websockets_closed_total{code="4413"}'):
                break
        assert await gateway.metric('gateway_websockets_closed_total{code="4413"}') == 1
        slow.socket.transport.resume_reading()
        code, reason = await slow.closed()
        assert (code, reason) == (4413, "Slow consumer: messages are read too slowly")
        people.publish("flood", "still there")
        while (await quick.receive())["payload"]["data"]["news"] != "still there":
            pass


async def test_the_gauges_return_to_zero(gateway: Gateway) -> None:
    async with SocketClient(gateway.socket_url) as client:
        await client.subscribe("1", 'subscription { news(topic: "gauge") }')
        await gateway.until_metric("gateway_websockets ", 1)
        await gateway.until_metric("gateway_subscriptions ", 1)
    await gateway.until_metric("gateway_websockets ", 0)
    await gateway.until_metric("gateway_subscriptions ", 0)
    await gateway.until_metric("gateway_shared_subscriptions ", 0)


async def test_a_client_that_falls_silent_is_found_by_heartbeats(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    gateway = await start_gateway(websocket={"ping_interval": 0.2, "ping_timeout": 0.2})
    # A client that stops like a suspended laptop: its end of the connection is open, and nobody answers.
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(
        b"GET /graphql HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n"
        b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    for text in (
        b'{"type":"connection_init"}',
        b'{"id":"1","type":"subscribe","payload":{"query":"subscription { news(topic: \\"still\\") }"}}',
    ):
        writer.write(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)
    await people.wait_for_followers("still", 1)
    await people.wait_for_followers("still", 0)
    await gateway.until_metric("gateway_websockets ", 0)
    writer.close()
