"""What authors do: write, change, publish and retire questions, never over somebody else's change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.auth import Viewer
from ..kit.database import Database
from ..kit.errors import InvalidInput, VersionConflict
from ..kit.idempotency import IdempotencyKeys, idempotent_call
from ..kit.pagination import Page, PageRequest
from .authored import AuthorData, author_data_from, checked_question, merged
from .case_edits import CaseEdit, edited_cases
from .documents import columns_from
from .errors import QuestionNotFound, SlugTaken
from .models import Question, QuestionRevision
from .repository import QuestionRepository
from .rules import AUTHOR_ROLES, QuestionStatus, next_status

MAX_NOTE_LENGTH = 500


class AuthoringService:
    """For moderators and admins; every change is a revision."""

    def __init__(self, database: Database, idempotency: IdempotencyKeys) -> None:
        self._database = database
        self._idempotency = idempotency

    async def create(self, viewer: Viewer, data: AuthorData, idempotency_key: str | None = None) -> Question:
        """A new draft; the same call under the same key gives the same one. Raises InvalidInput, SlugTaken, IdempotencyKeyReused."""
        author = viewer.require_role(*AUTHOR_ROLES)
        columns = columns_from(checked_question(data)) | {"status": QuestionStatus.DRAFT.value}
        call = idempotent_call(idempotency_key, owner=author, operation="createQuestion", request=data)
        async with self._database.transaction() as session:
            repository = QuestionRepository(session)
            known = await self._idempotency.recall(session, call)
            if known is not None:
                return (await repository.whole([UUID(known["id"])]))[UUID(known["id"])]
            taken = SlugTaken(columns["slug"])
            question = await repository.add(Question(**columns), on_conflict={"uq_questions_source_slug": taken})
            question = (await repository.whole([question.id]))[question.id]
            await self._keep_revision(session, question, author, "created")
            await self._idempotency.remember(session, call, {"id": str(question.id)})
        return question

    async def change(
        self, viewer: Viewer, question_id: UUID, expected_version: int, changes: Mapping[str, Any], note: str
    ) -> Question:
        """Replace the fields that are given. Raises VersionConflict when somebody else was faster, InvalidInput, SlugTaken."""
        author = viewer.require_role(*AUTHOR_ROLES)
        _check_note(note)
        async with self._database.transaction() as session:
            question = await self._locked(session, question_id, expected_version)
            _apply(question, merged(author_data_from(question), changes))
            await self._save(session, question, author, note)
        return question

    async def edit_cases(
        self, viewer: Viewer, question_id: UUID, expected_version: int, edits: Sequence[CaseEdit], note: str
    ) -> Question:
        """Change single test cases, all of the edits or none. Raises VersionConflict, InvalidInput that names the edit."""
        author = viewer.require_role(*AUTHOR_ROLES)
        _check_note(note)
        async with self._database.transaction() as session:
            question = await self._locked(session, question_id, expected_version)
            data = author_data_from(question)
            ids = [str(case["id"]) for case in question.test_cases or []]
            cases = edited_cases(list(zip(ids, data["test_cases"], strict=True)), edits)
            _apply(question, {**data, "test_cases": cases})
            await self._save(session, question, author, note)
        return question

    async def set_status(
        self, viewer: Viewer, question_id: UUID, expected_version: int, wanted: QuestionStatus
    ) -> Question:
        """Publish or retire. Raises WrongStatus, VersionConflict."""
        author = viewer.require_role(*AUTHOR_ROLES)
        async with self._database.transaction() as session:
            question = await self._locked(session, question_id, expected_version)
            question.status = next_status(question.status, wanted).value
            await self._save(session, question, author, wanted.lower())
        return question

    async def revisions(self, viewer: Viewer, question_id: UUID, request: PageRequest) -> Page[QuestionRevision]:
        """The history of a question, newest first."""
        return (await self.revisions_of(viewer, [question_id], request))[question_id]

    async def revisions_of(
        self, viewer: Viewer, question_ids: Collection[UUID], request: PageRequest
    ) -> dict[UUID, Page[QuestionRevision]]:
        """The histories of these questions, in one statement."""
        viewer.require_role(*AUTHOR_ROLES)
        async with self._database.session() as session:
            return await QuestionRepository(session).revisions(question_ids, request)

    async def count_revisions(self, question_ids: Collection[UUID]) -> dict[UUID, int]:
        async with self._database.session() as session:
            return await QuestionRepository(session).count_revisions(question_ids)

    async def _locked(self, session: AsyncSession, question_id: UUID, expected_version: int) -> Question:
        question = await QuestionRepository(session).lock(question_id)
        if question is None:
            raise QuestionNotFound(str(question_id))
        if question.version != expected_version:
            raise VersionConflict(expected=expected_version, current=question.version)
        return question

    async def _save(self, session: AsyncSession, question: Question, author: UUID, note: str) -> None:
        question.version += 1
        await QuestionRepository(session).save(
            question, on_conflict={"uq_questions_source_slug": SlugTaken(question.slug)}
        )
        await self._keep_revision(session, question, author, note)

    async def _keep_revision(self, session: AsyncSession, question: Question, author: UUID, note: str) -> None:
        content = author_data_from(question) | {"status": question.status}
        revision = QuestionRevision(
            question_id=question.id, version=question.version, content=content, note=note, changed_by=author
        )
        await QuestionRepository(session).keep_revision(revision)


def _check_note(note: str) -> None:
    if len(note) > MAX_NOTE_LENGTH:
        raise InvalidInput(
            f"note has {len(note)} characters; at most {MAX_NOTE_LENGTH} are allowed.", field="input.note"
        )


def _apply(question: Question, data: AuthorData) -> None:
    """Let the row say what the data says, once that is checked. Raises InvalidInput."""
    for name, value in columns_from(checked_question(data)).items():
        if name not in ("status", "source", "provenance"):
            setattr(question, name, value)
