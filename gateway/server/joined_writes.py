"""A transport that sends the head of an answer together with its body.

uvicorn writes them apart: two system calls, two packets and two wake-ups of the client for each answer, which is a good part of
what a small answer costs.
"""

from __future__ import annotations

import asyncio
from typing import Any

RESPONSE_HEAD = b"HTTP/1.1 "


class HeadHoldingTransport:
    """Holds the head of an answer until the next write, or until the event loop comes round (a stream, an answer to HEAD)."""

    __slots__ = ("_head", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, data: bytes) -> None:
        """Send, or hold what is the head of an answer."""
        if self._head:
            data = self._head + data
            self._head = b""
        elif data.startswith(RESPONSE_HEAD):
            self._head = data
            self._loop.call_soon(self._flush)
            return
        self._transport.write(data)

    def close(self) -> None:
        """Send what is held, then close."""
        self._flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether the connection is closing."""
        return self._transport.is_closing()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            if not self._transport.is_closing():
                self._transport.write(head)
