"""FaultProxy: a TCP proxy that does to connections what networks do: delay, cut, swallow, truncate, close slowly."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import Self


@dataclass(slots=True)
class Faults:
    """What the proxy does now; it may be changed at any time and holds for open connections, too."""

    latency: float = 0.0
    """Seconds by which each piece is late, both ways."""
    refuse: bool = False
    """Reset new connections at once, as if nobody listened."""
    reset_after: int | None = None
    """Reset a connection once so many bytes of answers have passed."""
    close_after: int | None = None
    """End a connection regularly once so many bytes of answers have passed: a truncated answer."""
    blackhole: bool = False
    """Take everything and pass nothing on."""
    bytes_per_second: int | None = None
    """Bandwidth of answers."""


class FaultProxy:
    """`async with FaultProxy(port) as proxy:` listens on `proxy.port` and passes on to `port`."""

    def __init__(self, target_port: int) -> None:
        self.faults = Faults()
        self.connections = 0
        self.port = 0
        self.target_port = target_port
        self._server: asyncio.Server
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Reset every open connection."""
        for writer in list(self._open):
            _reset(writer)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        try:
            if self.faults.refuse:
                return
            upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", self.target_port)
            self._open.add(upstream)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._pass_on(reader, upstream, is_answer=False))
                    group.create_task(self._pass_on(upstream_reader, writer, is_answer=True))
            finally:
                self._open.discard(upstream)
                _reset(upstream)
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(writer)
            self._tasks.discard(task)
            _reset(writer) if self.faults.refuse else writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool) -> None:
        passed = 0
        while data := await reader.read(65_536):
            faults = self.faults
            if faults.latency:
                await asyncio.sleep(faults.latency)
            if faults.blackhole:
                continue
            if is_answer:
                for bound, end in ((faults.reset_after, _reset), (faults.close_after, _close)):
                    if bound is not None and passed + len(data) >= bound:
                        writer.write(data[: max(0, bound - passed)])
                        with suppress(OSError):
                            await writer.drain()
                        end(writer)
                        raise ConnectionResetError
                if faults.bytes_per_second:
                    await asyncio.sleep(len(data) / faults.bytes_per_second)
            passed += len(data)
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    raw = writer.get_extra_info("socket")
    if raw is not None and raw.fileno() != -1:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
