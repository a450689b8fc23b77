"""People who use the collaboration subgraph over real sockets, and the neighbours that it asks: keys of tokens, questions."""

from __future__ import annotations

import asyncio
import base64
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pycrdt
import uvicorn
from joserfc import jwt
from joserfc.jwk import OKPKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

Json = dict[str, Any]
WAIT = 60.0  # seconds a test waits for something that must happen


@asynccontextmanager
async def serve(app: Any) -> AsyncIterator[str]:
    """The app behind a real socket on a free port, as its URL."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", ws="websockets-sansio", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
        if task.done():
            task.result()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@dataclass(slots=True)
class Neighbours:
    """A tiny stand-in for users (keys of tokens) and questions (what the judge needs)."""

    key: OKPKey = field(default_factory=lambda: OKPKey.generate_key("Ed25519", {"kid": "test", "use": "sig"}))
    questions: dict[str, Json] = field(default_factory=dict)
    is_down: bool = False
    asked: int = 0
    meanwhile: Callable[[], Awaitable[Any]] | None = None
    """What happens, once, before the next question is answered."""

    @property
    def app(self) -> Starlette:
        async def keys(request: Request) -> JSONResponse:
            return JSONResponse({"keys": [self.key.as_dict(private=False)]})

        async def graphql(request: Request) -> JSONResponse:
            self.asked += 1
            if self.is_down:
                return JSONResponse({"errors": [{"message": "down"}]}, status_code=500)
            if self.meanwhile is not None:
                meanwhile, self.meanwhile = self.meanwhile, None
                await meanwhile()
            body = await request.json()
            question = self.questions.get(body["variables"]["id"])
            if question is None:
                return JSONResponse({"data": None, "errors": [{"message": "?", "extensions": {"code": "NOT_FOUND"}}]})
            return JSONResponse({"data": {"judgeQuestion": question}})

        return Starlette(
            routes=[
                Route("/.well-known/jwks.json", keys),
                Route("/graphql", graphql, methods=["POST"]),
            ]
        )

    def token(self, user_id: UUID, *, lifetime: float = 600, roles: tuple[str, ...] = ("user",)) -> str:
        claims = {
            "iss": "tandem",
            "aud": "tandem",
            "sub": str(user_id),
            "sid": str(uuid4()),
            "roles": list(roles),
            "exp": int(time.time() + lifetime),
        }
        return jwt.encode({"alg": "Ed25519", "kid": "test", "typ": "at+jwt"}, claims, self.key, algorithms=["Ed25519"])

    def add_question(self, **changes: Any) -> UUID:
        question_id = uuid4()
        self.questions[str(question_id)] = {
            "id": str(question_id),
            "title": "Add two numbers",
            "difficulty": "EASY",
            "categories": ["Math"],
            "signature": {
                "function": "add_up",
                "parameters": [{"name": "first", "type": "int"}, {"name": "second", "type": "int"}],
                "returns": "int",
                "entry_points": {"python": "add_up", "javascript": "addUp", "java": "addUp", "cpp": "addUp"},
            },
            "comparison": {"mode": "exact"},
            "timeLimitMs": 2000,
            "memoryLimitMb": 256,
            "testCases": [
                {"id": str(uuid4()), "args": [1, 2], "expected": 3, "sample": True},
                {"id": str(uuid4()), "args": [20, 22], "expected": 42, "sample": False},
            ],
            "starterCode": {
                "python": "def add_up(first, second):\n    pass\n",
                "javascript": "function addUp(first, second) {\n}\n",
            },
            "hints": ["Use +."],
            "editorial": "Add them.",
            "languages": ["PYTHON", "JAVASCRIPT"],
            **changes,
        }
        return question_id


@dataclass(slots=True)
class Person:
    """Somebody with a token, who speaks GraphQL over HTTP."""

    id: UUID
    token: str
    url: str
    client: aiohttp.ClientSession
    idempotency_key: str | None = None

    async def ask(self, document: str, **variables: Any) -> Json:
        """The whole answer."""
        headers = {"authorization": f"Bearer {self.token}"}
        if self.idempotency_key is not None:
            headers["idempotency-key"] = self.idempotency_key
        body = {"query": document, "variables": variables}
        async with self.client.post(f"{self.url}/graphql", json=body, headers=headers) as response:
            answer: Json = await response.json()
            return answer

    async def do(self, document: str, **variables: Any) -> Any:
        """The only field of `data`. An answer with errors fails the test."""
        answer = await self.ask(document, **variables)
        assert not answer.get("errors"), answer
        (value,) = answer["data"].values()
        return value

    @asynccontextmanager
    async def follow(
        self, session_id: str, after: int | None = None, epoch: str | None = None, *, document: str | None = None
    ) -> AsyncIterator[Following]:
        """A subscription to the session's events, while the block runs."""
        async with self.client.ws_connect(f"{self.url}/graphql", protocols=["graphql-transport-ws"]) as socket:
            await socket.send_json({"type": "connection_init", "payload": {"authorization": f"Bearer {self.token}"}})
            assert (await socket.receive_json(timeout=WAIT))["type"] == "connection_ack"
            payload = {"query": document or EVENTS, "variables": {"id": session_id, "after": after, "epoch": epoch}}
            await socket.send_json({"id": "1", "type": "subscribe", "payload": payload})
            yield Following(socket)

    async def push(self, session_id: str, *updates: bytes, **more: Any) -> Json:
        given = {"sessionId": session_id, "updates": [base64.b64encode(update).decode() for update in updates], **more}
        answer: Json = await self.do(PUSH, input=given)
        return answer

    async def text(self, session_id: str) -> str:
        """What the document says, as a Yjs client reads it."""
        document = await self.do(DOCUMENT, id=session_id)
        doc: Any = pycrdt.Doc()
        # Merged first: pycrdt, unlike Yjs, goes wrong with updates that come before what they build on.
        doc.apply_update(pycrdt.merge_updates(*(base64.b64decode(update) for update in document["updates"])))
        return str(doc.get(document["textName"], type=pycrdt.Text))


