"""A running questions subgraph with the whole bank, spoken to over ASGI as anybody."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from subgraphs.kit.auth import FixedKeys
from subgraphs.kit.token_issuers import token_verifier
from subgraphs.questions import app as questions_app
from subgraphs.questions.bank import BANK_PATH, load_bank
from subgraphs.questions.documents import columns_from
from subgraphs.questions.settings import QuestionsSettings

KEY = ECKey.generate_key("P-256", {"kid": "test"})
SERVICE_SECRET = "the-services-know-each-other"


@cache
def bank_columns() -> list[dict[str, Any]]:
    """The rows of the whole bank, read once for all tests."""
    return [columns_from(question) for question in load_bank(BANK_PATH)]


@dataclass(frozen=True, slots=True)
class QuestionsClient:
    """Speaks GraphQL and REST to the subgraph, as a visitor, a person or a service."""

    http: httpx2.AsyncClient
    services: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    user_id: UUID | None = None

    def as_person(self, *roles: str) -> QuestionsClient:
        """A client of a new person with these roles beside `user`."""
        user_id = uuid4()
        claims = {
            "iss": "tandem",
            "aud": "tandem",
            "sub": str(user_id),
            "exp": int(time.time()) + 600,
            "roles": ["user", *roles],
        }
        token = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "test"}, claims, KEY, algorithms=["ES256"])
        return replace(self, headers={"authorization": f"Bearer {token}"}, user_id=user_id)

    def with_headers(self, **headers: str) -> QuestionsClient:
        """The same client, with more headers (underscores stand for dashes)."""
        return replace(self, headers={**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}})

    def as_service(self) -> QuestionsClient:
        return replace(
            self, headers={"x-tandem-service": "collaboration", "x-gateway-secret": SERVICE_SECRET}, user_id=None
        )

    async def execute(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        body = {"query": document, "variables": dict(variables or {})}
        answer: dict[str, Any] = (await self.http.post("/graphql", json=body, headers=self.headers)).json()
        return answer

    async def data(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer = await self.execute(document, variables)
        assert not answer.get("errors"), answer
        data: dict[str, Any] = answer["data"]
        return data

    async def rest(self, method: str, path: str, json: Any = None, **headers: str) -> httpx2.Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(method, f"/v1{path}", json=json, headers={**self.headers, **given})


@pytest.fixture
async def questions(module_database_url: str) -> AsyncIterator[QuestionsClient]:
    """The subgraph on the database of this module."""
    settings = QuestionsSettings(
        _env_file=None, database_url=module_database_url, service_secret=SERVICE_SECRET, log_level="ERROR"
    )
    app = questions_app.create_app(settings, verifier=token_verifier(settings, own_keys=FixedKeys(KeySet([KEY]))))
    async with app.router.lifespan_context(app):
        await app.state.services.questions.load_bank(bank_columns())
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://questions.test") as http:
            yield QuestionsClient(http, app.state.services)
