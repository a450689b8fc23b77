"""Subgraphs that answer what no subgraph should: the client gets what is left, with an error, and the gateway goes on."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.gateway.server.subgraph import SUPERGRAPH, TWO_SUBGRAPHS

pytestmark = pytest.mark.asyncio(loop_scope="module")

StartGateway = Callable[..., Awaitable[Any]]
WITH_JSON = SUPERGRAPH.replace("type Person", "scalar JSON @join__type(graph: PEOPLE)\ntype Person").replace(
    "  hello(", "  any: JSON\n  hello("
)
QUERY = "{ any people { id name friends { name } } }"


@asynccontextmanager
async def answering(
    body: bytes, headers: bytes = b"content-type: application/json\r\n", status: bytes = b"200 OK"
) -> AsyncIterator[int]:
    """A subgraph that gives every request the same answer; yields its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))
                writer.write(b"HTTP/1.1 %b\r\n%bcontent-length: %d\r\n\r\n%b" % (status, headers, len(body), body))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def error(**members: Any) -> bytes:
    return json.dumps({"data": {"any": 1, "people": None}, "errors": [members]}).encode()


ANSWERS = {
    "a value that is nested deeply": b'{"data":{"people":[],"any":' + b"[" * 400 + b"]" * 400 + b"}}",
    "extensions that are nested deeply": b'{"data":{"any":1,"people":[]},"errors":[{"message":"x","extensions":{"a":%b}}]}'
    % (b"[" * 400 + b"]" * 400),
    "a path that does not end": error(message="x", path=["people", *([0] * 1_000_000)]),
    "a path of odd steps": error(message="x", path=["people", -1, True, 2**80, "name", "", "__proto__"]),
    "a path that is no list": error(message="x", path={"a": 1}),
    "errors that are no errors": b'{"data":{"any":1,"people":[]},"errors":[null,3,"x",{"message":null},{"message":{}},[]]}',
    "lists for objects": b'{"data":{"any":1,"people":[[],1,null,"x",{"id":{},"name":[],"friends":{"name":1}}]}}',
    "an object for a list": b'{"data":{"any":1,"people":{"id":1}}}',
    "a list for data": b'{"data":[1]}',
    "nothing": b"",
    "null": b"null",
    "numbers without end": b'{"data":{"any":1e999,"people":[{"id":%b,"name":"x","friends":[]}]}}' % (b"9" * 5000),
    "half a character": b'{"data":{"any":"\\ud800","people":[]}}',
    "bytes that are no text": b'{"data":{"any":"\xff","people":[]}}',
    "the same member twice": b'{"data":{"any":1,"any":2,"people":[]},"data":{"any":3,"people":[]}}',
    "a name that is hidden": b'{"data":{"any":1,"people":[{"__typename":"Nobody","id":"1","name":"x","friends":[]}]}}',
}


@pytest.mark.parametrize("body", ANSWERS.values(), ids=ANSWERS.keys())
async def test_what_a_subgraph_answers_never_fails_the_whole(start_gateway: StartGateway, body: bytes) -> None:
    async with answering(body) as port:
        gateway = await start_gateway(port=port, supergraph=WITH_JSON)
        async with (
            asyncio.timeout(30),
            gateway.client.post(f"{gateway.url}/graphql", json={"query": QUERY}) as response,
        ):
            answer = await response.json()
            assert response.status == 200, answer
            assert "data" in answer
            assert "Unexpected error." not in str(answer)
            assert len(str(answer)) < 100_000


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (b"content-type: text/html\r\n", b"<html>", b"200 OK"),
        (b"content-type: application/json\r\n", b'{"data":{"any":1}}', b"500 Oops"),
        (b"content-type: application/json\r\n", b"", b"204 No Content"),
        (b"content-type: application/json\r\nlocation: http://127.0.0.1:1/\r\n", b"", b"302 Found"),
        (b"content-type: application/json\r\ncontent-encoding: gzip\r\n", gzip.compress(b" " * 50_000_000), b"200 OK"),
        (b"content-type: application/json\r\ncontent-encoding: gzip\r\n", b"no gzip", b"200 OK"),
        (b"content-type: application/json\r\ncontent-encoding: br\r\n", b"{}", b"200 OK"),
        (b"", b'{"data":{"any":1,"people":[]}}', b"200 OK"),
    ],
)
async def test_how_a_subgraph_answers_never_fails_the_whole(
    start_gateway: StartGateway, headers: bytes, body: bytes, status: bytes
) -> None:
    async with answering(body, headers, status) as port:
        gateway = await start_gateway(port=port, supergraph=WITH_JSON)
        async with (
            asyncio.timeout(30),
            gateway.client.post(f"{gateway.url}/graphql", json={"query": QUERY}) as response,
        ):
            answer = await response.json()
            assert response.status == 200, answer
            assert "data" in answer
            assert "Unexpected error." not in str(answer)


@pytest.mark.parametrize(
    ("key", "entities"),
    [
        (b"[" * 100 + b"]" * 100, b"[]"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, b"[]"),
        (b"9" * 4000, b"[]"),
        (b"null", b"[]"),
        (b'"1"', b"null"),
        (b'"1"', b"[]"),
        (b'"1"', b'[{"name":"x"},{"name":"y"},{"name":"z"}]'),
        (b'"1"', b'{"name":"x"}'),
        (b'"1"', b'[[{"name":"x"}],3,"x"]'),
        (b'"1"', b'[{"name":{"a":%b}}]' % (b"[" * 400 + b"]" * 400)),
        (b'"1"', b'[{"__typename":"Nobody","name":"x"}]'),
    ],
)
async def test_what_a_subgraph_answers_of_an_entity_never_fails_the_whole(
    start_gateway: StartGateway, key: bytes, entities: bytes
) -> None:
    people = b'{"__typename":"Person","id":%b}' % key
    async with answering(b'{"data":{"people":[%b,null,%b],"_entities":%b}}' % (people, people, entities)) as port:
        gateway = await start_gateway(port=port, supergraph=TWO_SUBGRAPHS)
        body = {"query": "{ people { name } }"}
        async with asyncio.timeout(30), gateway.client.post(f"{gateway.url}/graphql", json=body) as response:
            answer = await response.json()
            assert response.status == 200, answer
            assert "data" in answer
            assert "Unexpected error." not in str(answer)
