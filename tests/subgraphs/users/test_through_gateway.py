"""The same accounts through the gateway: who sees what does not depend on the way the question takes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
import uvicorn
from starlette.types import ASGIApp

from gateway.server import create_app, load_settings

from .conftest import UsersClient
from .test_field_access import PRIVATE, PUBLIC, QUERIES, SEEN_BY, USER, make_people

ROOT = Path(__file__).resolve().parents[3]


@asynccontextmanager
async def serving(app: ASGIApp, *, lifespan: str) -> AsyncIterator[str]:
    """The app on a free port of this machine; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, lifespan=lifespan, log_level="warning", access_log=False))  # type: ignore[arg-type]
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with asyncio.timeout(20):
            while not server.started:
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def through_gateway(users: UsersClient) -> AsyncIterator[UsersClient]:
    """A client whose questions go through a gateway with the committed supergraph, over HTTP both times."""
    async with serving(users.app, lifespan="off") as users_url:
        settings = load_settings(
            environment={},
            overrides={
                "supergraph": str(ROOT / "schema" / "supergraph.graphql"),
                "subgraphs": {"users": {"url": f"{users_url}/graphql"}},
                "headers": {"forward": ["authorization", "idempotency-key", "user-agent"]},
                "telemetry": {"access_log": False},
            },
        )
        async with serving(create_app(settings), lifespan="on") as url, httpx2.AsyncClient(base_url=url) as http:
            yield replace(users, http=http)


async def test_private_fields_show_only_to_oneself_and_admins(users: UsersClient, through_gateway: UsersClient) -> None:
    people = await make_people(users)
    seen = {}
    for name, viewer in people.viewers.items():
        if name != "service":
            asking = replace(viewer, http=through_gateway.http)
            answer = (await asking.data(USER, {"id": people.ada.user_id}))["user"]
            assert set(answer) == PUBLIC | PRIVATE
            seen[name] = {field for field in PRIVATE if answer[field] is not None}
    assert seen == {name: fields for name, fields in SEEN_BY.items() if name != "service"}


async def test_the_journey_of_an_account_and_its_errors_come_through(through_gateway: UsersClient) -> None:
    keyed = through_gateway.with_headers(idempotency_key=uuid4().hex)
    ada = await keyed.signed_up("Ada", email=f"{uuid4().hex}@example.com")
    assert (await ada.data("{ me { name email role } }"))["me"]["role"] == "USER"
    assert "accessToken" in await through_gateway.refreshed(ada.person["refreshToken"])
    assert (await through_gateway.logged_in(ada.person["email"], "a guess"))["code"] == "INVALID_CREDENTIALS"
    refused = await ada.execute("{ users { totalCount } }")
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    forged = await through_gateway.with_token("nonsense").execute("{ me { name } }")
    assert not (forged.get("data") or {}).get("me")
    assert forged["errors"]


async def test_what_is_for_services_is_not_there(through_gateway: UsersClient) -> None:
    answer = await through_gateway.as_service().execute(f"{{ {QUERIES['skillLevels']} }}")
    assert "skillLevels" in answer["errors"][0]["message"]
    assert not answer.get("data")
