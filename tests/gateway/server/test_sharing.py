"""What requests at the same time share, and what they must not: the answers of others that are old, or their cookies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="module")

StartGateway = Callable[..., Awaitable[Any]]
REQUESTS = {"collapse_identical_requests": True, "collapse_identical_fetches": False}
FETCHES = {"collapse_identical_requests": False, "collapse_identical_fetches": True}


class HeldSubgraph:
    """Says how often it was asked, and answers when it is told to."""

    def __init__(self) -> None:
        self.port = 0
        self.asked = 0
        self.may_answer = asyncio.Event()

    async def until_asked(self, times: int) -> None:
        async with asyncio.timeout(30):
            while self.asked < times:
                await asyncio.sleep(0.01)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        self.asked += 1
        number = self.asked
        await self.may_answer.wait()
        body = b'{"data":{"hello":"number %d"}}' % number
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
        head += b"set-cookie: session=%d\r\ncache-control: max-age=60\r\ncache-tag: hello\r\n" % number
        writer.write(head + b"content-length: %d\r\n\r\n%b" % (len(body), body))
        writer.close()


@asynccontextmanager
async def held_subgraph() -> AsyncIterator[HeldSubgraph]:
    """Start one."""
    subgraph = HeldSubgraph()
    server = await asyncio.start_server(subgraph.serve, "127.0.0.1", 0)
    subgraph.port = server.sockets[0].getsockname()[1]
    try:
        yield subgraph
    finally:
        server.close()


def waiting(gateway: Any) -> int:
    """How many requests wait for an answer."""
    pipeline = gateway.app.parts.pipeline
    shared = pipeline._collapse
    in_work: int = pipeline.in_work + (shared.collapsed if shared is not None else 0)
    return in_work


@pytest.mark.parametrize("traffic", [REQUESTS, FETCHES], ids=["requests", "fetches"])
async def test_who_asks_after_an_invalidation_does_not_join_who_asked_before(
    start_gateway: StartGateway, traffic: dict[str, bool]
) -> None:
    async with held_subgraph() as subgraph:
        cache = {"enabled": True, "invalidation_secret": "s3cret"}
        gateway = await start_gateway(port=subgraph.port, response_cache=cache, traffic=traffic)
        first = asyncio.create_task(gateway.post("{ hello }"))
        await subgraph.until_asked(1)
        headers = {"authorization": "Bearer s3cret"}
        url = f"{gateway.url}/invalidate"
        async with gateway.client.post(url, json={"tags": ["hello"]}, headers=headers) as response:
            assert response.status == 200
        second = asyncio.create_task(gateway.post("{ hello }"))
        await subgraph.until_asked(2)
        subgraph.may_answer.set()
        assert await first == {"data": {"hello": "number 1"}}
        assert await second == {"data": {"hello": "number 2"}}
        assert await gateway.post("{ hello }") == {"data": {"hello": "number 2"}}


@pytest.mark.parametrize("traffic", [REQUESTS, FETCHES], ids=["requests", "fetches"])
async def test_a_cookie_that_a_subgraph_sets_is_for_one_of_those_who_share_its_answer(
    start_gateway: StartGateway, traffic: dict[str, bool]
) -> None:
    async with held_subgraph() as subgraph:
        headers = {"return_all": ["set-cookie"]}
        gateway = await start_gateway(port=subgraph.port, headers=headers, traffic=traffic)

        async def cookies() -> list[str]:
            async with gateway.client.post(f"{gateway.url}/graphql", json={"query": "{ hello }"}) as response:
                assert await response.json() == {"data": {"hello": "number 1"}}
                found: list[str] = response.headers.getall("set-cookie", [])
                return found

        asking = [asyncio.create_task(cookies()) for _ in range(5)]
        await subgraph.until_asked(1)
        async with asyncio.timeout(30):
            while waiting(gateway) < 5:
                await asyncio.sleep(0.01)
        subgraph.may_answer.set()
        assert sorted(await asyncio.gather(*asking)) == [[], [], [], [], ["session=1"]]
        assert subgraph.asked == 1
