"""HttpTransport against a server that sends exactly the bytes a test names."""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib

import pytest

from gateway.errors import SubgraphOverloaded, SubgraphProtocolError, SubgraphTimeout, SubgraphUnreachable
from gateway.transport import HttpSettings, HttpTransport, SubgraphRequest
from tests.gateway.transport.raw_server import CLOSE_AFTER, RawServer, http_answer

ANSWER = b'{"data":{"a":1}}'


def a_request(
    body: bytes = b'{"query":"{a}"}', kind: str = "query", timeout: float = 2.0, **more: object
) -> SubgraphRequest:
    return SubgraphRequest("shop", body, kind, timeout=timeout, **more)  # type: ignore[arg-type]


async def test_an_answer_is_returned_with_status_and_headers() -> None:
    async with RawServer(lambda *_: http_answer(ANSWER, b"x-cache: hit")) as server:
        transport = HttpTransport("shop", server.url)
        response = await transport.execute(a_request())
        await transport.aclose()
    assert (response.status, response.body) == (200, ANSWER)
    assert (b"x-cache", b"hit") in response.headers


async def test_the_request_is_a_post_with_length_host_and_the_callers_headers() -> None:
    async with RawServer(lambda *_: http_answer(ANSWER)) as server:
        transport = HttpTransport("shop", server.url)
        await transport.execute(a_request(headers=((b"authorization", b"Bearer x"), (b"bad", b"1\r\nx-evil: 2"))))
        await transport.aclose()
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /graphql HTTP/1.1"
    assert b"content-length: 15" in lines
    assert b"content-type: application/json" in lines
    assert b"authorization: Bearer x" in lines
    assert b"x-evil: 2" not in lines
    assert body == b'{"query":"{a}"}'


async def test_a_connection_is_used_again() -> None:
    async with RawServer(lambda *_: http_answer(ANSWER)) as server:
        transport = HttpTransport("shop", server.url)
        for _ in range(5):
            await transport.execute(a_request())
        assert repr(transport) == "<HttpTransport shop: 0 busy, 1 idle, 0 waiting>"
        await transport.aclose()
    assert server.connections == 1


async def test_connections_that_nobody_needs_are_closed() -> None:
    async with RawServer(lambda *_: http_answer(ANSWER)) as server:
        transport = HttpTransport("shop", server.url, HttpSettings(keep_idle=0.05))
        await asyncio.gather(*(transport.execute(a_request()) for _ in range(5)))
        async with asyncio.timeout(30):
            while repr(transport) != "<HttpTransport shop: 0 busy, 0 idle, 0 waiting>":
                await asyncio.sleep(0.01)
        assert (await transport.execute(a_request())).status == 200
        await transport.aclose()
    assert server.connections > 1


async def test_chunked_answers_are_put_together() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    chunked = head + b"8\r\n" + ANSWER[:8] + b"\r\n8\r\n" + ANSWER[8:] + b"\r\n0\r\n\r\n"
    async with RawServer(lambda *_: chunked) as server:
        transport = HttpTransport("shop", server.url)
        assert (await transport.execute(a_request())).body == ANSWER
        assert (await transport.execute(a_request())).body == ANSWER
        await transport.aclose()
    assert server.connections == 1


@pytest.mark.parametrize(
    ("encoding", "encoded"), [(b"gzip", gzip.compress(ANSWER, mtime=0)), (b"deflate", zlib.compress(ANSWER))]
)
async def test_compressed_answers_are_decompressed(encoding: bytes, encoded: bytes) -> None:
    async with RawServer(lambda *_: http_answer(encoded, b"content-encoding: " + encoding)) as server:
        transport = HttpTransport("shop", server.url)
        assert (await transport.execute(a_request())).body == ANSWER
        await transport.aclose()


async def test_a_compressed_answer_that_goes_on_after_its_end_is_refused() -> None:
    whole = gzip.compress(ANSWER, mtime=0)
    # More than one read takes: what comes after the end would be kept, however much it is.
    endless = http_answer(whole + b"x" * 5_000_000, b"content-encoding: gzip")
    async with RawServer(lambda *_: endless) as server:
        transport = HttpTransport("shop", server.url)
        with pytest.raises(SubgraphProtocolError, match="goes on after its end"):
            await transport.execute(a_request())
        await transport.aclose()


async def test_a_compressed_answer_that_grows_past_the_bound_is_refused() -> None:
    bomb = gzip.compress(b"[" + b"0," * 1_000_000 + b"0]", mtime=0)
    async with RawServer(lambda *_: http_answer(bomb, b"content-encoding: gzip")) as server:
        transport = HttpTransport("shop", server.url, HttpSettings(max_answer_bytes=100_000))
        with pytest.raises(
            SubgraphProtocolError, match=r'^Subgraph "shop" sent an answer of more than 100000 bytes\.$'
        ):
            await transport.execute(a_request())
        await transport.aclose()


async def test_an_answer_that_says_it_is_too_long_is_refused() -> None:
    async with RawServer(lambda *_: http_answer(b"x" * 200)) as server:
        transport = HttpTransport("shop", server.url, HttpSettings(max_answer_bytes=100))
        with pytest.raises(SubgraphProtocolError, match="more than 100 bytes"):
            await transport.execute(a_request())
        await transport.aclose()


async def test_an_answer_without_length_ends_with_its_connection() -> None:
    raw = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" + ANSWER + CLOSE_AFTER
    async with RawServer(lambda *_: raw) as server:
        transport = HttpTransport("shop", server.url)
        assert (await transport.execute(a_request())).body == ANSWER
        await transport.aclose()


