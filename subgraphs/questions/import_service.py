"""Bring converted questions of another collection into the table: all of them, or on any trouble none."""

from __future__ import annotations

from collections.abc import Sequence

from ..kit.database import Database
from .bank import BankQuestion, ImportPlan, plan_import
from .documents import columns_from_document, document_from
from .repository import QuestionRepository
from .rules import QuestionStatus


class ImportService:
    """Plan and apply imports; applying the same import twice changes nothing the second time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, source: str, converted: Sequence[BankQuestion], retired: Sequence[str]) -> ImportPlan:
        """What the import would change."""
        async with self._database.session() as session:
            stored = await QuestionRepository(session).whole_of_source(source)
        return plan_import([document_from(row) for row in stored], converted, retired=retired)

    async def apply(self, source: str, plan: ImportPlan) -> None:
        """Store what is new and changed, retire what upstream has retired, in one transaction."""
        async with self._database.transaction() as session:
            repository = QuestionRepository(session)
            for planned in (*plan.created, *plan.changed):
                await repository.upsert(columns_from_document(planned.document))
            await repository.set_status_of(source, plan.retired, QuestionStatus.RETIRED)
