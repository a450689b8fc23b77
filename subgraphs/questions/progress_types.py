"""How progress with one question, and its statistics, look to GraphQL."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from . import models, rules

strawberry.enum(rules.ProgressStatus, description="How far a person has come with a question; it only ever rises.")
strawberry.enum(rules.ProgressFilter, description="How far you have come with a question; NEW: never met.")


@strawberry.type(description="What you have done with one question.")
class QuestionProgress:
    status: rules.ProgressStatus = strawberry.field(description="How far you have come.")
    attempts: int = strawberry.field(description="Judged submissions.")
    best_time_ms: int | None = strawberry.field(description="Milliseconds of your fastest accepted submission.")
    first_seen_at: datetime = strawberry.field(description="When you first met it.")
    solved_at: datetime | None = strawberry.field(description="When you first solved it.")

    @classmethod
    def from_model(cls, row: models.QuestionProgress) -> Self:
        return cls(
            status=rules.ProgressStatus(row.status),
            attempts=row.attempts,
            best_time_ms=row.best_time_ms,
            first_seen_at=row.first_seen_at,
            solved_at=row.solved_at,
        )


@strawberry.type(description="What all people have done with one question.")
class QuestionStatistics:
    attempts: int = strawberry.field(description="Judged submissions.")
    accepted: int = strawberry.field(description="Accepted ones.")
    solvers: int = strawberry.field(description="People who solved it.")
    acceptance_rate: float | None = strawberry.field(description="Accepted of judged, from 0 to 1; null without any.")

    @classmethod
    def from_model(cls, row: models.QuestionStatistics | None) -> Self:
        """The statistics of a question; without a row nobody has tried it."""
        if row is None:
            return cls(attempts=0, accepted=0, solvers=0, acceptance_rate=None)
        rate = row.accepted / row.attempts if row.attempts else None
        return cls(attempts=row.attempts, accepted=row.accepted, solvers=row.solvers, acceptance_rate=rate)