@dataclass(slots=True)
class Following:
    """An open subscription."""

    socket: aiohttp.ClientWebSocketResponse
    seen: list[Json] = field(default_factory=list)

    async def next(self) -> Json:
        """The next event. An error message fails the test."""
        message = await self.next_message()
        assert message["type"] == "next", message
        assert not message["payload"].get("errors"), message
        event: Json = message["payload"]["data"]["sessionEvents"]
        self.seen.append(event)
        return event

    async def next_message(self) -> Json:
        while True:
            message: Json = await self.socket.receive_json(timeout=WAIT)
            if message["type"] == "ping":
                await self.socket.send_json({"type": "pong"})
                continue
            return message

    async def until(self, typename: str, **fields: Any) -> Json:
        """The next event of this type with these values; others are passed over."""
        async with asyncio.timeout(WAIT):
            while True:
                event = await self.next()
                if event["__typename"] == typename and all(event.get(key) == value for key, value in fields.items()):
                    return event

    async def numbered_until(self, seq: int) -> list[Json]:
        """All numbered events up to number `seq`."""
        events: list[Json] = []
        async with asyncio.timeout(WAIT):
            while not events or events[-1]["seq"] < seq:
                event = await self.next()
                if event["seq"] is not None:
                    events.append(event)
        return events


@dataclass(slots=True)
class Editor:
    """A Yjs client: writes in its own document and hands out the raw updates."""

    text_name: str = "code:PYTHON"
    document: Any = field(default_factory=lambda: pycrdt.Doc(client_id=int.from_bytes(uuid4().bytes[:4], "big")))
    made: list[bytes] = field(default_factory=list)
    _subscription: Any = None
    _is_listening: bool = False

    def __post_init__(self) -> None:
        self._subscription = self.document.observe(self._changed)

    def write(self, text: str, index: int = 0) -> bytes:
        self.document.get(self.text_name, type=pycrdt.Text).insert(index, text)
        return self.made[-1]

    def apply(self, *updates: bytes) -> None:
        # What others wrote is not pushed again: a provider sends only what its own client made.
        self._is_listening = True
        self.document.apply_update(pycrdt.merge_updates(*updates))
        self._is_listening = False

    def _changed(self, event: Any) -> None:
        if not self._is_listening:
            self.made.append(event.update)

    @property
    def text(self) -> str:
        return str(self.document.get(self.text_name, type=pycrdt.Text))


EVENTS = """
subscription ($id: ID!, $after: Int, $epoch: ID) {
  sessionEvents(sessionId: $id, after: $after, epoch: $epoch) {
    __typename seq at
    ... on SessionHello { epoch headSeq resumedFrom status role isPolite language textName onlineUserIds awareness }
    ... on SessionResync { reason epoch headSeq }
    ... on DocumentUpdated { userId updates }
    ... on SessionMessageChanged { change messageId message { message author { id } replyTo { id } } }
    ... on DocumentTextChanged { language textName cause userId }
    ... on SessionPresenceChanged { onlineUserIds }
    ... on SessionAwarenessChanged { userId update }
    ... on SessionTypingChanged { userId isTyping }
    ... on SessionSignalReceived { fromUserId kind payload }
    ... on SessionPhaseChanged { phase endsAt }
    ... on SessionRolesChanged { participants { userId role } }
    ... on SessionEnded { endReason userId session { status } }
  }
}
"""
PUSH = """
mutation ($input: PushUpdatesInput!) {
  pushUpdates(input: $input) {
    __typename
    ... on UpdatesAcknowledged { seq clientSeq isDuplicate }
    ... on Error { code message retryable }
    ... on EpochChanged { currentEpoch }
    ... on UpdateTooLarge { limit }
  }
}
"""
DOCUMENT = "query ($id: ID!) { document(sessionId: $id) { epoch seq textName language updates } }"
