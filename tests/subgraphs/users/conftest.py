"""A running users subgraph on a real PostgreSQL, and a client that speaks GraphQL and REST to it over ASGI."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, cast
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from subgraphs.kit.app import Runtime
from subgraphs.users.app import create_app
from subgraphs.users.context import Services
from subgraphs.users.mail import Mail, RecordingMailer
from subgraphs.users.settings import UsersSettings

SERVICE_SECRET = "the-services-know-each-other"
PASSWORD = "correct horse battery staple"
SIGN_UP = """
    mutation ($input: SignUpInput!) { signUp(input: $input) {
        ... on AuthPayload { accessToken refreshToken expiresAt user { id name } }
        ... on Error { __typename code message retryable } } }
"""
REFRESH = """
    mutation ($token: String!) { refreshTokens(input: {refreshToken: $token}) {
        ... on AuthPayload { accessToken refreshToken user { id } } ... on Error { code } } }
"""
LOG_IN = """
    mutation ($input: LogInInput!) { logIn(input: $input) {
        ... on AuthPayload { accessToken refreshToken user { id } } ... on Error { __typename code message } } }
"""


@dataclass(frozen=True, slots=True)
class UsersClient:
    """Speaks to one running subgraph, as a visitor, a person or a service."""

    app: Starlette
    http: httpx2.AsyncClient
    mailer: RecordingMailer
    headers: Mapping[str, str] = field(default_factory=dict)
    person: Mapping[str, Any] = field(default_factory=dict)
    """What signUp answered, for clients that `signed_up` made."""

    @property
    def services(self) -> Services:
        return cast(Services, self.app.state.services)

    @property
    def runtime(self) -> Runtime:
        return cast(Runtime, self.app.state.runtime)

    @property
    def user_id(self) -> str:
        return str(self.person["user"]["id"])

    def with_headers(self, **headers: str) -> UsersClient:
        """The same client, with more headers (underscores stand for dashes)."""
        return replace(self, headers={**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}})

    def as_visitor(self) -> UsersClient:
        return replace(self, headers={}, person={})

    def as_service(self, name: str = "matching") -> UsersClient:
        return replace(self, headers={"x-tandem-service": name, "x-gateway-secret": SERVICE_SECRET}, person={})

    def with_token(self, access_token: str) -> UsersClient:
        return replace(self, headers={**self.headers, "authorization": f"Bearer {access_token}"})

    async def post(self, document: str, variables: Mapping[str, Any] | None = None) -> httpx2.Response:
        body = {"query": document, "variables": dict(variables or {})}
        return await self.http.post("/graphql", json=body, headers=self.headers)

    async def execute(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The whole answer, errors and all."""
        response = await self.post(document, variables)
        answer: dict[str, Any] = response.json()
        return answer

    async def data(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = await self.execute(document, variables)
        assert "errors" not in answer or not answer["errors"], answer
        return cast(dict[str, Any], answer["data"])

    async def send_all_mail(self) -> None:
        """Send what waits. The background does it too; between them each mail goes out once."""
        async with asyncio.timeout(10):
            while await self._count_waiting_mail():
                await self.services.post_room.send_next()

    async def _count_waiting_mail(self) -> int:
        async with self.runtime.database.session() as session:
            statement = text("SELECT count(*) FROM users.mail_requests WHERE next_attempt_at <= now()")
            return int((await session.execute(statement)).scalar_one())

    async def mails_to(self, email: str, count: int = 1) -> list[Mail]:
        """The mails to this address, once there are so many; all that waits is sent first."""
        await self.send_all_mail()
        found = [mail for mail in self.mailer.sent if mail.to == email]
        assert len(found) == count, found
        return found

    async def made_admin(self) -> UsersClient:
        """The same person, as an admin with a token that says so."""
        await self.services.admin.make_admin(self.person["email"])
        answer = await self.data(REFRESH, {"token": self.person["refreshToken"]})
        tokens = answer["refreshTokens"]
        return replace(self, person={**self.person, **tokens}).with_token(tokens["accessToken"])

    async def logged_in(self, email: str, password: str = PASSWORD) -> dict[str, Any]:
        """What logIn answers: tokens, or an error."""
        answer = await self.data(LOG_IN, {"input": {"email": email, "password": password}})
        return cast(dict[str, Any], answer["logIn"])

    async def refreshed(self, token: str) -> dict[str, Any]:
        """What refreshTokens answers: tokens, or an error."""
        return cast(dict[str, Any], (await self.data(REFRESH, {"token": token}))["refreshTokens"])

    async def signed_up(self, name: str = "Ada", *, email: str | None = None, password: str = PASSWORD) -> UsersClient:
        """A client of a new person."""
        values = {"name": name, "email": email or f"{uuid4().hex}@example.com", "password": password}
        person = (await self.data(SIGN_UP, {"input": values}))["signUp"]
        assert "accessToken" in person, person
        return replace(self, person={**person, **values}).with_token(person["accessToken"])


@asynccontextmanager
async def running_users(
    database_url: str, *, with_background: bool = False, **settings: Any
) -> AsyncIterator[UsersClient]:
    """The subgraph on this database. Without its background nothing is sent or relayed but what a test asks for."""
    values = {"database_url": database_url, "service_secret": SERVICE_SECRET, "log_level": "ERROR", **settings}
    mailer = RecordingMailer()
    app = create_app(UsersSettings(_env_file=None, **values), mailer=mailer)
    background = app.router.lifespan_context(app) if with_background else nullcontext()
    transport = httpx2.ASGITransport(app=app, client=("203.0.113.7", 50000))
    async with background, httpx2.AsyncClient(transport=transport, base_url="http://users.test") as http:
        yield UsersClient(app, http, mailer)
    await app.state.runtime.database.dispose()


@pytest.fixture
async def users(module_database_url: str) -> AsyncIterator[UsersClient]:
    """The subgraph on the database of this module, spoken to as a visitor."""
    async with running_users(module_database_url, login_limit_per_address=10_000) as client:
        yield client
