"""The collaboration subgraph as it runs: its app behind a real socket, on a real PostgreSQL, with two people and their session."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from pydantic_settings import SettingsConfigDict
from starlette.applications import Starlette

from subgraphs.collaboration.app import create_app
from subgraphs.collaboration.context import Services
from subgraphs.collaboration.settings import CollaborationSettings
from subgraphs.kit.database import connect_raw
from subgraphs.kit.events import Event
from tests.subgraphs.collaboration.people import Neighbours, Person, serve


class TestSettings(CollaborationSettings):
    """Settings that read nothing from the environment's files."""

    __test__ = False
    model_config = SettingsConfigDict(env_file=None)


@dataclass(slots=True)
class Stage:
    """One running replica, its neighbours, and whoever comes."""

    url: str
    app: Starlette
    neighbours: Neighbours
    client: aiohttp.ClientSession
    settings: CollaborationSettings
    people: list[Person] = field(default_factory=list)

    @property
    def services(self) -> Services:
        services: Services = self.app.state.services
        return services

    def person(self, user_id: UUID | None = None, **token: Any) -> Person:
        user_id = user_id or uuid4()
        return Person(user_id, self.neighbours.token(user_id, **token), self.url, self.client)

    async def session(
        self, *, question_id: UUID | None = None, interviewer: bool = False, language: str = "PYTHON"
    ) -> Met:
        """Two people and the session that a match made for them."""
        first, second = self.person(), self.person()
        match_id = uuid4()
        event = Event(
            "match.created",
            str(match_id),
            {
                "match_id": str(match_id),
                "user1_id": str(first.id),
                "user2_id": str(second.id),
                "question_id": str(question_id) if question_id else None,
                "language": language,
                "difficulty": "EASY",
                "topics": ["Math"],
                "interviewer_id": str(first.id) if interviewer else None,
            },
        )
        assert await self.services.sessions.create_for_match(event)
        page = await first.do("{ mySessions { edges { node { id } } } }")
        return Met(page["edges"][0]["node"]["id"], first, second, event)


@dataclass(slots=True)
class Met:
    """Two people in a session. With an interviewer, it is the first."""

    session_id: str
    first: Person
    second: Person
    event: Event

    def __iter__(self) -> Any:
        return iter((self.session_id, self.first, self.second))


@pytest.fixture
async def neighbours() -> Neighbours:
    return Neighbours()


@pytest.fixture
async def empty_database_url(module_database_url: str) -> str:
    """A database of the module without a row in it: making one per test would take longer than the tests."""
    connection = await connect_raw(module_database_url)
    await connection.execute(
        "TRUNCATE collaboration.sessions, collaboration.invitations, collaboration.outbox, collaboration.inbox, "
        "bus.events, bus.consumers CASCADE"
    )
    await connection.close()
    return module_database_url


@pytest.fixture
async def open_stage(empty_database_url: str, neighbours: Neighbours) -> AsyncIterator[Callable[..., Any]]:
    """Start a replica on the test's database; as many as a test likes."""
    async with AsyncExitStack() as stack:
        neighbours_url = await stack.enter_async_context(serve(neighbours.app))
        client = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)))

        async def open_one(**changes: Any) -> Stage:
            settings = TestSettings(
                database_url=empty_database_url,
                user_service_url=neighbours_url,
                question_service_url=neighbours_url,
                **{"log_level": "WARNING", "execution": "off", **changes},
            )
            app = create_app(settings)
            url = await stack.enter_async_context(serve(app))
            return Stage(url, app, neighbours, client, settings)

        yield open_one


@pytest.fixture
async def stage(open_stage: Callable[..., Any]) -> Stage:
    one: Stage = await open_stage()
    return one
