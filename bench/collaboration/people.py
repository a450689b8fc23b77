"""The people of our own system: a subscription over a WebSocket, and pushes over HTTP, as the Yjs provider does it."""

from __future__ import annotations

import asyncio
import base64
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import orjson

from .stage import Stage
from .typing_load import Mark, note_arrival

EVENTS = """subscription ($id: ID!) { sessionEvents(sessionId: $id) {
  __typename seq ... on DocumentUpdated { userId updates } ... on SessionHello { epoch headSeq textName } } }"""
PUSH = """mutation ($input: PushUpdatesInput!) { pushUpdates(input: $input) {
  __typename ... on UpdatesAcknowledged { seq clientSeq } ... on Error { code message retryable } } }"""
CONNECT_AT_ONCE = 10


@dataclass(slots=True)
class Person:
    """One participant."""

    id: UUID
    token: str
    url: str
    client: aiohttp.ClientSession
    session_id: str = ""
    received: dict[Mark, float] = field(default_factory=dict)
    waiting: dict[Mark, asyncio.Future[None]] = field(default_factory=dict)
    is_there: asyncio.Event = field(default_factory=asyncio.Event)
    _client_id: str = field(default_factory=lambda: uuid4().hex[:16])
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _socket: aiohttp.ClientWebSocketResponse | None = None
    _reading: asyncio.Task[None] | None = None

    @classmethod
    def new(cls, stage: Stage, client: aiohttp.ClientSession) -> Person:
        user_id = uuid4()
        return cls(user_id, stage.token(user_id), stage.url, client)

    async def ask(self, document: str, **variables: Any) -> Any:
        """Over HTTP: the `data` of the answer."""
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        body = orjson.dumps({"query": document, "variables": variables})
        async with self.client.post(f"{self.url}/graphql", data=body, headers=headers) as response:
            answer = orjson.loads(await response.read())
        if answer.get("errors"):
            raise RuntimeError(str(answer["errors"]))
        return answer["data"]

    async def connect(self) -> None:
        """Open the socket and follow the session."""
        self._socket = await self.client.ws_connect(f"{self.url}/graphql", protocols=["graphql-transport-ws"])
        await self._socket.send_json({"type": "connection_init", "payload": {"authorization": f"Bearer {self.token}"}})
        await self._socket.receive_json(timeout=30)
        payload = {"query": EVENTS, "variables": {"id": self.session_id}}
        await self._socket.send_json({"id": "events", "type": "subscribe", "payload": payload})
        self._reading = asyncio.create_task(self._read(self._socket))
        async with asyncio.timeout(60):
            await self.is_there.wait()

    async def send(self, updates: Sequence[bytes]) -> bool:
        """Push, and again for as long as the answer is that it may be tried again."""
        given = {
            "sessionId": self.session_id,
            "updates": [base64.b64encode(update).decode() for update in updates],
            "clientId": self._client_id,
            "clientSeq": next(self._numbers),
        }
        while True:
            answer = (await self.ask(PUSH, input=given))["pushUpdates"]
            if answer["__typename"] == "UpdatesAcknowledged":
                return True
            if not answer["retryable"]:
                raise RuntimeError(str(answer))
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        if self._socket is not None:
            await self._socket.close()

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            now = time.perf_counter()
            data = orjson.loads(message.data)
            if data["type"] == "ping":
                await socket.send_json({"type": "pong"})
            elif data["type"] == "next":
                event = data["payload"]["data"]["sessionEvents"]
                if event["__typename"] == "SessionHello":
                    self.is_there.set()
                elif event.get("userId") != str(self.id):
                    for update in event.get("updates", ()):
                        note_arrival(self, base64.b64decode(update), now)


async def pairs_in_sessions(stage: Stage, client: aiohttp.ClientSession, count: int) -> list[tuple[Person, Person]]:
    """So many pairs, each in a session of its own, both following it."""
    pairs = [(Person.new(stage, client), Person.new(stage, client)) for _ in range(count)]
    await stage.make_sessions([(first.id, second.id) for first, second in pairs])
    limit = asyncio.Semaphore(CONNECT_AT_ONCE)

    async def enter(first: Person, second: Person) -> None:
        async with limit, asyncio.timeout(120):
            while not first.session_id:
                edges = (await first.ask("{ mySessions { edges { node { id } } } }"))["mySessions"]["edges"]
                if edges:
                    first.session_id = second.session_id = edges[0]["node"]["id"]
                else:
                    await asyncio.sleep(0.05)
            await first.connect()
            await second.connect()

    async with asyncio.TaskGroup() as tasks:
        for pair in pairs:
            tasks.create_task(enter(*pair))
    return pairs
