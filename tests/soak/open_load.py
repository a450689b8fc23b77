"""Open-loop load: requests leave at a fixed rate whether or not the ones before are answered, as from many people."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

ANSWER_TIMEOUT = 45.0  # seconds; beyond every timeout of the gateway


@dataclass(slots=True)
class Outcome:
    """What came of the requests of one run."""

    sent: int = 0
    held_back: int = 0
    """Requests that were due while too many were on their way already: the machine had no time for them."""
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    """Seconds, of the answers with status 200."""
    refused_latencies: list[float] = field(default_factory=list)
    """Seconds, of all other answers."""
    without_retry_after: int = 0
    """503s that do not say when to come again."""
    broken: int = 0
    """Connections that ended, or stayed silent, instead of an answer."""
    with_errors: int = 0
    """Answers with status 200 and `errors` in them."""
    without_data: int = 0
    """Of those, the ones that bring no data at all."""

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the 200s came."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else float("nan")


def request_bytes(query: str, **headers: str) -> bytes:
    """A whole HTTP request for an operation."""
    body = orjson.dumps({"query": query})
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = (
        "POST /graphql HTTP/1.1\r\nhost: soak\r\ncontent-type: application/json\r\n"
        f"accept: application/graphql-response+json\r\n{more}content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class LoadConnection(asyncio.Protocol):
    """One keep-alive connection: one request at a time."""

    def __init__(self, load: OpenLoad) -> None:
        self._load = load
        self._buffer = bytearray()
        self._sent_at: float | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def send(self, request: bytes) -> None:
        """Send one request; the load hears of its end."""
        self._sent_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0 or self._sent_at is None:
            return
        head = bytes(self._buffer[:head_end]).lower()
        at = head.find(b"\r\ncontent-length:")
        length = int(head[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < head_end + 4 + length:
            return
        body = bytes(self._buffer[head_end + 4 :])
        self._buffer.clear()
        seconds, self._sent_at = time.perf_counter() - self._sent_at, None
        self._load.answered(self, int(head[9:12]), head, body, seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.lost(self, was_waiting=self._sent_at is not None)

    def is_overdue(self, now: float) -> bool:
        """Whether an answer is waited for too long."""
        return self._sent_at is not None and now - self._sent_at > ANSWER_TIMEOUT


class OpenLoad:
    """Sends to one port; `run` may be called again and again and keeps its connections."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[LoadConnection] = []
        self._open: set[LoadConnection] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._next_request: Callable[[], bytes] = bytes
        self._repeat_until = 0.0
        self.outcome = Outcome()

    async def run(
        self, next_request: Callable[[], bytes], rate: float, seconds: float, max_waiting: int = 100_000
    ) -> Outcome:
        """Send at `rate` per second for so long, wait for what is on its way, and return what came of it."""
        self.outcome = outcome = Outcome()
        started = time.perf_counter()
        while (elapsed := time.perf_counter() - started) < seconds:
            while outcome.sent + outcome.held_back < elapsed * rate:
                if self._waiting >= max_waiting:
                    outcome.held_back += 1
                    continue
                outcome.sent += 1
                self._send(next_request())
            await asyncio.sleep(0.002)
        while self._waiting or self._starting:
            await asyncio.sleep(0.01)
            now = time.perf_counter()
            for connection in [it for it in self._open if it.is_overdue(now)]:
                connection.transport.abort()
        return outcome

    async def run_closed(self, next_request: Callable[[], bytes], connections: int, seconds: float) -> float:
        """Let so many connections send one request after the other; return the answers per second: what is possible."""
        self.outcome = Outcome()
        self._next_request, self._repeat_until = next_request, time.perf_counter() + seconds
        for _ in range(connections):
            self._send(next_request())
        while self._waiting or self._starting:
            await asyncio.sleep(0.01)
        return len(self.outcome.latencies) / seconds

    def close(self) -> None:
        """Close all connections."""
        for connection in list(self._open):
            connection.transport.abort()

    def answered(self, connection: LoadConnection, status: int, head: bytes, body: bytes, seconds: float) -> None:
        """Count one answer."""
        self._waiting -= 1
        outcome = self.outcome
        outcome.statuses[status] += 1
        if status == 200:
            outcome.latencies.append(seconds)
            if body.startswith(b'{"errors"'):
                outcome.with_errors += 1
                outcome.without_data += body.endswith(b'"data":null}')
        else:
            outcome.refused_latencies.append(seconds)
            outcome.without_retry_after += status == 503 and b"\r\nretry-after:" not in head
        if b"\r\nconnection: close" in head:
            connection.transport.close()
        elif time.perf_counter() < self._repeat_until:
            self._waiting += 1
            connection.send(self._next_request())
        else:
            self._idle.append(connection)

    def lost(self, connection: LoadConnection, *, was_waiting: bool) -> None:
        """Count a connection that ended."""
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if was_waiting:
            self._waiting -= 1
            self.outcome.broken += 1

    def _send(self, request: bytes) -> None:
        self._waiting += 1
        while self._idle:
            connection = self._idle.pop()
            if not connection.transport.is_closing():
                connection.send(request)
                return
        task = asyncio.create_task(self._connect_and_send(request))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _connect_and_send(self, request: bytes) -> None:
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: LoadConnection(self), "127.0.0.1", self._port
            )
        except OSError:
            self._waiting -= 1
            self.outcome.broken += 1
            return
        self._open.add(connection)
        connection.send(request)
