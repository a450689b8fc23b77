"""The neighbours of matching, small and real: a users and questions service over HTTP, and a collaboration on the event bus."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from subgraphs.kit.events import Event, EventBus

SERVICE_SECRET = "secret-of-the-tests"
KEY = ECKey.generate_key("P-256", {"kid": "test"})


@dataclass(slots=True)
class Neighbours:
    """Users and questions in one server: they answer exactly the two operations that matching asks, and publish signing keys."""

    skills: dict[UUID, str] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    """The question of each match, by match id."""
    picks: list[dict[str, Any]] = field(default_factory=list)
    skill_asks: int = 0
    is_users_down: bool = False
    is_questions_down: bool = False
    is_questions_behind_a_broken_proxy: bool = False
    url: str = ""

    def app(self) -> Starlette:
        async def keys(request: Request) -> Response:
            return JSONResponse(KeySet([KEY]).as_dict(private=False))

        async def graphql(request: Request) -> Response:
            assert request.headers["x-tandem-service"] == "matching"
            assert request.headers["x-gateway-secret"] == SERVICE_SECRET
            body = await request.json()
            return self._answer(body["query"], body["variables"])

        return Starlette(routes=[Route("/.well-known/jwks.json", keys), Route("/graphql", graphql, methods=["POST"])])

    def _answer(self, query: str, variables: dict[str, Any]) -> Response:
        if "skillLevels" in query:
            self.skill_asks += 1
            if self.is_users_down:
                return JSONResponse({"errors": [{"message": "down"}]})
            levels = [{"userId": id, "level": self.skills.get(UUID(id), "INTERMEDIATE")} for id in variables["userIds"]]
            return JSONResponse({"data": {"skillLevels": levels}})
        assert "pickQuestion" in query
        if self.is_questions_behind_a_broken_proxy:
            return PlainTextResponse("Bad Gateway", status_code=502)
        if self.is_questions_down:
            return JSONResponse({"errors": [{"message": "down"}]})
        wish = variables["input"]
        self.picks.append(wish)
        question_id = self.questions.setdefault(wish["matchId"], str(uuid4()))
        return JSONResponse({"data": {"pickQuestion": {"questionId": question_id}}})


@dataclass(slots=True)
class Collaboration:
    """Makes one session per match.created, and keeps every event that matching published."""

    make_bus: Callable[[], EventBus]
    events: list[Event] = field(default_factory=list)
    sessions: dict[str, str] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _bus: EventBus | None = None

    async def run(self) -> None:
        self._bus = self.make_bus()
        await self._bus.start()
        try:
            while True:
                # As the real one does: a connection that PostgreSQL ends is not the end.
                with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError):
                    await self._bus.consume("collaboration", self._handle)
                await asyncio.sleep(0.2)
        finally:
            await self._bus.aclose()

    async def _handle(self, event: Event) -> None:
        if event.source != "matching":
            return
        self.events.append(event)
        self._changed.set()
        if event.type == "match.created" and event.data["match_id"] not in self.sessions:
            match_id = event.data["match_id"]
            self.sessions[match_id] = str(uuid4())
            await self._publish(session_created(event, self.sessions[match_id]))

    async def _publish(self, *events: Event) -> None:
        assert self._bus is not None
        await self._bus.publish(events)

    async def heard(self, type: str, timeout: float = 60.0) -> Event:
        """The first event of this type, waited for."""
        async with asyncio.timeout(timeout):
            while not self.of_type(type):
                self._changed.clear()
                await self._changed.wait()
        return self.of_type(type)[0]

    def of_type(self, type: str) -> list[Event]:
        return [event for event in self.events if event.type == type]


def session_created(match_created: Event, session_id: str) -> Event:
    data = match_created.data
    return Event(
        type="session.created",
        subject=session_id,
        source="collaboration",
        data={
            "session_id": session_id,
            "match_id": data["match_id"],
            "user_ids": [data["user1_id"], data["user2_id"]],
            "question_id": data["question_id"],
            "language": data["language"],
        },
    )


def access_token(user_id: UUID, *roles: str, lifetime: float = 600) -> str:
    """A token as the users service signs them."""
    now = int(time.time())
    claims = {
        "iss": "tandem",
        "aud": "tandem",
        "sub": str(user_id),
        "iat": now,
        "exp": now + lifetime,
        "roles": list(roles),
    }
    return jwt.encode({"alg": "ES256", "kid": "test", "typ": "at+jwt"}, claims, KEY)


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """The URL of this app, served on a free port by a real server while the block runs."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_level="error", access_log=False, ws="websockets-sansio", lifespan="on", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(_serve_without_signals(server, listener))
    while not server.started:
        await asyncio.sleep(0.01)
        if task.done():
            task.result()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


async def _serve_without_signals(server: uvicorn.Server, listener: socket.socket) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await server._serve([listener])


@asynccontextmanager
async def running(work: Any) -> AsyncIterator[None]:
    """Run a coroutine in the background while the block runs."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
