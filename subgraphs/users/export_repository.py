"""Every SQL statement on data exports and their parts, and what the users subgraph itself knows of a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from ..kit.events import JsonObject
from .models import DataExport, DataExportPart

MAX_LISTED = 20
OWN_SECTIONS = {
    "account": """
        SELECT id::text COLLATE "C" AS key, to_jsonb(users) - 'password_hash' - 'search_grams' AS item FROM users.users
        WHERE id = :user_id AND id::text COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
    "authSessions": """
        SELECT id::text COLLATE "C" AS key, to_jsonb(auth_sessions) AS item FROM users.auth_sessions
        WHERE user_id = :user_id AND id::text COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
    "ratings": """
        SELECT topic::text COLLATE "C" AS key, to_jsonb(ratings) AS item FROM users.ratings
        WHERE user_id = :user_id AND topic::text COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
    "ratingChanges": """
        SELECT lpad(seq::text, 20, '0') COLLATE "C" AS key, to_jsonb(rating_changes) AS item FROM users.rating_changes
        WHERE user_id = :user_id AND lpad(seq::text, 20, '0') COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
    "auditEntries": """
        SELECT lpad(seq::text, 20, '0') COLLATE "C" AS key, to_jsonb(audit_entries) AS item FROM users.audit_entries
        WHERE user_id = :user_id AND lpad(seq::text, 20, '0') COLLATE "C" > :after ORDER BY key LIMIT :limit
    """,
}


class ExportRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, export: DataExport) -> DataExport:
        self.session.add(export)
        await self.session.flush()
        return export

    async def get(self, export_id: UUID, user_id: UUID) -> DataExport | None:
        """An export of this person's own."""
        statement = select(DataExport).where(DataExport.id == export_id, DataExport.user_id == user_id)
        return await self.session.scalar(statement.where(DataExport.expires_at > func.now()))

    async def unfinished_of(self, user_id: UUID) -> DataExport | None:
        statement = select(DataExport).where(DataExport.user_id == user_id, DataExport.completed_at.is_(None))
        return await self.session.scalar(statement.where(DataExport.expires_at > func.now()).limit(1))

    async def list_of(self, user_id: UUID) -> list[DataExport]:
        """The person's exports that are kept still, newest first."""
        statement = select(DataExport).where(DataExport.user_id == user_id, DataExport.expires_at > func.now())
        return list(await self.session.scalars(statement.order_by(DataExport.requested_at.desc()).limit(MAX_LISTED)))

    async def parts_of(self, export_id: UUID) -> list[DataExportPart]:
        """The parts without their documents."""
        statement = select(DataExportPart).where(DataExportPart.export_id == export_id)
        return list(await self.session.scalars(statement.order_by(DataExportPart.subgraph)))

    async def parts_of_many(self, export_ids: Sequence[UUID]) -> dict[UUID, tuple[DataExportPart, ...]]:
        """The parts of each of these exports without their documents, in one statement."""
        found: dict[UUID, list[DataExportPart]] = {export_id: [] for export_id in export_ids}
        statement = select(DataExportPart).where(DataExportPart.export_id.in_(found))
        for part in await self.session.scalars(statement.order_by(DataExportPart.subgraph)):
            found[part.export_id].append(part)
        return {export_id: tuple(parts) for export_id, parts in found.items()}

    async def whole_parts_of(self, export_id: UUID) -> list[DataExportPart]:
        statement = select(DataExportPart).where(DataExportPart.export_id == export_id)
        whole = statement.options(undefer(DataExportPart.document)).order_by(DataExportPart.subgraph)
        return list(await self.session.scalars(whole.execution_options(populate_existing=True)))

    async def document_of(self, export_id: UUID, subgraph: str) -> JsonObject | None:
        statement = select(DataExportPart.document).where(
            DataExportPart.export_id == export_id, DataExportPart.subgraph == subgraph
        )
        return await self.session.scalar(statement)

    async def take_due(self, lease: timedelta) -> DataExport | None:
        """The unfinished export that has waited longest; nobody else takes it until the lease is over."""
        statement = select(DataExport).where(
            DataExport.completed_at.is_(None),
            DataExport.next_attempt_at <= func.now(),
            DataExport.expires_at > func.now(),
        )
        statement = statement.order_by(DataExport.next_attempt_at).limit(1).with_for_update(skip_locked=True)
        export = await self.session.scalar(statement)
        if export is not None:
            export.next_attempt_at = func.now() + lease
        return export

    async def save_part(self, values: dict[str, Any]) -> None:
        """Keep a part; nothing happens when it is there, or when the export has gone with its account."""
        is_wanted = select(DataExport.id).where(DataExport.id == values["export_id"]).with_for_update(key_share=True)
        if await self.session.scalar(is_wanted) is not None:
            await self.session.execute(insert(DataExportPart).values(values).on_conflict_do_nothing())

    async def complete(self, export_id: UUID, at: datetime) -> None:
        export = await self.session.get(DataExport, export_id)
        if export is not None:
            export.completed_at = at

    async def postpone(self, export_id: UUID, wait: timedelta) -> None:
        export = await self.session.get(DataExport, export_id)
        if export is not None:
            export.failures += 1
            export.next_attempt_at = func.now() + wait

    async def erase(self, user_id: UUID) -> None:
        await self.session.execute(delete(DataExport).where(DataExport.user_id == user_id))
