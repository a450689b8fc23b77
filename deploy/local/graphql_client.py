"""A GraphQL client of a few lines: operations over HTTP, subscriptions over graphql-transport-ws, as any front end would send them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import aiohttp
import orjson
import websockets

JsonObject: TypeAlias = dict[str, Any]
SUBPROTOCOL = websockets.Subprotocol("graphql-transport-ws")


class OperationFailed(Exception):
    """Raised when an answer has errors; the message shows them."""


@dataclass(slots=True)
class GraphQLClient:
    """One person's client: `token` is sent with every operation and with the socket's connection_init."""

    http_url: str
    session: aiohttp.ClientSession
    token: str | None = None

    async def execute(self, query: str, variables: JsonObject | None = None) -> JsonObject:
        """The `data` of a query or mutation. Raises OperationFailed when there are errors."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"query": query, "variables": variables or {}}
        async with self.session.post(self.http_url, json=body, headers=headers) as response:
            answer = orjson.loads(await response.read())
        return _data_of(answer)

    @asynccontextmanager
    async def subscribe(self, query: str, variables: JsonObject | None = None) -> AsyncIterator[Subscription]:
        """A running subscription; it is ended with the block."""
        url = self.http_url.replace("http", "ws", 1)
        async with websockets.connect(url, subprotocols=[SUBPROTOCOL]) as socket:
            await socket.send(_text({"type": "connection_init", "payload": {"authorization": f"Bearer {self.token}"}}))
            acknowledged = orjson.loads(await socket.recv())
            if acknowledged["type"] != "connection_ack":
                raise OperationFailed(f"the socket was not acknowledged: {acknowledged}")
            payload = {"query": query, "variables": variables or {}}
            await socket.send(_text({"id": "1", "type": "subscribe", "payload": payload}))
            subscription = Subscription()
            reader = asyncio.create_task(subscription.read(socket))
            try:
                yield subscription
                with contextlib.suppress(websockets.ConnectionClosed):
                    await socket.send(_text({"id": "1", "type": "complete"}))
            finally:
                reader.cancel()
                await asyncio.gather(reader, return_exceptions=True)


@dataclass(slots=True)
class Subscription:
    """The events of one subscription, in order of arrival."""

    events: asyncio.Queue[JsonObject | OperationFailed] = field(default_factory=asyncio.Queue)

    async def next(self, timeout: float = 10.0) -> JsonObject:
        """The next event's data. Raises OperationFailed, or TimeoutError when nothing comes."""
        event = await asyncio.wait_for(self.events.get(), timeout)
        if isinstance(event, OperationFailed):
            raise event
        return event

    async def read(self, socket: websockets.ClientConnection) -> None:
        try:
            async for text in socket:
                message = orjson.loads(text)
                if message["type"] == "ping":
                    await socket.send(_text({"type": "pong"}))
                elif message["type"] == "next":
                    self._put(message["payload"])
                elif message["type"] in ("error", "complete"):
                    self.events.put_nowait(OperationFailed(f"{message['type']}: {message.get('payload', '')}"))
        except websockets.ConnectionClosed as error:
            self.events.put_nowait(OperationFailed(f"the socket closed: {error}"))

    def _put(self, payload: JsonObject) -> None:
        try:
            self.events.put_nowait(_data_of(payload))
        except OperationFailed as error:
            self.events.put_nowait(error)


def _data_of(answer: JsonObject) -> JsonObject:
    if answer.get("errors"):
        raise OperationFailed("; ".join(_shown(error) for error in answer["errors"]))
    data = answer.get("data")
    if not isinstance(data, dict):
        raise OperationFailed(f"no data in {answer!r}")
    return data


def _shown(error: JsonObject) -> str:
    code = error.get("extensions", {}).get("code", "")
    return f"{error['message']} [{code}]" if code else str(error["message"])


def _text(message: JsonObject) -> str:
    return orjson.dumps(message).decode()
