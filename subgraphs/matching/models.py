"""The tables of the matching subgraph: tickets, matches and who is in them, each person's numbered events, and what keeps people apart."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..kit.idempotency import IdempotencyRow
from ..kit.models import HasId, InboxRow, Model, OutboxRow, SignOutRow, metadata_for


class TicketStatus(StrEnum):
    """PENDING and PROPOSED are live: the database allows one such ticket per person."""

    PENDING = "pending"
    PROPOSED = "proposed"
    MATCHED = "matched"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"


class MatchStatus(StrEnum):
    """proposed (ready check) -> forming (a question is chosen) -> opening (the session is made) -> active -> completed.

    Everything but COMPLETED and CANCELLED is live: the database allows one such match per person.
    """

    PROPOSED = "proposed"
    FORMING = "forming"
    OPENING = "opening"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class InvitationStatus(StrEnum):
    """Only OPEN can be accepted."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


LIVE_TICKET = (TicketStatus.PENDING, TicketStatus.PROPOSED)
LIVE_MATCH = (MatchStatus.PROPOSED, MatchStatus.FORMING, MatchStatus.OPENING, MatchStatus.ACTIVE)


class Base(Model):
    """Base of all tables in the PostgreSQL schema `matching`."""

    __abstract__ = True
    metadata = metadata_for("matching")


class Outbox(OutboxRow, Base):
    """Events of this subgraph on their way to the bus."""


class Inbox(InboxRow, Base):
    """Events of other subgraphs that were handled here."""


class Idempotency(IdempotencyRow, Base):
    """Invitations that were made under a key of the client's."""


class SignOut(SignOutRow, Base):
    """Log-ins that were ended before their tokens."""


class MatchRequest(HasId, Base):
    """A ticket: somebody waits, or waited, for a partner."""

    __tablename__ = "match_requests"

    user_id: Mapped[UUID]
    skill_level: Mapped[str] = mapped_column(String(50))
    preferred_language: Mapped[str] = mapped_column(String(50))
    preferred_difficulty: Mapped[str] = mapped_column(String(50))
    preferred_topics: Mapped[list[str]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(String(50), server_default=text("'pending'"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("CURRENT_TIMESTAMP"))
    expires_at: Mapped[datetime]
    role: Mapped[str] = mapped_column(String(20), server_default=text("'ANY'"))
    partner_min_level: Mapped[str] = mapped_column(String(50), server_default=text("'BEGINNER'"))
    partner_max_level: Mapped[str] = mapped_column(String(50), server_default=text("'ADVANCED'"))
    avoids_recent: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    is_skill_known: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    """False when the users service did not answer and the skill is the last one known, or a guess."""
    bucket: Mapped[int] = mapped_column(SmallInteger)
    """rules.Bucket: what pairing reads of a ticket besides language and topics."""
    stage: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """The last stage of relaxation that was announced; the real one follows from created_at."""
    next_look_at: Mapped[datetime | None]
    """When somebody must look for a partner again; null when waiting longer changes nothing."""
    closed_at: Mapped[datetime | None]
    match_id: Mapped[UUID | None]


class Match(HasId, Base):
    """Two people who practise together, from the moment they are paired. An erased person's id becomes null."""

    __tablename__ = "matches"

    user1_id: Mapped[UUID | None]
    user2_id: Mapped[UUID | None]
    question_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(String(50), server_default=text("'active'"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("CURRENT_TIMESTAMP"))
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(50))
    session_id: Mapped[UUID | None]
    language: Mapped[str] = mapped_column(String(50))
    difficulty: Mapped[str] = mapped_column(String(50))
    difficulties: Mapped[list[str]] = mapped_column(JSONB)
    """Both wishes, the easier first: what the question may be."""
    topics: Mapped[list[str]] = mapped_column(JSONB)
    interviewer_id: Mapped[UUID | None]
    ticket1_id: Mapped[UUID | None]
    """The ticket of user1; null when the match came from an invitation."""
    ticket2_id: Mapped[UUID | None]
    accepted1: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    accepted2: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    respond_by: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]
    """While forming: when to ask for a question again."""

    @property
    def user_ids(self) -> tuple[UUID, ...]:
        return tuple(user_id for user_id in (self.user1_id, self.user2_id) if user_id is not None)

    @property
    def is_live(self) -> bool:
        return self.status in LIVE_MATCH

    def partner_of(self, user_id: UUID) -> UUID | None:
        return self.user2_id if self.user1_id == user_id else self.user1_id


class Participant(Base):
    """One person in one match; a partial unique index allows one live match per person."""

    __tablename__ = "participants"

    match_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID | None]
    is_live: Mapped[bool]
    has_met: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """True once there was a session: only then do the two count as recent partners."""
    created_at: Mapped[datetime]


class Stream(Base):
    """The numbering of one person's events; a new epoch says that the old numbers mean nothing any more."""

    __tablename__ = "streams"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    epoch: Mapped[str] = mapped_column(String(36), server_default=text("gen_random_uuid()::text"))
    last_seq: Mapped[int] = mapped_column(BigInteger)
    trimmed_seq: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """Events up to this number are no longer kept."""


class MatchEventRow(Base):
    """One event of one person's stream."""

    __tablename__ = "match_events"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    type: Mapped[str] = mapped_column(String(50))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class Follower(Base):
    """When a person's client was last known to follow its events."""

    __tablename__ = "followers"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]


class Block(Base):
    """`blocker_id` does not want to meet `blocked_id`; it holds in both directions."""

    __tablename__ = "blocks"

    blocker_id: Mapped[UUID] = mapped_column(primary_key=True)
    blocked_id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class Reputation(Base):
    """How often somebody let a partner down in a ready check."""

    __tablename__ = "reputations"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    no_shows: Mapped[int] = mapped_column(server_default=text("0"))
    declines: Mapped[int] = mapped_column(server_default=text("0"))
    last_no_show_at: Mapped[datetime | None]


class BarredUser(Base):
    """Suspended or deleted: their tokens may live on for minutes, their tickets may not."""

    __tablename__ = "barred_users"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class Invitation(HasId, Base):
    """A private match: for whoever holds the link, or for one past partner (a rematch)."""

    __tablename__ = "invitations"

    token_hash: Mapped[bytes]
    inviter_id: Mapped[UUID]
    invitee_id: Mapped[UUID | None]
    language: Mapped[str] = mapped_column(String(50))
    difficulty: Mapped[str] = mapped_column(String(50))
    topics: Mapped[list[str]] = mapped_column(JSONB)
    inviter_role: Mapped[str] = mapped_column(String(20), server_default=text("'ANY'"))
    status: Mapped[str] = mapped_column(String(20), server_default=text("'open'"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime]
    match_id: Mapped[UUID | None]
