"""Every SQL statement of the questions subgraph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, case, delete, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.sql.expression import cast
from sqlalchemy.types import Text

from ..kit.pagination import Page, PageRequest, SortKey, fetch_page
from ..kit.repository import Repository
from .models import DIFFICULTY_RANKS, Question, QuestionPick, QuestionProgress
from .rules import PickWish, ProgressStatus, QuestionFilter, QuestionStatus

DIFFICULTY_RANK = case(DIFFICULTY_RANKS, value=Question.difficulty)


class Pick(NamedTuple):
    """A question chosen for a match."""

    question: Question
    is_new_to_all: bool


class QuestionRepository(Repository[Question]):
    """Questions, picks and progress."""

    model = Question

    async def find_by_slug(self, slug: str) -> Question | None:
        statement = select(Question).where(Question.slug == slug).order_by(Question.source != "tandem", Question.source)
        return (await self.session.scalars(statement.limit(1))).first()

    async def page(
        self, question_filter: QuestionFilter, keys: Sequence[SortKey], request: PageRequest
    ) -> Page[Question]:
        page: Page[Question] = await fetch_page(
            self.session, self._filtered(select(Question), question_filter), keys, request
        )
        return page

    async def count(self, question_filter: QuestionFilter) -> int:
        statement = self._filtered(select(func.count()).select_from(Question), question_filter)
        return int((await self.session.execute(statement)).scalar_one())

    async def categories(self) -> list[tuple[str, int]]:
        """Each category with its number of published questions, by name."""
        name = func.unnest(Question.category).label("name")
        published = select(name).where(Question.status == QuestionStatus.PUBLISHED).subquery()
        statement = select(published.c.name, func.count()).group_by(published.c.name).order_by(published.c.name)
        return [(row[0], row[1]) for row in await self.session.execute(statement)]

    async def picked(self, match_id: UUID) -> Pick | None:
        """What was chosen for this match before."""
        statement = (
            select(Question, QuestionPick.is_new_to_all)
            .join(QuestionPick, QuestionPick.question_id == Question.id)
            .where(QuestionPick.match_id == match_id)
        )
        row = (await self.session.execute(statement)).first()
        return Pick(row[0], row[1]) if row else None

    async def random_fitting(
        self, wish: PickWish, user_ids: Sequence[UUID], *, must_be_new: bool, known_to: UUID | None = None
    ) -> Question | None:
        """A published question that fits, the best wished difficulty first, at random within it."""
        statement = select(Question).where(
            Question.status == QuestionStatus.PUBLISHED, Question.languages.contains([wish.language])
        )
        if wish.difficulties:
            statement = statement.where(Question.difficulty.in_(wish.difficulties))
        if wish.topics:
            statement = statement.where(Question.category.overlap(cast(list(wish.topics), ARRAY(Text))))
        if must_be_new:
            strangers = [user_id for user_id in user_ids if user_id != known_to]
            seen = select(QuestionProgress.question_id).where(QuestionProgress.user_id.in_(strangers))
            statement = statement.where(Question.id.not_in(seen))
        if known_to is not None:
            known = select(literal(1)).where(
                QuestionProgress.user_id == known_to, QuestionProgress.question_id == Question.id
            )
            solved = known.where(QuestionProgress.status == ProgressStatus.SOLVED).exists()
            statement = statement.order_by(solved.desc(), known.exists().desc())
        if wish.difficulties:
            rank = {difficulty: position for position, difficulty in enumerate(wish.difficulties)}
            statement = statement.order_by(case(rank, value=Question.difficulty))
        return (await self.session.scalars(statement.order_by(func.random()).limit(1))).first()

    async def save_pick(self, match_id: UUID, pick: Pick) -> bool:
        """Keep the choice; False when another transaction has chosen for this match meanwhile."""
        values = {"match_id": match_id, "question_id": pick.question.id, "is_new_to_all": pick.is_new_to_all}
        statement = insert(QuestionPick).values(values).on_conflict_do_nothing().returning(QuestionPick.match_id)
        return (await self.session.execute(statement)).first() is not None

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
        rank = {ProgressStatus.SEEN.value: 1, ProgressStatus.ATTEMPTED.value: 2, ProgressStatus.SOLVED.value: 3}
        is_higher = case(rank, value=new.status) > case(rank, value=QuestionProgress.status)
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

    async def upsert(self, values: Mapping[str, Any]) -> str:
        """Insert or update by (source, slug): "created", "changed" or "unchanged"."""
        statement = insert(Question).values(values)
        changing = {name: statement.excluded[name] for name in values if name not in ("source", "slug")}
        differs = text(" OR ".join(f"questions.{name} IS DISTINCT FROM excluded.{name}" for name in changing))
        statement = statement.on_conflict_do_update(
            constraint="uq_questions_source_slug", set_={**changing, "version": Question.version + 1}, where=differs
        )
        row = (await self.session.execute(statement.returning(Question.version))).first()
        if row is None:
            return "unchanged"
        return "created" if row[0] == 1 else "changed"

    def _filtered(self, statement: Select[Any], question_filter: QuestionFilter) -> Select[Any]:
        if question_filter.statuses:
            statement = statement.where(Question.status.in_(question_filter.statuses))
        if question_filter.difficulties:
            statement = statement.where(Question.difficulty.in_(question_filter.difficulties))
        if question_filter.categories:
            statement = statement.where(Question.category.overlap(cast(list(question_filter.categories), ARRAY(Text))))
        if question_filter.tags:
            statement = statement.where(Question.tags.overlap(cast(list(question_filter.tags), ARRAY(Text))))
        if question_filter.search:
            words = func.websearch_to_tsquery("english", question_filter.search)
            statement = statement.where(Question.search_vector.bool_op("@@")(words))
        return statement
