"""The load driver: keep-alive connections that send one request after the other, and the times they took.

`python -m bench.gateway.load URL BODY_FILE CONNECTIONS SECONDS` prints one line of JSON. It parses only what it must (status and
content-length), so that on a machine with few cores the gateway and not the driver is measured.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import uvloop

OK = b"HTTP/1.1 200"


@dataclass(slots=True)
class Measurement:
    """What all connections together saw."""

    until: float = 0.0
    latencies: list[float] = field(default_factory=list)
    failures: int = 0
    bytes_received: int = 0


class LoadConnection(asyncio.Protocol):
    """Sends the next request as soon as the last is answered, until the time is over."""

    def __init__(self, request: bytes, measurement: Measurement, done: asyncio.Future[None]) -> None:
        self._request = request
        self._measurement = measurement
        self._done = done
        self._transport: Any = None
        self._buffer = b""
        self._length: int | None = None  # of the answer's body; None until its headers are whole
        self._is_chunked = False
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._measurement.failures += 1
            self._done.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if self._length is None and not self._is_chunked:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._buffer[:end].lower()
            if not self._buffer.startswith(OK):
                self._measurement.failures += 1
            position = head.find(b"\r\ncontent-length:")
            self._is_chunked = position < 0
            if position >= 0:
                self._length = end + 4 + int(head[position + 17 :].split(b"\r\n", 1)[0])
        if self._is_chunked:
            if not self._buffer.endswith(b"\r\n0\r\n\r\n"):
                return
        elif self._length is None or len(self._buffer) < self._length:
            return
        now = time.perf_counter()
        self._measurement.latencies.append(now - self._sent)
        self._measurement.bytes_received += len(self._buffer)
        self._buffer, self._length, self._is_chunked = b"", None, False
        if now >= self._measurement.until:
            if not self._done.done():
                self._done.set_result(None)
            self._transport.close()
            return
        self._send()

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._request)


async def run(url: str, body: bytes, connections: int, seconds: float) -> dict[str, float]:
    """Send load for so many seconds; rates and latencies in milliseconds."""
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-type: application/json\r\n"
        f"accept: application/graphql-response+json, application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    loop = asyncio.get_running_loop()
    measurement = Measurement(until=time.perf_counter() + seconds)
    started = time.perf_counter()
    waiting = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        await loop.create_connection(
            lambda done=done: LoadConnection(head.encode() + body, measurement, done),  # type: ignore[misc]
            parts.hostname or "127.0.0.1",
            parts.port or 80,
        )
        waiting.append(done)
    await asyncio.gather(*waiting)
    elapsed = time.perf_counter() - started
    times = sorted(measurement.latencies)
    return {
        "requests": len(times),
        "failures": measurement.failures,
        "rps": len(times) / elapsed,
        "p50_ms": times[len(times) // 2] * 1000,
        "p99_ms": times[int(len(times) * 0.99)] * 1000,
        "answer_bytes": measurement.bytes_received / max(1, len(times)),
    }


if __name__ == "__main__":
    target, file, count, duration = sys.argv[1:]
    print(orjson.dumps(uvloop.run(run(target, Path(file).read_bytes(), int(count), float(duration)))).decode())
