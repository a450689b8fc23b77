"""The four real subgraphs and the gateway in one process, over real HTTP and sockets, on one PostgreSQL."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import uvicorn
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.types import ASGIApp

from gateway.server import create_app as create_gateway
from gateway.server import load_settings
from subgraphs.collaboration.app import create_app as create_collaboration
from subgraphs.collaboration.settings import CollaborationSettings
from subgraphs.matching.app import create_app as create_matching
from subgraphs.matching.settings import MatchingSettings
from subgraphs.questions.app import create_app as create_questions
from subgraphs.questions.bank import BANK_PATH, load_bank
from subgraphs.questions.documents import columns_from
from subgraphs.questions.settings import QuestionsSettings
from subgraphs.users.app import create_app as create_users
from subgraphs.users.mail import RecordingMailer
from subgraphs.users.settings import UsersSettings

ROOT = Path(__file__).resolve().parents[3]
SECRET = "the-services-know-each-other"
PASSWORD = "correct horse battery staple"
PATIENCE = 120.0  # seconds for what takes milliseconds on an idle machine
SIGN_UP = """
    mutation ($input: SignUpInput!) { signUp(input: $input) {
        ... on AuthPayload { accessToken refreshToken user { id } } ... on Error { code message } } }
"""


@dataclass(slots=True)
class Person:
    """Somebody's client: HTTP and sockets, to the gateway or to a subgraph."""

    system: Four
    token: str | None = None
    person: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.person["user"]["id"])

    async def execute(
        self, document: str, variables: Mapping[str, Any] | None = None, *, at: str = "gateway"
    ) -> dict[str, Any]:
        """The whole answer of the gateway, or of a subgraph."""
        headers = {**self.headers, **({"authorization": f"Bearer {self.token}"} if self.token else {})}
        body = {"query": document, "variables": dict(variables or {})}
        async with self.system.http.post(f"{self.system.urls[at]}/graphql", json=body, headers=headers) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
        return answer

    async def data(
        self, document: str, variables: Mapping[str, Any] | None = None, *, at: str = "gateway"
    ) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = await self.execute(document, variables, at=at)
        assert not answer.get("errors"), answer
        data: dict[str, Any] = answer["data"]
        return data

    @asynccontextmanager
    async def subscribed(self, document: str, variables: Mapping[str, Any] | None = None) -> AsyncIterator[Listener]:
        """A socket of its own to the gateway, with one subscription on it."""
        async with self.system.http.ws_connect(
            f"{self.system.urls['gateway']}/graphql", protocols=["graphql-transport-ws"]
        ) as ws:
            await ws.send_json({"type": "connection_init", "payload": {"authorization": f"Bearer {self.token}"}})
            assert (await ws.receive_json())["type"] == "connection_ack"
            payload = {"query": document, "variables": dict(variables or {})}
            await ws.send_json({"type": "subscribe", "id": "1", "payload": payload})
            listener = Listener(ws)
            task = asyncio.create_task(listener.run())
            try:
                yield listener
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


