"""Clients that say nothing, or say it slowly, do not keep a connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.gateway.server.conftest import Gateway, StartGateway

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEAD = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
BODY = b'{"query":"{ hello }"}'
PATIENT = 3600.0


@pytest_asyncio.fixture(loop_scope="module")
async def impatient(start_gateway: StartGateway, request: pytest.FixtureRequest) -> AsyncIterator[Gateway]:
    """A gateway with little patience for the one thing that a test is about, and much for all others."""
    times = dict.fromkeys(("header_timeout", "body_timeout", "idle_timeout"), PATIENT)
    yield await start_gateway(connections={**times, request.param: 0.3})


async def until_closed(gateway: Gateway, *pieces: bytes) -> bytes:
    """Send the pieces over a connection of its own, and return what is answered until the gateway closes it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    async with asyncio.timeout(60):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("impatient", ["idle_timeout"], indirect=True)
async def test_a_connection_on_which_nothing_is_ever_sent_is_closed(impatient: Gateway) -> None:
    assert await until_closed(impatient) == b""


@pytest.mark.parametrize("impatient", ["idle_timeout"], indirect=True)
async def test_a_connection_is_closed_when_no_further_request_comes(impatient: Gateway) -> None:
    # Three times: a new operation and a known one are answered in different ways.
    answer = await until_closed(impatient, *(HEAD % len(BODY) + BODY,) * 3)
    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert answer.endswith(b'{"data":{"hello":"hello world"}}')


@pytest.mark.parametrize("impatient", ["idle_timeout"], indirect=True)
async def test_an_operation_that_takes_longer_than_the_idle_time_is_answered(impatient: Gateway) -> None:
    body = b'{"query":"{ slow(seconds: 1) }"}'
    answer = await until_closed(impatient, HEAD % len(body) + body)
    assert answer.endswith(b'{"data":{"slow":"done"}}')


@pytest.mark.parametrize("impatient", ["header_timeout"], indirect=True)
@pytest.mark.parametrize("piece", [b"P", b"POST /graphql HTTP/1.1\r\n", (HEAD % 9)[:-2]])
async def test_a_head_that_does_not_come_whole_is_answered_with_408(impatient: Gateway, piece: bytes) -> None:
    answer = await until_closed(impatient, piece)
    assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("impatient", ["header_timeout"], indirect=True)
async def test_who_dribbles_a_head_in_gains_no_time(impatient: Gateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", impatient.port)

    async def dribble() -> None:
        writer.write(b"GET /health HTTP/1.1\r\n")
        while True:
            writer.write(b"x-more: and more\r\n")
            await asyncio.sleep(0.05)

    dribbling = asyncio.create_task(dribble())
    async with asyncio.timeout(60):
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
    dribbling.cancel()
    writer.close()


@pytest.mark.parametrize("impatient", ["body_timeout"], indirect=True)
@pytest.mark.parametrize("piece", [b"", BODY[:-1]])
async def test_a_body_that_does_not_come_whole_is_answered_with_408(impatient: Gateway, piece: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", impatient.port)
    writer.write(HEAD % len(BODY) + piece)
    async with asyncio.timeout(60):
        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
    writer.close()
