"""The SQL of attempts and progress."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Date, case, cast, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from ..kit.pagination import Page, PageRequest, SortKey, fetch_page
from ..kit.repository import Repository
from .models import Attempt, Question, QuestionProgress, QuestionStatistics
from .rules import ProgressStatus

NEWEST_FIRST = (
    SortKey("submitted_at", Attempt.submitted_at, descending=True),
    SortKey("id", Attempt.id, descending=True),
)
PROGRESS_RANK = {ProgressStatus.SEEN.value: 1, ProgressStatus.ATTEMPTED.value: 2, ProgressStatus.SOLVED.value: 3}


class ProgressRepository(Repository[Attempt]):
    """Attempts and progress."""

    model = Attempt

    async def attempts(self, user_id: UUID, question_id: UUID | None, request: PageRequest) -> Page[Attempt]:
        statement = select(Attempt).where(Attempt.user_id == user_id)
        if question_id is not None:
            statement = statement.where(Attempt.question_id == question_id)
        page: Page[Attempt] = await fetch_page(self.session, statement, NEWEST_FIRST, request)
        return page

    async def count_attempts(self, user_id: UUID, question_id: UUID | None) -> int:
        statement = select(func.count()).select_from(Attempt).where(Attempt.user_id == user_id)
        if question_id is not None:
            statement = statement.where(Attempt.question_id == question_id)
        return int((await self.session.execute(statement)).scalar_one())

    def add_attempt(self, attempt: Attempt) -> None:
        self.session.add(attempt)

    async def status_counts(self, user_id: UUID) -> dict[str, int]:
        statement = select(QuestionProgress.status, func.count()).where(QuestionProgress.user_id == user_id)
        return {row[0]: row[1] for row in await self.session.execute(statement.group_by(QuestionProgress.status))}

    async def solved_by_difficulty(self, user_id: UUID) -> dict[str, int]:
        statement = (
            select(Question.difficulty, func.count())
            .join(QuestionProgress, QuestionProgress.question_id == Question.id)
            .where(QuestionProgress.user_id == user_id, QuestionProgress.status == ProgressStatus.SOLVED)
            .group_by(Question.difficulty)
        )
        return {row[0]: row[1] for row in await self.session.execute(statement)}

    async def active_days(self, user_id: UUID) -> list[date]:
        """The days (UTC) on which the person submitted something, rising."""
        day = cast(func.timezone("UTC", Attempt.submitted_at), Date)
        return list(
            (await self.session.scalars(select(day).where(Attempt.user_id == user_id).distinct().order_by(day))).all()
        )

    async def progress_of(self, user_id: UUID, question_ids: Iterable[UUID]) -> dict[UUID, QuestionProgress]:
        statement = select(QuestionProgress).where(
            QuestionProgress.user_id == user_id, QuestionProgress.question_id.in_(set(question_ids))
        )
        return {row.question_id: row for row in await self.session.scalars(statement)}

    async def statistics(self, question_ids: Sequence[UUID]) -> dict[UUID, QuestionStatistics]:
        """The counted statistics of these questions; a question nobody has tried has none."""
        statement = select(QuestionStatistics).where(QuestionStatistics.question_id.in_(set(question_ids)))
        return {row.question_id: row for row in await self.session.scalars(statement)}

    async def count_solvers(self, user_ids: Iterable[UUID], question_id: UUID) -> int:
        """How many of these people have solved the question."""
        statement = select(func.count()).where(
            QuestionProgress.user_id.in_(set(user_ids)),
            QuestionProgress.question_id == question_id,
            QuestionProgress.status == ProgressStatus.SOLVED,
        )
        return int((await self.session.execute(statement)).scalar_one())

    async def count_attempts_of(self, question_id: UUID, *, attempts: int, accepted: int, solvers: int) -> None:
        """Add to the statistics of a question."""
        values = {"attempts": attempts, "accepted": accepted, "solvers": solvers}
        statement = insert(QuestionStatistics).values(question_id=question_id, **values)
        sums = {name: getattr(QuestionStatistics, name) + statement.excluded[name] for name in values}
        await self.session.execute(statement.on_conflict_do_update(index_elements=["question_id"], set_=sums))

    async def raise_progress(
        self,
        user_ids: Iterable[UUID],
        question_id: UUID,
        status: ProgressStatus,
        *,
        attempts: int = 0,
        time_ms: int | None = None,
    ) -> None:
        """Note that these people have come at least so far with the question."""
        rows = [
            {
                "user_id": user_id,
                "question_id": question_id,
                "status": status,
                "attempts": attempts,
                "best_time_ms": time_ms,
                "solved_at": func.now() if status is ProgressStatus.SOLVED else None,
            }
            for user_id in sorted(set(user_ids))
        ]
        if not rows:
            return
        statement = insert(QuestionProgress).values(rows)
        new = statement.excluded
        is_higher = case(PROGRESS_RANK, value=new.status) > case(PROGRESS_RANK, value=QuestionProgress.status)
        statement = statement.on_conflict_do_update(
            index_elements=["user_id", "question_id"],
            set_={
                "status": case((is_higher, new.status), else_=QuestionProgress.status),
                "attempts": QuestionProgress.attempts + new.attempts,
                "best_time_ms": func.least(QuestionProgress.best_time_ms, new.best_time_ms),
                "solved_at": func.coalesce(QuestionProgress.solved_at, new.solved_at),
            },
        )
        await self.session.execute(statement)

    async def erase_user(self, user_id: UUID) -> None:
        await self.session.execute(delete(QuestionProgress).where(QuestionProgress.user_id == user_id))
        await self.session.execute(delete(Attempt).where(Attempt.user_id == user_id))
