"""Figures of requirements R29 to R31 on real sockets, printed with `-s`; how long things take is for people to judge, not for the test."""

from __future__ import annotations

import asyncio
import json
import resource
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import aiohttp
import psutil
import pytest
from joserfc import jwk, jwt

from tests.gateway.server.subgraph import PeopleSubgraph
from tests.gateway.server.test_process import running

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow, pytest.mark.timeout(900)]

IDLE_SOCKETS = 5_000
FOLLOWERS = 500
EVENTS = 50

HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n"
    b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n"
)


def frame(text: bytes) -> bytes:
    """A masked text frame (mask zero) of less than 64 KiB."""
    length = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2)
    return b"\x81" + length + bytes(4) + text


INIT = frame(b'{"type":"connection_init"}')
KEY = jwk.OKPKey.generate_key("Ed25519", {"kid": "figures", "use": "sig"})
FOLLOW = frame(b'{"id":"1","type":"subscribe","payload":{"query":"subscription { news(topic: \\"figures\\") }"}}')


class RawClient(asyncio.Protocol):
    """Opens a socket, initialises, subscribes, and notes when each event arrives: as little as possible on our side."""

    def __init__(self, init: bytes) -> None:
        self._init = init
        self.ready = asyncio.get_running_loop().create_future()
        self.arrivals: list[tuple[float, bytes]] = []
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        if self.ready.done():
            self.arrivals.append((time.monotonic(), data))
            return
        self._received += data
        if b"connection_ack" in self._received:
            self.ready.set_result(None)
        elif self._received.endswith(b"\r\n\r\n"):
            self._received += b" "
            self.transport.write(self._init)


def somebody(number: int) -> bytes:
    """The first message of a person with a token of their own."""
    claims = {"sub": f"person {number}", "exp": int(time.time()) + 3600}
    token = jwt.encode({"alg": "EdDSA", "kid": "figures"}, claims, KEY, algorithms=["EdDSA"])
    return frame(b'{"type":"connection_init","payload":{"authorization":"Bearer %b"}}' % token.encode())


@asynccontextmanager
async def published_key() -> AsyncIterator[str]:
    """Serve the public key of the tokens; yields its address."""
    body = json.dumps({"keys": [KEY.as_dict(private=False)]}).encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n")
        writer.write(b"content-length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks.json"


async def connect(port: int, inits: Sequence[bytes]) -> list[RawClient]:
    loop = asyncio.get_running_loop()
    clients: list[RawClient] = []
    for start in range(0, len(inits), 50):
        opened = await asyncio.gather(
            *(loop.create_connection(partial(RawClient, init), "127.0.0.1", port) for init in inits[start : start + 50])
        )
        clients += [protocol for _, protocol in opened]
        await asyncio.gather(*(protocol.ready for _, protocol in opened))
    return clients


async def live_subscriptions(port: int) -> int:
    async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{port}/metrics") as response:
        lines = (await response.text()).splitlines()
    return int(next(float(it.rpartition(" ")[2]) for it in lines if it.startswith("gateway_subscriptions ")))


async def test_idle_sockets_take_little_memory_and_are_opened_quickly(people: PeopleSubgraph, tmp_path: Path) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    inits = [somebody(number) for number in range(IDLE_SOCKETS + 50)]
    async with (
        published_key() as url,
        running(tmp_path, people, GATEWAY_SHUTDOWN__GRACE="0", GATEWAY_JWT__JWKS_URL=url) as (process, port),
    ):
        await connect(port, inits[:50])
        gateway = psutil.Process(process.pid)
        before, cpu_before, started = gateway.memory_info().rss, sum(gateway.cpu_times()[:2]), time.monotonic()
        clients = await connect(port, inits[50:])
        seconds = time.monotonic() - started
        cpu = sum(gateway.cpu_times()[:2]) - cpu_before
        each = (gateway.memory_info().rss - before) / IDLE_SOCKETS / 1024
        print(
            f"\n{IDLE_SOCKETS} sockets, each with an EdDSA token of its own: {each:.1f} KiB each, {IDLE_SOCKETS / seconds:.0f}/s, "
            f"{cpu / IDLE_SOCKETS * 1e6:.0f} us CPU each"
        )
        assert each <= 60
        assert not any(client.transport.is_closing() for client in clients)
        for client in clients:
            client.transport.abort()


async def test_an_event_reaches_five_hundred_followers_in_time(people: PeopleSubgraph, tmp_path: Path) -> None:
    async with running(tmp_path, people, GATEWAY_SHUTDOWN__GRACE="0") as (process, port):
        clients = await connect(port, [INIT] * FOLLOWERS)
        for client in clients:
            client.transport.write(FOLLOW)
        await people.wait_for_followers("figures", 1)
        async with asyncio.timeout(120):
            while await live_subscriptions(port) != FOLLOWERS:
                await asyncio.sleep(0.1)
        gateway = psutil.Process(process.pid)
        cpu_before = sum(gateway.cpu_times()[:2])
        sent: dict[bytes, float] = {}
        for number in range(EVENTS):
            mark = b"event-%03d" % number
            sent[mark] = time.monotonic()
            assert people.publish("figures", mark.decode()) == 1
            await asyncio.sleep(max(0.0, 0.1 - (time.monotonic() - sent[mark])))
        last = b"event-%03d" % (EVENTS - 1)
        async with asyncio.timeout(120):
            while not all(client.arrivals and last in client.arrivals[-1][1] for client in clients):
                await asyncio.sleep(0.1)
        cpu = sum(gateway.cpu_times()[:2]) - cpu_before
        late = sorted(
            arrival - at
            for client in clients
            for arrival, data in client.arrivals
            for mark, at in sent.items()
            if mark in data
        )
        assert len(late) == FOLLOWERS * EVENTS
        p50, p99 = late[len(late) // 2], late[len(late) * 99 // 100]
        each = cpu / len(late) * 1e6
        print(
            f"\n{FOLLOWERS} followers, 10 events/s: p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, {each:.1f} us CPU per message"
        )
        for client in clients:
            client.transport.abort()
