"""POST /invalidate: what it takes, and that it reaches the other replicas through a real NATS server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from gateway.server.invalidation import MAX_BODY, SharedInvalidations
from gateway.server.response_cache import CachePolicy, ResponseCache
from gateway.server.settings import ResponseCacheSettings
from gateway.transport.broadcast import Broadcast
from tests.gateway.server.conftest import Gateway, StartGateway
from tests.gateway.server.nats_process import nats_server

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = {"authorization": "Bearer s3cret"}
SETTINGS = {"enabled": True, "invalidation_secret": "s3cret"}


@asynccontextmanager
async def counting_subgraph() -> AsyncIterator[int]:
    """A subgraph whose answers are numbered and may be kept under the tag "hello"; yields its port."""
    count = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        await reader.read(65_536)
        count += 1
        body = b'{"data":{"hello":"number %d"}}' % count
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncache-tag: hello\r\n")
        writer.write(b"cache-control: max-age=600\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def invalidate(gateway: Gateway, body: Any, headers: dict[str, str] = SECRET) -> tuple[int, str]:
    async with gateway.client.post(f"{gateway.url}/invalidate", data=orjson.dumps(body), headers=headers) as response:
        return response.status, await response.text()


async def hello(gateway: Gateway) -> str:
    answer = await gateway.post("{ hello }")
    return str(answer["data"]["hello"])


def shared(gateway: Gateway) -> Broadcast:
    (service,) = gateway.app.parts.services
    assert isinstance(service, SharedInvalidations)
    assert isinstance(service.messenger, Broadcast)
    return service.messenger


async def connected(*gateways: Gateway) -> None:
    async with asyncio.timeout(60):
        while not all(shared(gateway).is_listening for gateway in gateways):
            await asyncio.sleep(0.02)


async def until_it_answers(gateway: Gateway, expected: str) -> None:
    async with asyncio.timeout(30):
        while await hello(gateway) != expected:
            await asyncio.sleep(0.02)


async def test_a_tag_is_forgotten_by_all_replicas(start_gateway: StartGateway, unused_port: int) -> None:
    settings = {**SETTINGS, "nats_url": f"nats://127.0.0.1:{unused_port}"}
    async with counting_subgraph() as port:
        with nats_server(unused_port):
            first: Gateway = await start_gateway(port=port, response_cache=settings)
            second: Gateway = await start_gateway(port=port, response_cache=settings)
            await connected(first, second)
            assert [await hello(first), await hello(second)] == ["number 1", "number 2"]
            # Another tag changes nothing, here or there: what follows it on the same connection comes after it.
            assert await invalidate(first, {"tags": ["other"]}) == (200, '{"invalidated":0}')
            assert [await hello(first), await hello(second)] == ["number 1", "number 2"]
            assert await invalidate(first, {"tags": ["hello"]}) == (200, '{"invalidated":1}')
            await until_it_answers(second, "number 3")
            assert await hello(first) == "number 4"
            assert await invalidate(second, {"tags": ["hello"]}) == (200, '{"invalidated":1}')
            await until_it_answers(first, "number 5")
        await first.client.close()
        await second.client.close()


async def test_while_the_others_cannot_be_told_the_answer_says_so_and_who_was_cut_off_forgets_all(
    start_gateway: StartGateway, unused_port: int
) -> None:
    settings = {**SETTINGS, "nats_url": f"nats://127.0.0.1:{unused_port}"}
    async with counting_subgraph() as port:
        gateway: Gateway = await start_gateway(port=port, response_cache=settings)
        assert [await hello(gateway), await hello(gateway)] == ["number 1", "number 1"]
        status, text = await invalidate(gateway, {"tags": ["hello"]})
        assert (status, orjson.loads(text)["invalidated"]) == (503, 1)
        assert await hello(gateway) == "number 2"
        for expected in ("number 3", "number 4"):
            with nats_server(unused_port):
                await connected(gateway)
                # An invalidation may have been missed before.
                assert await hello(gateway) == expected
                assert await hello(gateway) == expected
                assert await invalidate(gateway, {"tags": []}) == (200, '{"invalidated":0}')
            async with asyncio.timeout(30):
                while shared(gateway).is_listening:
                    await asyncio.sleep(0.02)
        await gateway.client.close()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"tags": ["x"]}, 200),
        ({"tags": "x"}, 400),
        ({"tags": [1]}, 400),
        ({}, 400),
        ([], 400),
        (1, 400),
        (None, 400),
        ({"tags": ["x" * MAX_BODY]}, 413),
    ],
)
async def test_what_is_no_list_of_tags_is_refused(start_gateway: StartGateway, body: Any, status: int) -> None:
    gateway: Gateway = await start_gateway(response_cache=SETTINGS)
    assert (await invalidate(gateway, body))[0] == status
    for secret in ({}, {"authorization": "Bearer s3cre"}):
        assert (await invalidate(gateway, body, secret))[0] == 401


@pytest.mark.parametrize("message", [b"nonsense", b"{}", b"[1]", b"null"])
async def test_a_message_that_cannot_be_read_changes_nothing(message: bytes) -> None:
    cache = ResponseCache(ResponseCacheSettings())
    heard: list[Callable[[bytes], None]] = []

    class Nobody:
        def __init__(self, on_message: Callable[[bytes], None], on_listening: Callable[[], None]) -> None:
            heard.append(on_message)

        def start(self) -> None:
            return

        async def deliver(self, message: bytes) -> bool:
            return True

        async def aclose(self) -> None:
            return

    SharedInvalidations(cache, Nobody)
    cache.store(cache.place("a"), b"1", CachePolicy(60, False, frozenset({"x"})))
    heard[0](message)
    assert cache.find("a") is not None
    heard[0](b'["x"]')
    assert cache.find("a") is None
