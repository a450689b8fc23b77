"""What this subgraph adds to a person: attempts and progress over all questions."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Self
from uuid import UUID

import strawberry
from strawberry.types import Info

from ..kit.connections import Connection
from ..kit.pagination import DEFAULT_PAGE_SIZE, PageRequest
from . import models, progress_service
from .loaders import attempt_count_loader, attempts_loader, question_loader, summary_loader
from .types import Context, Difficulty, Question, uuid_from


@strawberry.type(description="One judged submission.")
class Attempt:
    id: strawberry.ID = strawberry.field(description="UUID.")
    language: str = strawberry.field(description="The language it was written in.")
    verdict: str = strawberry.field(description="ACCEPTED, WRONG_ANSWER, TIME_LIMIT, ...")
    passed: int = strawberry.field(description="Test cases that passed.")
    total: int = strawberry.field(description="Test cases there were.")
    time_ms: int | None = strawberry.field(description="Milliseconds of CPU.")
    submitted_at: datetime = strawberry.field(description="When.")
    question_id: strawberry.Private[UUID]

    @strawberry.field(description="The question.")
    async def question(self, info: Info[Context, None]) -> Question | None:
        row = await question_loader(info.context).load(self.question_id)
        return Question.from_model(row) if row is not None else None

    @classmethod
    def from_model(cls, row: models.Attempt) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            language=row.language,
            verdict=row.verdict,
            passed=row.passed,
            total=row.total,
            time_ms=row.time_ms,
            submitted_at=row.submitted_at,
            question_id=row.question_id,
        )


@strawberry.type(description="Solved questions of one difficulty.")
class SolvedCount:
    difficulty: Difficulty = strawberry.field(description="The difficulty.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="One person's progress over all questions.")
class Progress:
    solved: int = strawberry.field(description="Questions solved.")
    attempted: int = strawberry.field(description="Questions tried and not solved yet.")
    seen: int = strawberry.field(description="Questions met and not tried yet.")
    solved_by_difficulty: list[SolvedCount] = strawberry.field(description="Questions solved, by difficulty.")
    current_streak: int = strawberry.field(description="Days in a row with a submission, up to today or yesterday.")
    longest_streak: int = strawberry.field(description="The most days in a row with a submission.")

    @classmethod
    def from_summary(cls, summary: progress_service.ProgressSummary) -> Self:
        solved = summary.solved_by_difficulty
        return cls(
            solved=summary.solved,
            attempted=summary.attempted,
            seen=summary.seen,
            solved_by_difficulty=[SolvedCount(difficulty=d, count=solved.get(d.value, 0)) for d in Difficulty],
            current_streak=summary.current_streak,
            longest_streak=summary.longest_streak,
        )


@strawberry.federation.type(keys=["id"])
class User:
    id: strawberry.ID

    @strawberry.field(description="Judged submissions, newest first; for the person and for admins only.")
    async def attempts(
        self,
        info: Info[Context, None],
        question_id: strawberry.ID | None = None,
        first: int = DEFAULT_PAGE_SIZE,
        after: str | None = None,
    ) -> Connection[Attempt]:
        context, user_id = info.context, own_id_from(info.context, self.id)
        question = uuid_from(question_id, "questionId") if question_id else None
        page = await attempts_loader(context, question, PageRequest(first, after)).load(user_id)
        counter = partial(attempt_count_loader(context, question).load, user_id)
        return Connection.from_page(page, Attempt.from_model, counter)

    @strawberry.field(description="Progress over all questions; for the person and for admins only.")
    async def progress(self, info: Info[Context, None]) -> Progress:
        summary = await summary_loader(info.context).load(own_id_from(info.context, self.id))
        return Progress.from_summary(summary)

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Self:
        return cls(id=id)


def own_id_from(context: Context, id: str) -> UUID:
    """The person's id, where the viewer may see what they have attempted. Raises NotAllowed, so that one of many fails alone."""
    user_id = uuid_from(id, "id")
    progress_service.require_self(context.viewer, [user_id])
    return user_id
