"""SQL of what belongs to single people: notes, feedback, invitations, and forgetting all of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from .models import (
    FeedbackRow,
    InvitationRow,
    NotesRow,
    ParticipantRow,
    RunRow,
    SessionRow,
)

_FORGET = (
    # What is only his goes.
    "DELETE FROM collaboration.session_notes WHERE user_id = :user",
    "DELETE FROM collaboration.connections WHERE user_id = :user",
    "DELETE FROM collaboration.invitations WHERE inviter_id = :user OR accepted_by = :user",
    "DELETE FROM collaboration.session_feedback WHERE subject_id = :user",
    "DELETE FROM collaboration.idempotency_keys WHERE owner = CAST(CAST(:user AS uuid) AS text)",
    # What he said of the other stays a number, by nobody.
    "UPDATE collaboration.session_feedback SET comment = '', author_id = gen_random_uuid() WHERE author_id = :user",
    # What both made stays, without his name; what he said goes.
    "UPDATE collaboration.session_messages SET user_id = NULL, message = '', nonce = NULL, deleted_at = now() WHERE user_id = :user",
    "UPDATE collaboration.session_events SET user_id = NULL WHERE user_id = :user",
    "UPDATE collaboration.session_runs SET user_id = NULL WHERE user_id = :user",
    "UPDATE collaboration.document_clients SET user_id = NULL WHERE user_id = :user",
    "UPDATE collaboration.sessions SET ended_by = NULL WHERE ended_by = :user",
    "DELETE FROM collaboration.participants WHERE user_id = :user",
)


class NotesRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of(self, session_id: UUID, user_id: UUID) -> NotesRow | None:
        return await self.session.get(NotesRow, (session_id, user_id), populate_existing=True)

    async def save(
        self, session_id: UUID, user_id: UUID, content: str, expected_version: int | None, at: datetime
    ) -> NotesRow | None:
        """The notes as they are now; None when they are not at the expected version (0: not there)."""
        if expected_version not in (None, 0):
            statement = update(NotesRow).where(
                NotesRow.session_id == session_id, NotesRow.user_id == user_id, NotesRow.version == expected_version
            )
            changed = statement.values(text=content, version=NotesRow.version + 1, updated_at=at).returning(NotesRow)
            return (await self.session.scalars(changed)).first()
        values = {"session_id": session_id, "user_id": user_id, "text": content, "version": 1, "updated_at": at}
        written = insert(NotesRow).values(values)
        if expected_version == 0:
            return (await self.session.scalars(written.on_conflict_do_nothing().returning(NotesRow))).first()
        replaced = written.on_conflict_do_update(
            index_elements=[NotesRow.session_id, NotesRow.user_id],
            set_={"text": content, "version": NotesRow.version + 1, "updated_at": at},
        )
        return (await self.session.scalars(replaced.returning(NotesRow))).first()


class FeedbackRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def insert_once(self, row: FeedbackRow) -> bool:
        """False when this person has given feedback on this session."""
        names = ("session_id", "author_id", "subject_id", "rating", "has_solved", "rubric", "comment", "created_at")
        statement = insert(FeedbackRow).values({name: getattr(row, name) for name in names}).on_conflict_do_nothing()
        return (await self.session.execute(statement.returning(FeedbackRow.author_id))).first() is not None

    async def of_session(self, session_id: UUID) -> list[FeedbackRow]:
        statement = select(FeedbackRow).where(FeedbackRow.session_id == session_id).order_by(FeedbackRow.created_at)
        return list(await self.session.scalars(statement))

    async def has_accepted_submission(self, session_id: UUID) -> bool:
        statement = select(RunRow.id).where(
            RunRow.session_id == session_id, RunRow.kind == "submit", RunRow.verdict == "accepted"
        )
        return (await self.session.execute(statement.limit(1))).first() is not None


class InvitationRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def lock(self, code_hash: str) -> InvitationRow | None:
        statement = select(InvitationRow).where(InvitationRow.code_hash == code_hash).with_for_update()
        return (await self.session.scalars(statement)).first()

    async def count_open(self, user_id: UUID) -> int:
        statement = select(func.count()).where(
            InvitationRow.inviter_id == user_id,
            InvitationRow.accepted_by.is_(None),
            InvitationRow.expires_at > func.now(),
        )
        return int((await self.session.execute(statement)).scalar_one())


class ErasureRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def active_sessions(self, user_id: UUID) -> list[UUID]:
        statement = (
            select(SessionRow.id)
            .join(ParticipantRow, ParticipantRow.session_id == SessionRow.id)
            .where(ParticipantRow.user_id == user_id, ParticipantRow.role != "viewer", SessionRow.status == "active")
        )
        return list(await self.session.scalars(statement))

    async def erase(self, user_id: UUID) -> None:
        """Remove or anonymise every row that names the person."""
        for statement in _FORGET:
            await self.session.execute(text(statement), {"user": user_id})
