"""Compressed answers: when, how, and that streams are left alone."""

from __future__ import annotations

import gzip

import aiohttp
import pytest

from gateway.server.compression import ASIDE_BYTES, accepts_gzip, compressed
from gateway.server.settings import CompressionSettings
from tests.gateway.server.conftest import Gateway, StartGateway


@pytest.mark.parametrize(
    ("header", "accepts"),
    [
        (b"gzip", True),
        (b"GZip", True),
        (b"br, gzip;q=0.8", True),
        (b"*", True),
        (b"identity, *;q=0.1", True),
        (b"", False),
        (b"br", False),
        (b"gzip;q=0", False),
        (b"gzip; q=0.0, *", False),
        (b"*;q=0", False),
        (b"gzip;q=nonsense", True),
    ],
)
def test_a_client_takes_gzip_by_name_or_wildcard_unless_its_weight_is_zero(header: bytes, accepts: bool) -> None:
    assert accepts_gzip(header) is accepts


def test_what_is_compressed_can_be_read_again_and_says_so() -> None:
    body = b'{"data":{"a":"' + b"x" * 5_000 + b'"}}'
    small, headers = compressed(body, b"gzip", CompressionSettings())
    assert gzip.decompress(small) == body
    assert len(small) < len(body) / 10
    assert dict(headers) == {b"content-encoding": b"gzip", b"vary": b"accept-encoding"}


@pytest.mark.parametrize(
    ("size", "header", "settings"),
    [
        (2_047, b"gzip", CompressionSettings()),
        (5_000, b"gzip", CompressionSettings(enabled=False)),
    ],
)
def test_small_answers_and_those_of_a_gateway_that_shall_not_compress_stay_as_they_are(
    size: int, header: bytes, settings: CompressionSettings
) -> None:
    assert compressed(b"x" * size, header, settings) == (b"x" * size, ())


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("first", [100, 2_000], ids=["at once", "in a thread"])
async def test_a_large_answer_is_sent_compressed_to_who_takes_it(gateway: Gateway, first: int) -> None:
    body = {"query": f"{{ people(first: {first}) {{ id name }} }}"}
    url = f"{gateway.url}/graphql"
    async with aiohttp.ClientSession(auto_decompress=False) as client:
        async with client.post(url, json=body, headers={"accept-encoding": "gzip"}) as response:
            assert response.headers["content-encoding"] == "gzip"
            assert "accept-encoding" in response.headers.getall("vary")
            received = await response.read()
            assert int(response.headers["content-length"]) == len(received)
        async with client.post(url, json=body, headers={"accept-encoding": "identity"}) as response:
            assert "content-encoding" not in response.headers
            plain = await response.read()
    assert gzip.decompress(received) == plain
    assert (len(plain) > ASIDE_BYTES) is (first == 2_000)


@pytest.mark.asyncio(loop_scope="module")
async def test_an_answer_that_comes_in_parts_is_never_compressed(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(compression={"min_bytes": 0})
    headers = {"accept": "text/event-stream", "accept-encoding": "gzip"}
    body = {"query": "subscription { count(to: 2) }"}
    async with gateway.client.post(f"{gateway.url}/graphql", json=body, headers=headers) as response:
        assert "content-encoding" not in response.headers
        assert b'"count":1' in await response.read()
