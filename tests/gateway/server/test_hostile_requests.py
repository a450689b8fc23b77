"""Requests that were made to hurt: none of them costs more than itself, and none gets around a bound."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

pytestmark = pytest.mark.asyncio(loop_scope="module")

StartGateway = Callable[..., Awaitable[Any]]
LIMIT = 60.0


async def exchange(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send bytes and return all that comes back until the gateway closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        async with asyncio.timeout(LIMIT):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def post(body: bytes, *headers: bytes) -> bytes:
    """Write a request for one answer."""
    lines = b"\r\n".join((b"host: x", b"content-type: application/json", b"connection: close", *headers))
    return b"POST /graphql HTTP/1.1\r\n%b\r\ncontent-length: %d\r\n\r\n%b" % (lines, len(body), body)


@pytest.mark.parametrize(
    "query",
    [
        "{a" * 450 + "}" * 450,
        "{ hello(name: " + "[" * 450 + "]" * 450 + ") }",
        "{ hello(name: " + "{a:" * 300 + "1" + "}" * 300 + ") }",
        "query($a: " + "[" * 450 + "Int" + "]" * 450 + ") { hello }",
        "{" + "...{" * 220 + "hello" + "}" * 221,
    ],
    ids=["selections", "lists", "objects", "types", "fragments"],
)
async def test_an_operation_that_is_nested_deeply_is_the_clients_mistake(gateway: Any, query: str) -> None:
    answer = await gateway.post(query)
    assert answer["errors"][0]["extensions"]["code"] != "INTERNAL_SERVER_ERROR", answer


@pytest.mark.parametrize("settings", [{}, {"response_cache": {"enabled": True}}], ids=["plain", "cached"])
@pytest.mark.parametrize("query", ["{ hello }", "query($name: String!) { hello(name: $name) }"])
async def test_variables_that_are_nested_deeply_are_the_clients_mistake(
    start_gateway: StartGateway, settings: dict[str, Any], query: str
) -> None:
    gateway = await start_gateway(**settings)
    await gateway.post(query, {"name": "x"})
    body = b'{"query":%b,"variables":{"name":%b}}' % (orjson.dumps(query), b"[" * 400 + b"]" * 400)
    answer = await exchange(gateway.port, post(body))
    assert answer.partition(b"\r\n")[0].split()[1] in {b"200", b"400"}, answer
    assert b"INTERNAL_SERVER_ERROR" not in answer


async def test_a_default_of_a_variable_counts_as_the_size_of_a_list(gateway: Any) -> None:
    answer = await gateway.post("query($n: Int! = 100000) { people(first: $n) { name } }")
    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_a_whole_number_that_is_written_as_a_float_counts_as_the_size_of_a_list(gateway: Any) -> None:
    answer = await gateway.post("query($n: Int!) { people(first: $n) { name } }", {"n": 100000.0})
    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_a_head_without_end_is_refused(gateway: Any) -> None:
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\nx-long: "
    answer = await exchange(gateway.port, head, *([b"a" * 16384] * 4), pause=0.005)
    assert answer.startswith(b"HTTP/1.1 431 ")


async def test_a_target_without_end_is_refused(gateway: Any) -> None:
    answer = await exchange(gateway.port, b"GET /graphql?query=", *([b"a" * 16384] * 4), pause=0.005)
    assert answer.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("kind", ["known", "new"])
async def test_a_trailer_is_no_header(gateway: Any, kind: str) -> None:
    query = b'{"query":"query %b($n: String! = \\"x-request-id\\") { seenHeader(name: $n) }"}' % kind.encode()
    if kind == "known":
        await exchange(gateway.port, post(query))
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: %b\r\n"
    head += b"x-request-id: mine\r\ntransfer-encoding: chunked\r\n\r\n"
    body = b"%x\r\n%b\r\n0\r\nx-request-id: forged\r\n\r\n" % (len(query), query)
    last = post(b'{"query":"{ __typename }"}')
    answer = await exchange(gateway.port, head % b"keep-alive" + body + last)
    assert b"forged" not in answer
    assert b"x-request-id: mine" in answer


async def test_what_is_registered_by_hash_is_bounded_in_size(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(limits={"characters": {"max": 1000, "mode": "measure"}})
    text = "{ hello } #" + "x" * 100_000
    digest = hashlib.sha256(text.encode()).hexdigest()
    named = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    await gateway.post(text, extensions=named)
    answer = await gateway.post("", extensions=named)
    assert answer["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


async def test_an_operation_is_named_by_its_document_id_in_a_get(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    text = "{ hello }"
    digest = hashlib.sha256(text.encode()).hexdigest()
    await gateway.post(text, extensions={"persistedQuery": {"version": 1, "sha256Hash": digest}})
    url = f"{gateway.url}/graphql?documentId=sha256:{digest}"
    async with gateway.client.get(url, headers={"gateway-preflight": "1"}) as response:
        assert await response.json() == {"data": {"hello": "hello world"}}
