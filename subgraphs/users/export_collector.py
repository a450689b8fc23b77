"""Collect the parts of data exports in the background: ask every subgraph in pages, again and again until it has answered."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import orjson
import structlog

from ..kit.database import Database
from ..kit.errors import Unavailable
from ..kit.events import JsonObject
from ..kit.personal_data import PersonalData, PersonalPage
from ..kit.service_client import ServiceClient
from .export_repository import ExportRepository
from .models import DataExport

logger = structlog.get_logger(__name__)

POLL_INTERVAL = 5.0  # seconds between looks for what another replica left
LEASE = timedelta(minutes=5)
FIRST_WAIT = timedelta(seconds=5)  # after a failure; doubled with each further one
LONGEST_WAIT = timedelta(hours=1)
MAX_PAGES = 4000  # of one part, 200,000 items: far more than anybody has


class DataSource(Protocol):
    """One subgraph's answer to: what do you know of this person?"""

    async def page(self, user_id: UUID, cursor: str | None) -> PersonalPage:
        """Raises Unavailable when the subgraph does not answer."""
        ...


@dataclass(frozen=True, slots=True)
class RemoteSource:
    """Another subgraph, asked as a service."""

    client: ServiceClient
    subgraph_name: str

    async def page(self, user_id: UUID, cursor: str | None) -> PersonalPage:
        root_field = f"{self.subgraph_name}PersonalData"
        query = f"query ($id: ID!, $cursor: String) {{ {root_field}(userId: $id, cursor: $cursor) {{ section items next }} }}"
        answer = (await self.client.query(query, {"id": str(user_id), "cursor": cursor}))[root_field]
        return PersonalPage(answer["section"], tuple(answer["items"]), answer["next"])


@dataclass(slots=True)
class Collector:
    """Any number of replicas may run it: an export is leased to one of them at a time."""

    database: Database
    own: PersonalData
    remote: Mapping[str, RemoteSource]
    clock: Callable[[], datetime]
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Collect for ever."""
        while True:
            while await self.collect_next():
                pass
            try:
                async with asyncio.timeout(POLL_INTERVAL):
                    await self._wake.wait()
            except TimeoutError:
                continue
            self._wake.clear()

    async def collect_next(self) -> bool:
        """Work on the export that has waited longest; False when none is due."""
        async with self.database.transaction() as session:
            export = await ExportRepository(session).take_due(LEASE)
            if export is None:
                return False
            known = {part.subgraph for part in await ExportRepository(session).parts_of(export.id)}
        sources: dict[str, DataSource] = {"users": self.own, **self.remote}
        failed = [
            name for name in sources if name not in known and not await self._collect(export, name, sources[name])
        ]
        async with self.database.transaction() as session:
            if failed:
                await ExportRepository(session).postpone(export.id, _wait_after(export.failures))
            else:
                await ExportRepository(session).complete(export.id, self.clock())
        return True

    async def aclose(self) -> None:
        for source in self.remote.values():
            await source.client.aclose()

    async def _collect(self, export: DataExport, subgraph: str, source: DataSource) -> bool:
        """Get and keep one part; False when its subgraph does not answer."""
        try:
            document = await _read_all(source, export.user_id)
        except Unavailable as error:
            logger.warning("export.part_missing", export_id=str(export.id), subgraph=subgraph, reason=error.message)
            return False
        async with self.database.transaction() as session:
            part = {
                "export_id": export.id,
                "subgraph": subgraph,
                "document": document,
                "items": sum(len(items) for items in document.values()),
                "sha256": digest_of(document),
                "collected_at": self.clock(),
            }
            await ExportRepository(session).save_part(part)
        return True


def digest_of(document: JsonObject) -> str:
    """SHA-256 of the document as JSON with sorted keys and no spaces, in hexadecimal."""
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def _read_all(source: DataSource, user_id: UUID) -> JsonObject:
    document: dict[str, list[JsonObject]] = {}
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await source.page(user_id, cursor)
        document.setdefault(page.section, []).extend(page.items)
        cursor = page.next
        if cursor is None:
            return dict(document)
    raise Unavailable(f"There is more than {MAX_PAGES} pages; this needs a person.")


def _wait_after(failures: int) -> timedelta:
    doubled: timedelta = FIRST_WAIT * (1 << min(failures, 20))
    return min(doubled, LONGEST_WAIT)
