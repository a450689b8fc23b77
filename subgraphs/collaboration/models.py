"""The tables of the collaboration subgraph, in its own PostgreSQL schema."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..kit.idempotency import IdempotencyRow
from ..kit.models import HasId, InboxRow, Model, OutboxRow, SignOutRow, metadata_for

SCHEMA = "collaboration"
SESSION_ID = f"{SCHEMA}.sessions.id"


class Base(Model):
    __abstract__ = True
    metadata = metadata_for(SCHEMA)


class Outbox(OutboxRow, Base):
    pass


class Inbox(InboxRow, Base):
    pass


class Idempotency(IdempotencyRow, Base):
    """Creating calls that were done, by the key of their client."""


class SignOut(SignOutRow, Base):
    pass


class SessionRow(HasId, Base):
    """One session of two people. `code` is the readable text of the shared document, true as of event `code_seq`."""

    __tablename__ = "sessions"

    match_id: Mapped[UUID | None] = mapped_column(unique=True)
    question_id: Mapped[UUID | None]
    code: Mapped[str] = mapped_column(Text, server_default="")
    code_seq: Mapped[int] = mapped_column(BigInteger, server_default="0")
    language: Mapped[str] = mapped_column(String(50), server_default="javascript")
    status: Mapped[str] = mapped_column(String(50), server_default="active")
    text_name: Mapped[str] = mapped_column(String(120))
    round: Mapped[int] = mapped_column(server_default="1")
    phase: Mapped[str] = mapped_column(String(30), server_default="introduction")
    phase_started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    phase_ends_at: Mapped[datetime | None]
    difficulty: Mapped[str | None] = mapped_column(String(50))
    topics: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    end_reason: Mapped[str | None] = mapped_column(String(30))
    ended_by: Mapped[UUID | None]
    outcome_sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_sessions_active", "created_at", postgresql_where=text("status = 'active'")),
        Index(
            "ix_sessions_outcome_due", "ended_at", postgresql_where=text("status = 'ended' AND outcome_sent_at IS NULL")
        ),
    )


class LogRow(Base):
    """The head of a session's log: narrow, because every commit of a keystroke locks and updates it.

    `epoch` names one life of the log: it changes when numbers may be used a second time (a database restored from a backup).
    """

    __tablename__ = "session_logs"

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SESSION_ID, ondelete="CASCADE"), primary_key=True)
    epoch: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    head_seq: Mapped[int] = mapped_column(BigInteger, server_default="0")
    document_seq: Mapped[int] = mapped_column(BigInteger, server_default="0")
    document_bytes: Mapped[int] = mapped_column(BigInteger, server_default="0")
    is_closed: Mapped[bool] = mapped_column(server_default=text("false"))
    active_at: Mapped[datetime] = mapped_column(server_default=func.now())
    empty_since: Mapped[datetime | None] = mapped_column(server_default=func.now())


class ParticipantRow(Base):
    __tablename__ = "participants"

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SESSION_ID, ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(30))
    color: Mapped[str] = mapped_column(String(9))
    is_polite: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    joined_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_participants_user_id", "user_id", "session_id"),)


class EventRow(Base):
    """One entry of a session's log: a raw document update of a client (`update`), or what else happened (`data`)."""

    __tablename__ = "session_events"

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SESSION_ID, ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(30))
    user_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    update: Mapped[bytes | None] = mapped_column(LargeBinary)
    client_id: Mapped[str | None] = mapped_column(String(64))
    client_seq: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        Index("ix_session_events_updates", "session_id", "seq", postgresql_where=text("update IS NOT NULL")),
        Index(
            "ix_session_events_client",
            "session_id",
            "client_id",
            "client_seq",
            postgresql_where=text("client_id IS NOT NULL"),
        ),
    )


class DocumentClientRow(Base):
    """Whose Yjs client a client number is: nobody writes under the number of another."""

    __tablename__ = "document_clients"

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SESSION_ID, ondelete="CASCADE"), primary_key=True)
    client: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[UUID | None]


class DocumentTextRow(Base):
    """A text of the document that the server has opened with starter code or a restored version: each once, for ever."""

    __tablename__ = "document_texts"

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SESSION_ID, ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    language: Mapped[str] = mapped_column(String(50))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SnapshotRow(Base):
    """All document updates up to `seq`, merged: what a late joiner loads before the rest of the log."""

    __tablename__ = "document_snapshots"

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SESSION_ID, ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class MessageRow(HasId, Base):
    __tablename__ = "session_messages"

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SESSION_ID, ondelete="CASCADE"))
    user_id: Mapped[UUID | None]
    message: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str | None] = mapped_column(String(64))
    reply_to_id: Mapped[UUID | None] = mapped_column(ForeignKey(f"{SCHEMA}.session_messages.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_session_messages_session_id", "session_id", "created_at", "id"),
        UniqueConstraint("session_id", "user_id", "nonce", name="uq_session_messages_nonce"),
    )


class ConnectionRow(HasId, Base):
    """An open subscription to a session, kept alive by the replica that serves it: it counts while `seen_at` is fresh."""

    __tablename__ = "connections"

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SESSION_ID, ondelete="CASCADE"))
    user_id: Mapped[UUID]
    replica: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index("ix_connections_session_id", "session_id"),
        Index("ix_connections_replica", "replica"),
        Index("ix_connections_seen_at", "seen_at"),
    )


class RunRow(HasId, Base):
    """One execution of the session's code, and what came of it."""

    __tablename__ = "session_runs"

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SESSION_ID, ondelete="CASCADE"))
    user_id: Mapped[UUID | None]
    question_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(50))
    source: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    verdict: Mapped[str | None] = mapped_column(String(30))
    passed: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int] = mapped_column(server_default="0")
    result: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_session_runs_session_id", "session_id", "created_at", "id"),
        Index("ix_session_runs_unfinished", "created_at", postgresql_where=text("finished_at IS NULL")),
    )


class NotesRow(Base):
    """What one participant writes for himself during a session; the other never sees it."""

    __tablename__ = "session_notes"

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SESSION_ID, ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(server_default="1")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class FeedbackRow(Base):
    """What one participant says of the other, sealed until both have spoken or a day has passed."""

    __tablename__ = "session_feedback"

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SESSION_ID, ondelete="CASCADE"), primary_key=True)
    author_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID]
    rating: Mapped[int]
    has_solved: Mapped[bool | None]
    rubric: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    comment: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class InvitationRow(HasId, Base):
    """A link that lets one more person in: to a new session with the inviter, or as a viewer to one that runs."""

    __tablename__ = "invitations"

    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    inviter_id: Mapped[UUID]
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey(SESSION_ID, ondelete="CASCADE"))
    question_id: Mapped[UUID | None]
    language: Mapped[str] = mapped_column(String(50))
    role: Mapped[str] = mapped_column(String(30))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    accepted_by: Mapped[UUID | None]
    accepted_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_invitations_inviter_id", "inviter_id", "created_at"),)