class Listener:
    """What arrives on a socket, until it is closed."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.messages: list[dict[str, Any]] = []
        self.closed = asyncio.Event()
        self._changed = asyncio.Event()

    async def run(self) -> None:
        async for message in self.socket:
            received = message.json()
            if received["type"] == "ping":
                await self.socket.send_json({"type": "pong"})
            else:
                self.messages.append(received)
            self._changed.set()
        self.closed.set()

    async def until(self, is_there: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message that fits, from the beginning on."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for message in self.messages:
                    if is_there(message):
                        return message
                self._changed.clear()
                await self._changed.wait()

    async def event(self, typename: str) -> dict[str, Any]:
        """The first event of this type."""

        def is_it(message: dict[str, Any]) -> bool:
            data = (message.get("payload") or {}).get("data") if message["type"] == "next" else None
            return any((value or {}).get("__typename") == typename for value in (data or {}).values())

        (event,) = (await self.until(is_it))["payload"]["data"].values()
        return dict(event)

    async def until_closed(self) -> int | None:
        """The close code."""
        async with asyncio.timeout(PATIENCE):
            await self.closed.wait()
        return self.socket.close_code


@dataclass(slots=True)
class Four:
    """Everything that runs; `urls` by name: gateway, users, questions, matching, collaboration."""

    http: aiohttp.ClientSession
    urls: dict[str, str]
    apps: dict[str, Starlette]

    def visitor(self) -> Person:
        return Person(self)

    def service(self) -> Person:
        return Person(self, headers={"x-tandem-service": "matching", "x-gateway-secret": SECRET})

    async def signed_up(self, name: str) -> Person:
        values = {"name": name, "email": f"{uuid4().hex}@example.com", "password": PASSWORD}
        person = (await self.visitor().data(SIGN_UP, {"input": values}))["signUp"]
        assert "accessToken" in person, person
        return Person(self, person["accessToken"], {**person, **values})

    async def logged_in(self, person: Person) -> Person:
        """The same person on another device, or after the roles have changed."""
        log_in = """
            mutation ($input: LogInInput!) { logIn(input: $input) {
                ... on AuthPayload { accessToken refreshToken user { id } } ... on Error { code } } }
        """
        values = {"email": person.person["email"], "password": PASSWORD}
        found = (await self.visitor().data(log_in, {"input": values}))["logIn"]
        return Person(self, found["accessToken"], {**person.person, **found})

    async def with_role(self, name: str, role: str) -> Person:
        person = await self.signed_up(name)
        await self.rows("UPDATE users.users SET role = :role WHERE id = CAST(:id AS uuid)", role=role, id=person.id)
        return await self.logged_in(person)

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        async with self.apps["users"].state.runtime.database.transaction() as session:
            result = await session.execute(text(statement), values)
            return list(result.all()) if result.returns_rows else []


async def eventually(look: Callable[[], Awaitable[Any]]) -> Any:
    """What the look finds, once it finds something."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await look()
            if found:
                return found
            await asyncio.sleep(0.05)


@asynccontextmanager
async def running_four(database_url: str) -> AsyncIterator[Four]:
    """Start everything; the bank's first questions are loaded."""
    names = ("users", "questions", "matching", "collaboration")
    listeners = {name: socket.create_server(("127.0.0.1", 0)) for name in (*names, "gateway")}
    urls = {name: f"http://127.0.0.1:{listener.getsockname()[1]}" for name, listener in listeners.items()}
    shared: dict[str, Any] = {
        "_env_file": None,
        "database_url": database_url,
        "database_pool_size": 5,
        "service_secret": SECRET,
        "log_level": "ERROR",
        "user_service_url": urls["users"],
        "question_service_url": urls["questions"],
        "matching_service_url": urls["matching"],
        "collaboration_service_url": urls["collaboration"],
    }
    limits: dict[str, Any] = {"sign_up_limit_per_address": 100_000, "login_limit_per_address": 100_000}
    apps = {
        "users": create_users(UsersSettings(**shared, **limits), mailer=RecordingMailer()),
        "questions": create_questions(QuestionsSettings(**shared)),
        "matching": create_matching(MatchingSettings(**shared)),
        "collaboration": create_collaboration(CollaborationSettings(**shared, execution="off")),
    }
    overrides = {
        "supergraph": str(ROOT / "schema" / "supergraph.graphql"),
        "subgraphs": {name: {"url": f"{urls[name]}/graphql"} for name in names},
        "telemetry": {"access_log": False},
        "subgraph_secret": SECRET,
        # Nothing here is about time, and the machine may have other work.
        "traffic": {"subgraph_timeout": 60.0, "request_timeout": 90.0},
    }
    async with AsyncExitStack() as stack:
        for name in names:
            await stack.enter_async_context(_serving(apps[name], listeners[name]))
        settings = load_settings(ROOT / "deploy" / "gateway.toml", environment={}, overrides=overrides)
        await stack.enter_async_context(_serving(create_gateway(settings), listeners["gateway"]))
        bank = load_bank(BANK_PATH)[:12]
        await apps["questions"].state.services.questions.load_bank([columns_from(question) for question in bank])
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield Four(http, urls, apps)


@asynccontextmanager
async def _serving(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(
        app,
        lifespan="on",
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with asyncio.timeout(PATIENCE):
            while not server.started:
                await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await task
