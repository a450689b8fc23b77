"""A running matching subgraph on a real PostgreSQL with its neighbours, and settings with short times."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from deploy.local.ports import free_block
from subgraphs.kit.database import Database
from subgraphs.kit.events import Event
from subgraphs.kit.nats_bus import NatsBus
from subgraphs.kit.postgres_bus import PostgresBus
from subgraphs.matching.app import create_app
from subgraphs.matching.context import Services
from subgraphs.matching.settings import MatchingSettings, StageSettings

from .clients import Person
from .doubles import SERVICE_SECRET, Collaboration, Neighbours, running, serving

QUICK_STAGES = [
    StageSettings(name="EXACT", after=0, skill_distance=1),
    StageSettings(name="ADJACENT_DIFFICULTY", after=0.6, difficulty_distance=1, skill_distance=1),
    StageSettings(name="WIDER_SKILL", after=1.2, difficulty_distance=1, skill_distance=2),
    StageSettings(name="ANY_TOPIC", after=1.8, difficulty_distance=1, skill_distance=2, any_topic=True),
]


@dataclass(slots=True)
class System:
    """One or more replicas of matching, with their neighbours."""

    database_url: str
    neighbours: Neighbours
    collaboration: Collaboration
    stack: AsyncExitStack
    urls: list[str] = field(default_factory=list)
    apps: list[Starlette] = field(default_factory=list)

    async def add_replica(self, **settings: Any) -> str:
        app = create_app(settings_for(self.database_url, self.neighbours.url, **settings))
        url = await self.stack.enter_async_context(serving(app))
        self.apps.append(app)
        self.urls.append(url)
        return url

    def person(self, *roles: str, skill: str = "INTERMEDIATE", replica: int = 0, user_id: UUID | None = None) -> Person:
        person = Person(self.urls[replica], *roles, user_id=user_id)
        self.neighbours.skills[person.id] = skill
        return person

    def services(self, replica: int = 0) -> Services:
        services: Services = self.apps[replica].state.services
        return services

    async def tables_that_name(self, user_id: UUID) -> set[str]:
        """The tables with this id anywhere in any row."""
        found = set()
        async with self.apps[0].state.runtime.database.session() as session:
            tables = await session.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'matching'"))
            for name in tables.scalars().all():
                statement = text(f"SELECT count(*) FROM matching.{name} AS t WHERE t::text LIKE '%' || :id || '%'")
                if (await session.execute(statement, {"id": str(user_id)})).scalar_one():
                    found.add(name)
        return found

    async def publish(self, type: str, source: str, **data: Any) -> None:
        """An event of another subgraph."""
        bus = self.collaboration.make_bus()
        await bus.start()
        subject = str(next(iter(data.values())))
        await bus.publish([Event(type=type, subject=subject, source=source, data=data)])
        await asyncio.sleep(0.1)  # its wake-up is sent in the background
        await bus.aclose()


def settings_for(database_url: str, neighbours_url: str, **settings: Any) -> MatchingSettings:
    values: dict[str, Any] = {
        "database_url": database_url,
        "user_service_url": neighbours_url,
        "question_service_url": neighbours_url,
        "service_secret": SERVICE_SECRET,
        "upkeep_interval": 0.05,
        "position_interval": 0.3,
        "log_level": "ERROR",
    }
    return MatchingSettings(_env_file=None, **(values | settings))


MakeSystem = Callable[..., Any]


@pytest.fixture
async def make_system(fresh_database_url: str) -> AsyncIterator[MakeSystem]:
    """Start a system with these settings and this many replicas."""
    async with AsyncExitStack() as stack:

        async def make(*, replicas: int = 1, nats_url: str | None = None, **settings: Any) -> System:
            neighbours = Neighbours()
            neighbours.url = await stack.enter_async_context(serving(neighbours.app()))
            collaboration = Collaboration(lambda: NatsBus(nats_url) if nats_url else PostgresBus(fresh_database_url))
            await stack.enter_async_context(running(collaboration.run()))
            system = System(fresh_database_url, neighbours, collaboration, stack)
            if nats_url:
                settings |= {"event_bus": "nats", "event_bus_url": nats_url}
            for _ in range(replicas):
                await system.add_replica(**settings)
            return system

        yield make


@pytest.fixture
async def system(make_system: MakeSystem) -> System:
    """One replica; stages of relaxation are as long as by default, so nothing relaxes while a test runs."""
    made: System = await make_system()
    return made


@pytest.fixture
async def quick_system(make_system: MakeSystem) -> System:
    """One replica with short stages."""
    made: System = await make_system(matching_stages=QUICK_STAGES)
    return made


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    """A database without any service."""
    database = Database(fresh_database_url)
    yield database
    await database.dispose()


@pytest.fixture
async def nats_url(tmp_path: Path) -> AsyncIterator[str]:
    """A NATS server of this test."""
    port = free_block(1)
    options = ["-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "nats-server"), *options, stderr=asyncio.subprocess.DEVNULL
    )
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        await asyncio.sleep(0.05)
    yield f"nats://127.0.0.1:{port}"
    process.terminate()
    await process.wait()
