"""The tables of the users subgraph: accounts, what they are logged in with, and the keys that sign access tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

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

    __table_args__: tuple[Any, ...] = (
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        Index("ix_users_created_at_id", "created_at", "id"),
        Index("ix_users_name_id", func.lower(name), "id"),
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


class RefreshToken(Base):
    """One refresh token, known only by its SHA-256. With `successor_salt` the holder of a used token can derive the next one."""

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("users.auth_sessions.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
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
    free_at: Mapped[datetime]
