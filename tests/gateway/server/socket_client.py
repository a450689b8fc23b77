"""A bare graphql-transport-ws client for tests: it says what it is told to, right or wrong."""

from __future__ import annotations

import asyncio
from typing import Any, Self

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol


class SocketClient:
    """`async with SocketClient(url) as client:` opens a socket; `initialise=True` also gets it acknowledged."""

    def __init__(
        self,
        url: str,
        *,
        initialise: bool = True,
        payload: dict[str, Any] | None = None,
        origin: str | None = None,
        subprotocol: str = "graphql-transport-ws",
        headers: dict[str, str] | None = None,
    ) -> None:
        self._connect = connect(
            url,
            subprotocols=[Subprotocol(subprotocol)],
            origin=None if origin is None else Origin(origin),
            additional_headers=headers,
            compression=None,
            proxy=None,
            ping_interval=None,
        )
        self._initialise = initialise
        self._payload = payload
        self.socket: ClientConnection

    async def __aenter__(self) -> Self:
        self.socket = await self._connect
        if self._initialise:
            await self.send({"type": "connection_init", **({"payload": self._payload} if self._payload else {})})
            assert await self.receive() == {"type": "connection_ack"}
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def send(self, message: Any) -> None:
        """Send a message, or a text as it is."""
        await self.socket.send(message if isinstance(message, str) else orjson.dumps(message).decode())

    async def subscribe(self, operation_id: str, query: str, **more: Any) -> None:
        """Start an operation."""
        await self.send({"id": operation_id, "type": "subscribe", "payload": {"query": query, **more}})

    async def receive(self, timeout: float = 60.0) -> Any:
        """Return the next message."""
        async with asyncio.timeout(timeout):
            return orjson.loads(await self.socket.recv())

    async def receive_many(self, count: int) -> list[Any]:
        """Return the next messages."""
        return [await self.receive() for _ in range(count)]

    async def closed(self, timeout: float = 60.0) -> tuple[int | None, str | None]:
        """Wait for the close and return its code and reason; what arrives before is skipped."""
        async with asyncio.timeout(timeout):
            try:
                while True:
                    await self.socket.recv()
            except ConnectionClosed:
                return self.socket.close_code, self.socket.close_reason
