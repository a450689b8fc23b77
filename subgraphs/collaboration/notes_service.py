"""Private notes of one participant, and the material that only an interviewer sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from ..kit.database import Database
from ..kit.errors import InvalidInput, Unavailable, VersionConflict
from .errors import SessionNotFound
from .models import NotesRow, SessionRow
from .people_repository import NotesRepository
from .question_source import QuestionSource
from .repository import SessionRepository
from .rules import MAX_NOTES_LENGTH, Role, sees_interview_material


@dataclass(frozen=True, slots=True)
class InterviewMaterial:
    """Hints in the order they should be given, and the solution as Markdown."""

    hints: tuple[str, ...]
    solution: str


class NotesService:
    """One per process."""

    def __init__(self, database: Database, questions: QuestionSource) -> None:
        self._database = database
        self._questions = questions

    async def read(self, user_id: UUID, session_id: UUID) -> NotesRow | None:
        """The person's own notes; nobody can ask for those of another."""
        async with self._database.session() as session:
            return await NotesRepository(session).of(session_id, user_id)

    async def save(self, user_id: UUID, session_id: UUID, text: str, expected_version: int | None) -> NotesRow:
        """Replace the notes. With `expected_version`, only when nobody (another tab) changed them meanwhile; 0 is none yet."""
        if len(text) > MAX_NOTES_LENGTH or "\x00" in text:
            raise InvalidInput(
                f"text has {len(text)} characters; at most {MAX_NOTES_LENGTH} are allowed, and no NUL.",
                field="input.text",
            )
        async with self._database.transaction() as session:
            if await SessionRepository(session).participant(session_id, user_id) is None:
                raise SessionNotFound(session_id)
            notes = NotesRepository(session)
            row = await notes.save(session_id, user_id, text, expected_version, datetime.now(UTC))
            if row is None:
                current = await notes.of(session_id, user_id)
                raise VersionConflict(expected=expected_version or 0, current=current.version if current else 0)
        return row

    async def material(self, role: Role | None, row: SessionRow) -> InterviewMaterial | None:
        """Hints and solution for the interviewer; None for everybody else, and when the questions subgraph is away."""
        if role is None or not sees_interview_material(role) or row.question_id is None:
            return None
        try:
            question = await self._questions.judge_question(row.question_id)
        except Unavailable:
            return None
        return InterviewMaterial(question.hints, question.editorial)
