"""The tables of the users subgraph: accounts, how they log in, the keys that sign tokens, mail, audit, erasure, ratings."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from ..kit.idempotency import IdempotencyRow
from ..kit.models import HasId, HasTimestamps, InboxRow, Model, OutboxRow, metadata_for


class Base(Model):
    """Base of all tables in the PostgreSQL schema `users`."""

    __abstract__ = True
    metadata = metadata_for("users")


class Outbox(OutboxRow, Base):
    pass


class Inbox(InboxRow, Base):
    pass


class User(HasId, HasTimestamps, Base):
    """An account. The first seven columns are the seed's; an erased account keeps its id and nothing else of the person."""

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(50), server_default="user")
    skill_level: Mapped[str] = mapped_column(String(50), server_default="beginner")
    password_hash: Mapped[str | None] = mapped_column(Text)
    """None for people who log in elsewhere (Supabase)."""
    issuer: Mapped[str] = mapped_column(Text, server_default="")
    """Who vouches for this account: "" for ourselves, else the `iss` of its tokens."""
    email_verified_at: Mapped[datetime | None]
    self_assessment: Mapped[str | None] = mapped_column(String(50))
    bio: Mapped[str] = mapped_column(Text, server_default="")
    avatar_url: Mapped[str | None] = mapped_column(Text)
    time_zone: Mapped[str | None] = mapped_column(String(64))
    preferred_languages: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    preferred_topics: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    links: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    version: Mapped[int] = mapped_column(server_default="1")
    suspended_at: Mapped[datetime | None]
    suspension_reason: Mapped[str | None] = mapped_column(Text)
    deleted_at: Mapped[datetime | None]
    search_grams: Mapped[list[str]] = mapped_column(
        ARRAY(Text), Computed("users.grams(name) || users.grams(email)", persisted=True), deferred=True
    )

    __table_args__: tuple[Any, ...] = (
        UniqueConstraint("email", name="uq_users_email"),
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        Index("ix_users_created_at_id", "created_at", "id"),
        Index("ix_users_name_id", "name", "id"),
        Index("ix_users_search_grams", "search_grams", postgresql_using="gin"),
    )


class AuthSession(HasId, Base):
    """One log-in on one device: the family of refresh tokens that follow one another, ended as a whole."""

    __tablename__ = "auth_sessions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None] = mapped_column(String(50))
    user_agent: Mapped[str | None] = mapped_column(String(300))
    address: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        Index("ix_auth_sessions_user_id", "user_id", text("last_used_at DESC")),
        Index("ix_auth_sessions_expires_at", "expires_at"),
        Index("ix_auth_sessions_revoked_at", "revoked_at"),
    )


class RefreshToken(Base):
    """One refresh token, known only by its SHA-256. With `successor_salt` the holder of a used token can derive the next one."""

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("users.auth_sessions.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    successor_hash: Mapped[bytes | None]
    successor_salt: Mapped[bytes | None]


class SigningKey(Base):
    """A key pair that signs access tokens from `active_from` until the next one does."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    public_key: Mapped[dict[str, Any]]
    private_key: Mapped[bytes]
    is_encrypted: Mapped[bool]
    created_at: Mapped[datetime]
    active_from: Mapped[datetime]


class Allowance(Base):
    """How far an allowance (log-ins of an account, of an address) is used up: GCRA's theoretical arrival time."""

    __tablename__ = "allowances"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    free_at: Mapped[datetime] = mapped_column(index=True)


class Idempotency(IdempotencyRow, Base):
    pass


class MailRequest(Base):
    """A mail that somebody asked for. Whether there is an account to send it to is only looked up when it is sent."""

    __tablename__ = "mail_requests"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(String(50))
    email: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("ix_mail_requests_next_attempt_at", "next_attempt_at", "id"),)


class Confirmation(Base):
    """The token in a link of a mail, known only by its SHA-256: its holder reads the mail of `email`."""

    __tablename__ = "confirmations"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(50))
    email: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class AuditEntry(Base):
    """What an admin (or the command line: no actor) did to an account. Ids only, so that erasure leaves nothing of a person."""

    __tablename__ = "audit_entries"

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    actor_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(String(50))
    user_id: Mapped[UUID]
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("ix_audit_entries_user_id", "user_id", "seq"),)


class Erasure(Base):
    """A deleted account, and when all subgraphs had proved that nothing of it is left. `receipt` lets the person look."""

    __tablename__ = "erasures"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    receipt: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"), unique=True)
    requested_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]


class ErasureProof(Base):
    """One subgraph's word that it has erased the person."""

    __tablename__ = "erasure_proofs"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.erasures.user_id", ondelete="CASCADE"), primary_key=True)
    subgraph: Mapped[str] = mapped_column(String(50), primary_key=True)
    erased_at: Mapped[datetime]


class DataExport(HasId, Base):
    """Somebody's wish to have all that is known of them; complete when every subgraph's part is there."""

    __tablename__ = "data_exports"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.users.id", ondelete="CASCADE"))
    requested_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    next_attempt_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(server_default="0")

    __table_args__ = (
        Index("ix_data_exports_user_id", "user_id", "requested_at"),
        Index("ix_data_exports_due", "next_attempt_at", postgresql_where=text("completed_at IS NULL")),
    )


class DataExportPart(Base):
    """What one subgraph knows of the person: `document` is {section: [item, ...]}, `sha256` is that of its canonical JSON."""

    __tablename__ = "data_export_parts"

    export_id: Mapped[UUID] = mapped_column(ForeignKey("users.data_exports.id", ondelete="CASCADE"), primary_key=True)
    subgraph: Mapped[str] = mapped_column(String(50), primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    items: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    collected_at: Mapped[datetime]


class Rating(Base):
    """A person's rating in one topic, or in all of them (`overall`), as the last session left it."""

    __tablename__ = "ratings"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.users.id", ondelete="CASCADE"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(100), primary_key=True)
    rating: Mapped[float]
    deviation: Mapped[float]
    volatility: Mapped[float]
    sessions: Mapped[int]
    moved_at: Mapped[datetime]


class RatingChange(Base):
    """One point of the chart: what a session made of a rating."""

    __tablename__ = "rating_changes"

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.users.id", ondelete="CASCADE"))
    topic: Mapped[str] = mapped_column(String(100))
    session_id: Mapped[UUID]
    rating: Mapped[float]
    deviation: Mapped[float]
    recorded_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("user_id", "topic", "session_id", name="uq_rating_changes_user_id_topic_session_id"),
        Index("ix_rating_changes_user_id_topic", "user_id", "topic", "seq"),
    )
