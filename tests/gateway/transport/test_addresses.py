"""Service discovery by DNS: a name with several addresses, and with others later on."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import urlsplit

import pytest

from gateway.errors import SubgraphUnreachable
from gateway.transport import HttpSettings, HttpTransport, SubgraphRequest
from gateway.transport.addresses import AddressInfo, resolve_by_dns
from tests.gateway.transport.raw_server import RawServer, http_answer

URL = "http://shop.internal:1/graphql"
REQUEST = SubgraphRequest("shop", b'{"query":"{a}"}', "query", timeout=30)


def answering(name: bytes) -> RawServer:
    return RawServer(lambda *_: http_answer(name))


class Names:
    """A name server: what the one name stands for now."""

    def __init__(self, *servers: RawServer) -> None:
        self.asked: list[tuple[str, int]] = []
        self.ports = [urlsplit(server.url).port for server in servers]

    async def resolve(self, host: str, port: int) -> list[AddressInfo]:
        self.asked.append((host, port))
        if not self.ports:
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", it)) for it in self.ports]


async def bodies(transport: HttpTransport, count: int) -> set[bytes]:
    answers = await asyncio.gather(*(transport.execute(REQUEST) for _ in range(count)))
    return {answer.body for answer in answers}


async def test_connections_are_spread_over_all_addresses_of_a_name() -> None:
    async with answering(b'{"a":1}') as first, answering(b'{"a":2}') as second:
        names = Names(first, second)
        transport = HttpTransport("shop", URL, resolve=names.resolve)
        # Among 40 connections all to one side once in 10^12 times.
        assert await bodies(transport, 40) == {b'{"a":1}', b'{"a":2}'}
        assert set(names.asked) == {("shop.internal", 1)}
        await transport.aclose()


async def test_an_address_where_nobody_listens_is_passed_over() -> None:
    async with answering(b'{"a":1}') as first:
        names = Names(first)
        with socket.create_server(("127.0.0.1", 0)) as closed:
            names.ports.append(closed.getsockname()[1])
        transport = HttpTransport("shop", URL, resolve=names.resolve)
        assert await bodies(transport, 20) == {b'{"a":1}'}
        await transport.aclose()


async def test_a_name_that_moves_is_followed_by_connections_in_use() -> None:
    async with answering(b'{"a":1}') as first, answering(b'{"a":2}') as second:
        names = Names(first)
        transport = HttpTransport("shop", URL, HttpSettings(keep_at_most=0.1), resolve=names.resolve)
        assert await bodies(transport, 1) == {b'{"a":1}'}
        names.ports = Names(second).ports
        async with asyncio.timeout(30):
            # Never idle for long: each request comes right after the last.
            while await bodies(transport, 1) != {b'{"a":2}'}:
                pass
        await transport.aclose()


async def test_a_name_that_is_not_known_is_an_error_of_the_fetch() -> None:
    transport = HttpTransport("shop", URL, resolve=Names().resolve)
    with pytest.raises(SubgraphUnreachable, match="Name or service not known"):
        await transport.execute(REQUEST)
    await transport.aclose()


async def test_the_systems_resolver_knows_localhost() -> None:
    assert ("127.0.0.1", 80) in [info[4][:2] for info in await resolve_by_dns("localhost", 80)]
