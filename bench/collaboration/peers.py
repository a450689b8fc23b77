"""Hocuspocus and y-websocket under Node, and people who speak their protocol (y-protocols/sync over a WebSocket)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import aiohttp
import psutil
import pycrdt

from .stage import free_port, running_process
from .system import System
from .typing_load import Mark, note_arrival

SYNC, AUTH = 0, 2  # kinds of messages
STEP_1, STEP_2, UPDATE = 0, 1, 2  # kinds of sync messages
HOCUSPOCUS, Y_WEBSOCKET = "Hocuspocus 4.7.0", "y-websocket-server 0.1.1"
SCRIPTS = Path(__file__).parent / "peers"


@asynccontextmanager
async def open_peer(name: str, node: str, folder: Path) -> AsyncIterator[tuple[System, str]]:
    """Start a peer; `folder` is where its packages are installed. Yields the system and its URL."""
    port = free_port()
    if name == HOCUSPOCUS:
        script = folder / "hocuspocus.js"
        script.write_text((SCRIPTS / "hocuspocus.js").read_text())
        command = [node, str(script), str(port)]
    else:
        command = [node, str(folder / "node_modules/@y/websocket-server/src/server.js")]
    environment = {"PORT": str(port), "HOST": "127.0.0.1", "PATH": "/usr/bin:/bin", "NODE_ENV": "production"}
    async with running_process(command, environment, port, folder) as process:
        yield System(name, {"node": psutil.Process(process.pid)}), f"ws://127.0.0.1:{port}"


@dataclass(slots=True)
class PeerEditor:
    """One person on one document."""

    has_names: bool
    """Hocuspocus puts the document's name before every message, and asks who it is."""
    name: str
    url: str
    client: aiohttp.ClientSession
    received: dict[Mark, float] = field(default_factory=dict)
    waiting: dict[Mark, asyncio.Future[None]] = field(default_factory=dict)
    synced: asyncio.Event = field(default_factory=asyncio.Event)
    loaded: bytes = b""
    """What the server sent as the document."""
    _socket: aiohttp.ClientWebSocketResponse | None = None
    _reading: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        path = "" if self.has_names else f"/{self.name}"
        self._socket = await self.client.ws_connect(self.url + path, max_msg_size=64 * 1024 * 1024)
        self._reading = asyncio.create_task(self._read(self._socket))
        if self.has_names:
            await self._send(bytes([AUTH, 0]) + _string("token") + _string("4.7.0"))
        empty: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
        await self._send(bytes([SYNC, STEP_1]) + _bytes(empty.get_state()))
        async with asyncio.timeout(60):
            await self.synced.wait()

    async def send(self, updates: Sequence[bytes]) -> bool:
        for update in updates:
            await self._send(bytes([SYNC, UPDATE]) + _bytes(update))
        return False

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        if self._socket is not None:
            await self._socket.close()

    async def _send(self, message: bytes) -> None:
        assert self._socket is not None
        await self._socket.send_bytes((_string(self.name) if self.has_names else b"") + message)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            now = time.perf_counter()
            data, place = message.data, 0
            if self.has_names:
                length, place = _number(data, 0)
                place += length
            if data[place] not in (SYNC, 4) or data[place + 1] == STEP_1:
                continue
            length, start = _number(data, place + 2)
            update = data[start : start + length]
            if data[place + 1] == STEP_2:
                self.loaded = update
                self.synced.set()
            else:
                note_arrival(self, update, now)


async def peer_pairs(
    name: str, url: str, client: aiohttp.ClientSession, count: int
) -> list[tuple[PeerEditor, PeerEditor]]:
    """So many pairs, each on a document of its own."""
    pairs = []
    for _ in range(count):
        document = f"session-{uuid4()}"
        first, second = (PeerEditor(name == HOCUSPOCUS, document, url, client) for _ in range(2))
        await first.connect()
        await second.connect()
        pairs.append((first, second))
    return pairs


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _bytes(value: bytes) -> bytes:
    return _varint(len(value)) + value


def _string(value: str) -> bytes:
    return _bytes(value.encode())


def _number(data: bytes, place: int) -> tuple[int, int]:
    """A variable-length number, and where it ends."""
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 127) << shift
        place += 1
        if byte < 128:
            return value, place
        shift += 7