async def test_an_early_hint_is_not_the_answer() -> None:
    raw = b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + http_answer(ANSWER)
    async with RawServer(lambda *_: raw) as server:
        transport = HttpTransport("shop", server.url)
        response = await transport.execute(a_request())
        await transport.aclose()
    assert (response.status, response.body) == (200, ANSWER)
    assert b"link" not in dict(response.headers)


async def test_an_answer_that_breaks_off_is_an_error() -> None:
    async with RawServer(lambda *_: http_answer(ANSWER)[:-4] + CLOSE_AFTER) as server:
        transport = HttpTransport("shop", server.url)
        with pytest.raises(SubgraphUnreachable, match="closed the connection before its answer was whole"):
            await transport.execute(a_request())
        await transport.aclose()


async def test_something_else_than_http_is_a_protocol_error() -> None:
    async with RawServer(lambda *_: b"SSH-2.0-OpenSSH\r\n") as server:
        transport = HttpTransport("shop", server.url)
        with pytest.raises(SubgraphProtocolError, match=r"not HTTP/1\.1"):
            await transport.execute(a_request())
        await transport.aclose()


async def test_an_html_page_is_a_protocol_error_that_names_the_status() -> None:
    page = b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 5\r\n\r\n<h1/>"
    async with RawServer(lambda *_: page) as server:
        transport = HttpTransport("shop", server.url)
        with pytest.raises(SubgraphProtocolError, match="HTTP status 502 and no JSON"):
            await transport.execute(a_request())
        await transport.aclose()


async def test_a_graphql_answer_with_an_error_status_is_passed_on() -> None:
    async with RawServer(lambda *_: http_answer(ANSWER, status=b"500 Oops")) as server:
        transport = HttpTransport("shop", server.url)
        assert (await transport.execute(a_request())).status == 500
        await transport.aclose()


async def test_a_query_on_a_connection_gone_stale_is_sent_once_more() -> None:
    # The first connection is closed when its second request comes: as when a server's keep-alive time runs out.
    async with RawServer(lambda connection, n, _: None if (connection, n) == (0, 1) else http_answer(ANSWER)) as server:
        transport = HttpTransport("shop", server.url)
        await transport.execute(a_request())
        assert (await transport.execute(a_request())).body == ANSWER
        await transport.aclose()
    assert server.connections == 2


async def test_a_mutation_on_a_connection_gone_stale_is_never_sent_twice() -> None:
    async with RawServer(lambda connection, n, _: None if (connection, n) == (0, 1) else http_answer(ANSWER)) as server:
        transport = HttpTransport("shop", server.url)
        await transport.execute(a_request())
        with pytest.raises(SubgraphUnreachable):
            await transport.execute(a_request(kind="mutation"))
        await transport.aclose()
    assert len(server.requests) == 2


async def test_an_answer_that_does_not_come_is_a_timeout() -> None:
    async with RawServer(lambda *_: b"") as server:
        transport = HttpTransport("shop", server.url)
        with pytest.raises(SubgraphTimeout, match=r"did not answer within 0.1 s: its answer was not whole"):
            await transport.execute(a_request(timeout=0.1))
        await transport.aclose()


async def test_the_late_answer_to_a_request_given_up_is_never_taken_for_the_next() -> None:
    async with RawServer(lambda _c, _n, request: http_answer(b'{"data":"' + request[-3:-2] + b'"}')) as server:
        transport = HttpTransport("shop", server.url, HttpSettings(max_connections=1))
        first = asyncio.create_task(transport.execute(a_request(b'{"query":"1"}')))
        await asyncio.sleep(0.02)
        second = asyncio.create_task(transport.execute(a_request(b'{"query":"2"}')))
        await asyncio.sleep(0)
        second.cancel()
        third = await transport.execute(a_request(b'{"query":"3"}'))
        await first
        await transport.aclose()
    assert third.body == b'{"data":"3"}'


async def test_a_port_where_nobody_listens_is_unreachable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    transport = HttpTransport("shop", f"http://127.0.0.1:{port}/graphql")
    with pytest.raises(SubgraphUnreachable, match=r'^No connection to subgraph "shop": '):
        await transport.execute(a_request())
    await transport.aclose()


async def test_requests_beyond_the_connection_limit_wait_for_their_turn() -> None:
    async with RawServer(lambda *_: http_answer(ANSWER)) as server:
        transport = HttpTransport("shop", server.url, HttpSettings(max_connections=2))
        answers = await asyncio.gather(*(transport.execute(a_request()) for _ in range(20)))
        await transport.aclose()
    assert len(answers) == 20
    assert server.connections == 2


async def test_more_waiting_requests_than_allowed_are_refused_at_once() -> None:
    async with RawServer(lambda *_: b"") as server:
        transport = HttpTransport("shop", server.url, HttpSettings(max_connections=1, max_waiting=1))
        waiting = [asyncio.create_task(transport.execute(a_request(timeout=0.2))) for _ in range(2)]
        await asyncio.sleep(0.02)
        last = asyncio.create_task(transport.execute(a_request()))
        more = asyncio.create_task(transport.execute(a_request()))
        with pytest.raises(SubgraphOverloaded):
            await more
        await transport.aclose()
        assert all(isinstance(r, Exception) for r in await asyncio.gather(*waiting, last, return_exceptions=True))


async def test_closing_fails_what_is_in_flight() -> None:
    async with RawServer(lambda *_: b"") as server:
        transport = HttpTransport("shop", server.url)
        running = asyncio.create_task(transport.execute(a_request()))
        await asyncio.sleep(0.02)
        await transport.aclose()
        with pytest.raises(SubgraphUnreachable, match="are closed"):
            await running


def test_a_url_that_is_not_http_is_refused() -> None:
    with pytest.raises(ValueError, match='The URL of subgraph "shop" must be http'):
        HttpTransport("shop", "ftp://example.test/graphql")
