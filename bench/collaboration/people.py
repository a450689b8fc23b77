"""Who types and who reads: GraphQL over one WebSocket each, as the Yjs provider does it."""

from __future__ import annotations

import asyncio
import base64
import itertools
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import orjson
import pycrdt

from .stage import Stage

EVENTS = """subscription ($id: ID!) { sessionEvents(sessionId: $id) {
  __typename ... on DocumentUpdated { seq userId updates } ... on SessionHello { headSeq textName } } }"""
PUSH = """mutation ($input: PushUpdatesInput!) { pushUpdates(input: $input) {
  __typename ... on UpdatesAcknowledged { seq } ... on Error { code message } } }"""


@dataclass(slots=True)
class Person:
    """One participant with one socket: a subscription, and mutations beside it."""

    id: UUID
    token: str
    url: str
    client: aiohttp.ClientSession
    session_id: str = ""
    received: dict[str, float] = field(default_factory=dict)
    """When which update arrived (monotonic seconds), by its base64."""
    is_there: asyncio.Event = field(default_factory=asyncio.Event)
    _socket: aiohttp.ClientWebSocketResponse | None = None
    _reading: asyncio.Task[None] | None = None
    _answers: dict[str, asyncio.Future[Any]] = field(default_factory=dict)
    _ids: Any = field(default_factory=itertools.count)

    @classmethod
    def new(cls, stage: Stage, client: aiohttp.ClientSession) -> Person:
        user_id = uuid4()
        return cls(user_id, stage.token(user_id), stage.url, client)

    async def ask(self, document: str, **variables: Any) -> Any:
        """Over HTTP: the `data` of the answer."""
        headers = {"authorization": f"Bearer {self.token}"}
        body = {"query": document, "variables": variables}
        async with self.client.post(f"{self.url}/graphql", json=body, headers=headers) as response:
            answer = await response.json(content_type=None)
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

    async def push(self, update: str) -> Any:
        """Store one update; returns when it is acknowledged."""
        number = str(next(self._ids))
        answered = self._answers[number] = asyncio.get_running_loop().create_future()
        assert self._socket is not None
        variables = {"input": {"sessionId": self.session_id, "updates": [update]}}
        await self._socket.send_str(
            orjson.dumps(
                {"id": number, "type": "subscribe", "payload": {"query": PUSH, "variables": variables}}
            ).decode()
        )
        return await answered

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
            elif data["type"] == "next" and data["id"] == "events":
                event = data["payload"]["data"]["sessionEvents"]
                if event["__typename"] == "SessionHello":
                    self.is_there.set()
                for update in event.get("updates", ()):
                    self.received[update] = now
            elif data["type"] in ("next", "error") and data["id"] in self._answers:
                answered = self._answers.pop(data["id"])
                if not answered.done():
                    answered.set_result(data["payload"])


@dataclass(slots=True)
class Typist:
    """Makes the updates of somebody who types into the shared text."""

    document: Any = field(default_factory=lambda: pycrdt.Doc(client_id=secrets.randbelow(2**32)))
    _made: list[bytes] = field(default_factory=list)
    _subscription: Any = None

    def __post_init__(self) -> None:
        self._subscription = self.document.observe(lambda event: self._made.append(event.update))

    def key(self, text_name: str = "code:PYTHON") -> str:
        """One key, as the base64 of its update."""
        text = self.document.get(text_name, type=pycrdt.Text)
        text += "x"
        return base64.b64encode(self._made.pop()).decode()


async def pairs_in_sessions(stage: Stage, client: aiohttp.ClientSession, count: int) -> list[tuple[Person, Person]]:
    """So many pairs, each in a session of its own, both following it."""
    pairs = [(Person.new(stage, client), Person.new(stage, client)) for _ in range(count)]
    await stage.make_sessions([(first.id, second.id) for first, second in pairs])
    for first, second in pairs:
        async with asyncio.timeout(60):
            while not first.session_id:
                edges = (await first.ask("{ mySessions { edges { node { id } } } }"))["mySessions"]["edges"]
                if edges:
                    first.session_id = second.session_id = edges[0]["node"]["id"]
                else:
                    await asyncio.sleep(0.05)
    for pair in pairs:
        for person in pair:
            await person.connect()
    return pairs
