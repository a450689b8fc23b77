"""Taking up a new supergraph while running: good ones, bad ones, and what happens to live subscriptions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.server.operations import MAX_PENDING
from tests.gateway.server.conftest import Gateway, StartGateway
from tests.gateway.server.socket_client import SocketClient
from tests.gateway.server.subgraph import SCHEMA, PeopleSubgraph

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def ready_state(gateway: Gateway) -> dict[str, object]:
    async with gateway.client.get(f"{gateway.url}/ready") as response:
        state: dict[str, object] = {"http": response.status, **await response.json()}
        return state


async def until_generation(gateway: Gateway, number: int) -> None:
    async def is_there() -> bool:
        return gateway.app.parts.graphs.current.number >= number

    await until(is_there)


def replace(file: Path, text: str) -> str:
    """Write a file anew and return what was in it."""
    old = file.read_text()
    file.write_text(text)
    return old


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


async def test_a_changed_file_is_taken_up_while_running(start_gateway: StartGateway, supergraph_file: Path) -> None:
    gateway = await start_gateway()
    assert "errors" in await gateway.post("{ greeting: hello nobody }")
    rewrite(supergraph_file, "broken: String", "broken: String\n  nobody: String")

    async def is_new() -> bool:
        return "nobody" in str(await gateway.post('{ __type(name: "Query") { fields { name } } }'))

    await until(is_new)
    assert (await ready_state(gateway))["supergraph"]["generation"] == 2  # type: ignore[index]
    assert await gateway.metric('gateway_reloads_total{outcome="changed"}') == 1


def mounted(folder: Path, file: Path) -> Path:
    """Put a file there as Kubernetes does: a link through `..data`, itself a link to a folder, beside a folder with a newer file."""
    text = file.read_text()
    for name, content in (
        ("first", text),
        ("second", text.replace("broken: String", "broken: String\n  nobody: String")),
    ):
        (folder / name).mkdir()
        (folder / name / "graph.graphql").write_text(content)
    (folder / "..data").symlink_to("first")
    (folder / "graph.graphql").symlink_to("..data/graph.graphql")
    return folder / "graph.graphql"


async def test_a_file_behind_a_link_is_taken_up_when_the_link_leads_elsewhere(
    start_gateway: StartGateway, supergraph_file: Path, tmp_path: Path
) -> None:
    await start_gateway()  # which writes the file
    gateway = await start_gateway(file=mounted(tmp_path, supergraph_file))
    assert gateway.app.parts.graphs.current.number == 1
    (tmp_path / "..new").symlink_to("second")
    (tmp_path / "..new").rename(tmp_path / "..data")
    await until_generation(gateway, 2)


async def test_a_bad_file_keeps_the_old_supergraph_and_is_told(
    start_gateway: StartGateway, supergraph_file: Path
) -> None:
    gateway = await start_gateway()
    # There before the first failure: Prometheus sees an increase only of what it has seen.
    async with gateway.client.get(f"{gateway.url}/metrics") as response:
        assert 'gateway_reloads_total{outcome="failed"} 0.0' in await response.text()
    good = replace(supergraph_file, "type Query {")

    async def is_told() -> bool:
        return (await ready_state(gateway))["reloadError"] is not None

    await until(is_told)
    state = await ready_state(gateway)
    assert state["http"] == 200
    assert state["supergraph"]["generation"] == 1  # type: ignore[index]
    assert await gateway.post("{ hello }") == {"data": {"hello": "hello world"}}
    assert await gateway.metric('gateway_reloads_total{outcome="failed"}') >= 1
    replace(supergraph_file, good)

    async def is_well() -> bool:
        return (await ready_state(gateway))["reloadError"] is None

    await until(is_well)


async def test_a_subscription_that_is_still_valid_goes_on_through_a_reload(
    start_gateway: StartGateway, supergraph_file: Path, people: PeopleSubgraph
) -> None:
    gateway = await start_gateway()
    before = people.subscriptions_started
    async with SocketClient(gateway.socket_url) as client:
        await client.subscribe("1", 'subscription { news(topic: "reload") }')
        await people.wait_for_followers("reload", 1)
        people.publish("reload", "old")
        assert (await client.receive())["payload"] == {"data": {"news": "old"}}
        rewrite(supergraph_file, "broken: String", "broken: String\n  further: String")
        gateway.app.parts.reloader.ask()
        await until_generation(gateway, 2)
        people.publish("reload", "new")
        assert (await client.receive())["payload"] == {"data": {"news": "new"}}
    # Nothing changed for this operation, so the subscription upstream is the same one.
    assert people.subscriptions_started == before + 1


async def test_more_subscriptions_than_can_be_planned_at_once_go_on_through_a_reload(
    start_gateway: StartGateway, supergraph_file: Path, people: PeopleSubgraph
) -> None:
    gateway = await start_gateway()
    # The subgraph takes a hundred on one socket, and people have one each.
    people_count, each = MAX_PENDING // 90 + 1, 90
    count = people_count * each
    async with AsyncExitStack() as stack:
        clients = []
        for person in range(people_count):
            headers = {"authorization": f"Bearer {person}"}
            client = await stack.enter_async_context(SocketClient(gateway.socket_url, headers=headers))
            clients.append(client)
            for number in range(each):
                await client.subscribe(str(number), f'subscription {{ news(topic: "many") }} # {person}.{number}')
            await people.wait_for_followers("many", (person + 1) * each)
        rewrite(supergraph_file, "broken: String", "broken: String\n  further: String")
        gateway.app.parts.reloader.ask()
        await until_generation(gateway, 2)
        await gateway.until_metric("gateway_known_operations ", count)
        people.publish("many", "still here")
        messages = [message for client in clients for message in await client.receive_many(each)]
    assert {message["type"] for message in messages} == {"next"}


async def test_a_subscription_is_moved_to_a_subgraph_at_another_address(
    start_gateway: StartGateway, supergraph_file: Path, people: PeopleSubgraph
) -> None:
    gateway = await start_gateway()
    async with SocketClient(gateway.socket_url) as client:
        await client.subscribe("1", 'subscription { news(topic: "moved") }')
        await people.wait_for_followers("moved", 1)
        rewrite(supergraph_file, "http://127.0.0.1:", "http://localhost:")
        gateway.app.parts.reloader.ask()
        await people.wait_for_followers("moved", 2)
        people.publish("moved", "during")
        assert (await client.receive())["payload"] == {"data": {"news": "during"}}
        await people.wait_for_followers("moved", 1)
        people.publish("moved", "after")
        assert (await client.receive())["payload"] == {"data": {"news": "after"}}


async def test_a_subscription_that_is_no_longer_valid_ends_with_a_named_error(
    start_gateway: StartGateway, supergraph_file: Path, people: PeopleSubgraph
) -> None:
    gateway = await start_gateway()
    async with SocketClient(gateway.socket_url) as client:
        await client.subscribe("gone", 'subscription { news(topic: "gone") }')
        await client.subscribe("kept", "subscription { count(to: 1000, pause: 0.05) }")
        await people.wait_for_followers("gone", 1)
        rewrite(supergraph_file, "news(topic: String!): String!", "")
        gateway.app.parts.reloader.ask()
        async with asyncio.timeout(60):
            while (message := await client.receive())["id"] != "gone":
                pass
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"] == {"code": "SUBSCRIPTION_SCHEMA_RELOAD"}
        assert (await client.receive())["id"] == "kept"
    await people.wait_for_followers("gone", 0)


async def test_subgraphs_are_composed_at_the_start(
    start_gateway: StartGateway, people: PeopleSubgraph, tmp_path: Path
) -> None:
    (tmp_path / "people.graphql").write_text(SCHEMA.as_str())
    entry = {"name": "people", "url": f"http://127.0.0.1:{people.port}/", "sdl": "people.graphql"}
    (tmp_path / "subgraphs.json").write_text(json.dumps([entry]))
    gateway = await start_gateway(subgraphs_file=str(tmp_path / "subgraphs.json"))
    assert await gateway.post("{ people(first: 1) { name friends { id } } }") == {
        "data": {"people": [{"name": "Person 0", "friends": [{"id": "0"}, {"id": "1"}]}]}
    }


async def test_running_subgraphs_are_asked_for_their_sdl(
    start_gateway: StartGateway, people: PeopleSubgraph, tmp_path: Path
) -> None:
    entry = {"name": "people", "url": f"http://127.0.0.1:{people.port}/"}
    (tmp_path / "subgraphs.json").write_text(json.dumps([entry]))
    gateway = await start_gateway(subgraphs_file=str(tmp_path / "subgraphs.json"), reload={"poll_interval": 0.1})

    async def is_ready() -> bool:
        return (await ready_state(gateway))["http"] == 200

    await until(is_ready)
    assert await gateway.post("{ hello }") == {"data": {"hello": "hello world"}}


async def test_a_gateway_that_has_no_supergraph_yet_says_so(
    start_gateway: StartGateway, unused_port: int, tmp_path: Path
) -> None:
    entry = {"name": "people", "url": f"http://127.0.0.1:{unused_port}/"}
    (tmp_path / "subgraphs.json").write_text(json.dumps([entry]))
    gateway = await start_gateway(subgraphs_file=str(tmp_path / "subgraphs.json"), reload={"poll_interval": 0.1})
    assert await ready_state(gateway) == {"http": 503, "status": "no supergraph", "reloadError": None}
    answer = await gateway.post("{ hello }")
    assert answer["errors"][0]["extensions"] == {"code": "NOT_READY"}


async def test_what_connects_to_old_addresses_only_is_closed_after_a_while(
    start_gateway: StartGateway, supergraph_file: Path
) -> None:
    gateway = await start_gateway(reload={"drain": 0.0}, traffic={"request_timeout": 0.2})
    old = next(iter(gateway.app.parts.graphs.current.transports.values()))
    assert "data" in await gateway.post("{ hello }")
    rewrite(supergraph_file, "http://127.0.0.1:", "http://localhost:")
    gateway.app.parts.reloader.ask()
    await until_generation(gateway, 2)
    assert next(iter(gateway.app.parts.graphs.current.transports.values())) is not old

    async def is_closed() -> bool:
        return len(gateway.app.parts.graphs._pool._transports) == 1

    await until(is_closed)
    assert "data" in await gateway.post("{ hello }")
