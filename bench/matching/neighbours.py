"""The neighbours of one matching replica, as small as they can be: keys, skills and questions over HTTP, sessions on the bus."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from subgraphs.kit.events import Event
from subgraphs.kit.postgres_bus import PostgresBus

KEY = ECKey.generate_key("P-256", {"kid": "bench"})


def access_token(user_id: UUID) -> str:
    """A token for an hour, as the users service signs them."""
    now = int(time.time())
    claims = {"iss": "tandem", "aud": "tandem", "sub": str(user_id), "iat": now, "exp": now + 3600, "roles": []}
    return jwt.encode({"alg": "ES256", "kid": "bench", "typ": "at+jwt"}, claims, KEY)


@asynccontextmanager
async def serving_neighbours(port: int, database_url: str) -> AsyncIterator[str]:
    """The URL of users and questions while the block runs; collaboration makes sessions meanwhile."""
    app = web.Application()
    app.router.add_get("/.well-known/jwks.json", _keys)
    app.router.add_post("/graphql", _graphql)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    sessions = asyncio.create_task(_make_sessions(database_url))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        sessions.cancel()
        await asyncio.gather(sessions, return_exceptions=True)
        await runner.cleanup()


async def _keys(request: web.Request) -> web.Response:
    return web.json_response(KeySet([KEY]).as_dict(private=False))


async def _graphql(request: web.Request) -> web.Response:
    body: dict[str, Any] = await request.json()
    if "skillLevels" in body["query"]:
        levels = [{"userId": id, "level": "INTERMEDIATE"} for id in body["variables"]["userIds"]]
        return web.json_response({"data": {"skillLevels": levels}})
    return web.json_response({"data": {"pickQuestion": {"questionId": str(uuid4())}}})


async def _make_sessions(database_url: str) -> None:
    bus = PostgresBus(database_url)
    await bus.start()

    async def handle(event: Event) -> None:
        if event.type == "match.created":
            data = {"session_id": str(uuid4()), "match_id": event.data["match_id"]}
            created = Event("session.created", data["session_id"], data, source="collaboration")
            await bus.publish([created])

    try:
        await bus.consume("collaboration", handle, frozenset({"match.created"}))
    finally:
        await bus.aclose()
