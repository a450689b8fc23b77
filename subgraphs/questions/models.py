"""The tables of the questions subgraph: questions, the picks made for matches, and what each person has done with each question."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Computed, ForeignKey, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from ..kit.idempotency import IdempotencyRow
from ..kit.models import HasId, HasTimestamps, InboxRow, Model, OutboxRow, SignOutRow, metadata_for

DIFFICULTY_RANKS = {"EASY": 1, "MEDIUM": 2, "HARD": 3}


class Base(Model):
    """All tables of this subgraph."""

    __abstract__ = True
    metadata = metadata_for("questions")


class Outbox(OutboxRow, Base):
    """Events of this subgraph on their way to the bus."""


class Inbox(InboxRow, Base):
    """Events of other subgraphs that were handled here."""


class SignOut(SignOutRow, Base):
    """Log-ins that were ended before their tokens."""


class Idempotency(IdempotencyRow, Base):
    """Creating calls that were done, by the key of their client."""


class Question(HasId, HasTimestamps, Base):
    """One question; `(source, slug)` names it across imports, `version` counts its changes.

    Test cases, editorial and solution are large and loaded only where they are asked for (`repository.whole`).
    """

    __tablename__ = "questions"
    __table_args__ = (UniqueConstraint("source", "slug", name="uq_questions_source_slug"),)

    title: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(Text)
    difficulty: Mapped[str] = mapped_column(String(50))
    category: Mapped[list[str]] = mapped_column(ARRAY(Text))
    examples: Mapped[str | None] = mapped_column(Text)
    constraints: Mapped[str | None] = mapped_column(Text)
    test_cases: Mapped[list[Any] | None] = mapped_column(JSONB, deferred=True, deferred_raiseload=True)
    slug: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(String(60), server_default=text("'tandem'"))
    status: Mapped[str] = mapped_column(String(20), server_default=text("'PUBLISHED'"))
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    companies: Mapped[list[str]] = mapped_column(ARRAY(Text))
    hints: Mapped[list[str]] = mapped_column(ARRAY(Text))
    editorial: Mapped[str] = mapped_column(Text, deferred=True, deferred_raiseload=True)
    signature: Mapped[dict[str, Any]] = mapped_column(JSONB)
    comparison: Mapped[dict[str, Any]] = mapped_column(JSONB)
    starter_code: Mapped[dict[str, Any]] = mapped_column(JSONB)
    solution: Mapped[dict[str, Any]] = mapped_column(JSONB, deferred=True, deferred_raiseload=True)
    provenance: Mapped[dict[str, Any]] = mapped_column(JSONB)
    time_limit_ms: Mapped[int]
    memory_limit_mb: Mapped[int]
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    samples: Mapped[list[Any]] = mapped_column(
        JSONB,
        Computed("jsonb_path_query_array(coalesce(test_cases, '[]'), '$[*] ? (@.sample == true)')", persisted=True),
    )
    case_count: Mapped[int] = mapped_column(Computed("jsonb_array_length(coalesce(test_cases, '[]'))", persisted=True))
    search_vector: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "setweight(to_tsvector('english', title), 'A')"
            " || setweight(to_tsvector('english', questions.words_of(category || tags)), 'B')"
            " || setweight(to_tsvector('english', description), 'C')",
            persisted=True,
        ),
        deferred=True,
    )

    title_trigrams: Mapped[list[str]] = mapped_column(
        ARRAY(Text), Computed("questions.trigrams(title)", persisted=True), deferred=True
    )

    @property
    def difficulty_rank(self) -> int:
        """1 for the easy ones, for sorting."""
        return DIFFICULTY_RANKS[self.difficulty]


class QuestionPick(Base):
    """The question chosen for a match; a second ask for the same match gets the same one."""

    __tablename__ = "question_picks"

    match_id: Mapped[UUID] = mapped_column(primary_key=True)
    question_id: Mapped[UUID] = mapped_column(ForeignKey("questions.questions.id"))
    is_new_to_all: Mapped[bool]
    picked_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class QuestionProgress(Base):
    """What one person has done with one question: seen, attempted or solved it."""

    __tablename__ = "question_progress"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    question_id: Mapped[UUID] = mapped_column(
        ForeignKey("questions.questions.id", ondelete="CASCADE"), primary_key=True
    )
    status: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    best_time_ms: Mapped[int | None]
    first_seen_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    solved_at: Mapped[datetime | None]


class QuestionStatistics(Base):
    """What all people have done with a question, counted when it happens: judged submissions, accepted ones, people who solved it.

    The numbers outlive the people: an erased person is not in them by name.
    """

    __tablename__ = "question_statistics"

    question_id: Mapped[UUID] = mapped_column(
        ForeignKey("questions.questions.id", ondelete="CASCADE"), primary_key=True
    )
    attempts: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    accepted: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    solvers: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class QuestionRevision(Base):
    """What a question was at one of its versions, and who made it so."""

    __tablename__ = "question_revisions"

    question_id: Mapped[UUID] = mapped_column(
        ForeignKey("questions.questions.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(String(500), server_default=text("''"))
    changed_by: Mapped[UUID | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class Attempt(HasId, Base):
    """One judged submission of one person."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("event_id", "user_id", name="uq_attempts_event_id_user_id"),)

    event_id: Mapped[UUID]
    user_id: Mapped[UUID]
    question_id: Mapped[UUID] = mapped_column(ForeignKey("questions.questions.id", ondelete="CASCADE"))
    session_id: Mapped[UUID | None]
    language: Mapped[str] = mapped_column(String(20))
    verdict: Mapped[str] = mapped_column(String(40))
    passed: Mapped[int]
    total: Mapped[int]
    time_ms: Mapped[int | None]
    submitted_at: Mapped[datetime]
