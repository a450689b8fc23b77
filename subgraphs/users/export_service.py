"""Give people all that the system knows of them, from every subgraph, as documents to keep (GDPR, articles 15 and 20).

request ──▶ a row ──▶ `Collector`: users' own part, then each other subgraph's, page by page ──▶ ready, with a digest of each part
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from ..kit.auth import Viewer
from ..kit.database import Database
from ..kit.errors import NotFound
from ..kit.events import JsonObject
from .accounts import Accounts
from .allowances import Allowances, allowance_key
from .erasure_service import SUBGRAPHS
from .export_collector import Collector
from .export_repository import ExportRepository
from .models import DataExport, DataExportPart

EXPORTS_A_DAY = 5
DAY = timedelta(days=1)
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ExportState:
    """How far an export has come."""

    export: DataExport
    parts: tuple[DataExportPart, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The subgraphs whose part is still awaited."""
        return tuple(sorted(SUBGRAPHS - {part.subgraph for part in self.parts}))


@dataclass(frozen=True, slots=True)
class ExportService:
    """Owns the transactions around asking for exports and reading them."""

    database: Database
    accounts: Accounts
    allowances: Allowances
    collector: Collector
    clock: Callable[[], datetime]

    async def request(self, viewer: Viewer) -> ExportState:
        """Begin an export; while one is in the making, that one is meant. Raises RateLimited."""
        async with self.database.transaction() as session:
            user = await self.accounts.require(session, viewer)
            unfinished = await ExportRepository(session).unfinished_of(user.id)
            if unfinished is not None:
                return ExportState(unfinished, tuple(await ExportRepository(session).parts_of(unfinished.id)))
        limits = {allowance_key("export", str(user.id)): EXPORTS_A_DAY}
        await self.allowances.take(limits, DAY, "You have asked for your data several times today; take one of those.")
        async with self.database.transaction() as session:
            now = self.clock()
            user = await self.accounts.require(session, viewer, for_update=True)
            repository = ExportRepository(session)
            # A second request at the same time has waited for the lock, and finds the first one's export.
            export = await repository.unfinished_of(user.id)
            if export is None:
                export = DataExport(user_id=user.id, requested_at=now, expires_at=now + KEPT, next_attempt_at=now)
                await repository.add(export)
        self.collector.wake()
        return ExportState(export, ())

    async def list_mine(self, viewer: Viewer) -> list[ExportState]:
        """The person's exports of the last week, newest first."""
        async with self.database.transaction() as session:
            user = await self.accounts.require(session, viewer)
            repository = ExportRepository(session)
            exports = await repository.list_of(user.id)
            parts = await repository.parts_of_many([export.id for export in exports])
            return [ExportState(export, parts[export.id]) for export in exports]

    async def get(self, viewer: Viewer, export_id: UUID) -> ExportState:
        """One export of the person's own. Raises NotFound."""
        async with self.database.transaction() as session:
            user = await self.accounts.require(session, viewer)
            repository = ExportRepository(session)
            export = await repository.get(export_id, user.id)
            if export is None:
                raise NotFound("You have no such export, or it is more than a week old; ask for a new one.", field="id")
            return ExportState(export, tuple(await repository.parts_of(export.id)))

    async def document_of(self, export_id: UUID, subgraph: str) -> JsonObject:
        """One part's document; the caller has got the export by `get`."""
        async with self.database.session() as session:
            return await ExportRepository(session).document_of(export_id, subgraph) or {}

    async def whole(self, viewer: Viewer, export_id: UUID) -> ExportState:
        """An export with the documents of its parts. Raises NotFound, also while it is not complete."""
        state = await self.get(viewer, export_id)
        if state.export.completed_at is None:
            raise NotFound(f"It is not ready yet: {', '.join(state.missing)} will follow.", field="id")
        async with self.database.session() as session:
            return ExportState(state.export, tuple(await ExportRepository(session).whole_parts_of(export_id)))
