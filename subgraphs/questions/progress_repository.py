"""The SQL of attempts and progress."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, case, cast, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from ..kit.pagination import Page, PageRequest, SortKey, fetch_counts, fetch_pages
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

    async def attempts(
        self, user_ids: Collection[UUID], question_id: UUID | None, request: PageRequest
    ) -> dict[UUID, Page[Attempt]]:
        """A page of the attempts of each of these people, newest first."""
        of_question = () if question_id is None else (Attempt.question_id == question_id,)
        return await fetch_pages(self.session, Attempt, Attempt.user_id, user_ids, NEWEST_FIRST, request, *of_question)

    async def count_attempts(self, user_ids: Collection[UUID], question_id: UUID | None) -> dict[UUID, int]:
        of_question = () if question_id is None else (Attempt.question_id == question_id,)
        return await fetch_counts(self.session, Attempt.user_id, user_ids, *of_question)

    def add_attempt(self, attempt: Attempt) -> None:
        self.session.add(attempt)

    async def status_counts(self, user_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
        """By person, how many questions have each status."""
        key = (QuestionProgress.user_id, QuestionProgress.status)
        statement = select(*key, func.count()).where(key[0].in_(user_ids)).group_by(*key)
        return _by_person(user_ids, await self.session.execute(statement))

    async def solved_by_difficulty(self, user_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
        """By person, how many questions of each difficulty are solved."""
        key = (QuestionProgress.user_id, Question.difficulty)
        statement = (
            select(*key, func.count())
            .join(Question, QuestionProgress.question_id == Question.id)
            .where(key[0].in_(user_ids), QuestionProgress.status == ProgressStatus.SOLVED)
            .group_by(*key)
        )
        return _by_person(user_ids, await self.session.execute(statement))

    async def active_days(self, user_ids: Collection[UUID]) -> dict[UUID, list[date]]:
        """By person, the days (UTC) on which they submitted something, rising."""
        day = cast(func.timezone("UTC", Attempt.submitted_at), Date)
        statement = select(Attempt.user_id, day).where(Attempt.user_id.in_(user_ids)).distinct()
        days: dict[UUID, list[date]] = {id: [] for id in user_ids}
        for user_id, value in await self.session.execute(statement.order_by(Attempt.user_id, day)):
            days[user_id].append(value)
        return days

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


def _by_person(user_ids: Iterable[UUID], rows: Iterable[Any]) -> dict[UUID, dict[str, int]]:
    """Rows of person, name and number."""
    found: dict[UUID, dict[str, int]] = {id: {} for id in user_ids}
    for user_id, name, number in rows:
        found[user_id][name] = number
    return found
