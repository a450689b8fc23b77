"""In which order the messages of one socket are written, whatever its buffer does meanwhile."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.types import Message

from gateway.server.settings_file import load_settings
from gateway.server.websocket import ClientSession
from gateway.server.websocket_protocol import EXTENSION


class Wire:
    """A socket whose buffer is full until it is drained."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.drained = asyncio.Event()

    def write_text(self, text: str) -> bool:
        if self.drained.is_set():
            self.written.append(text)
        return self.drained.is_set()

    async def send(self, message: Message) -> None:
        await self.drained.wait()
        self.written.append(message["text"])


@pytest.mark.asyncio
async def test_a_message_does_not_overtake_one_that_waited_for_the_buffer() -> None:
    wire = Wire()
    server = SimpleNamespace(settings=load_settings(environment={}, overrides={"supergraph": "none.graphql"}))
    session = ClientSession(cast(Any, server), {"extensions": {EXTENSION: wire}}, {}, wire.send)
    session.send_soon("first")
    await asyncio.sleep(0)  # the flusher has taken it, and waits
    wire.drained.set()
    session.send_soon("second")
    async with asyncio.timeout(30):
        while len(wire.written) < 2:
            await asyncio.sleep(0)
    assert wire.written == ["first", "second"]
