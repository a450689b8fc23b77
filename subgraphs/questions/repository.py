"""Every SQL statement of the questions subgraph."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, and_, case, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import undefer
from sqlalchemy.sql.expression import cast
from sqlalchemy.types import Text

from ..kit.errors import DomainError
from ..kit.pagination import Page, PageRequest, SortKey, fetch_counts, fetch_page, fetch_pages
from ..kit.repository import Repository, conflicts_as
from .models import DIFFICULTY_RANKS, Question, QuestionProgress, QuestionRevision
from .rules import ProgressFilter, QuestionFilter, QuestionStatus

Ts = TypeVarTuple("Ts")
MIN_TITLE_SHARE = 0.5  # of the search's trigrams; "lantrn streak" finds "Longest Lantern Streak"
MAX_FACET_VALUES = 100
_WHOLE = (undefer(Question.test_cases), undefer(Question.editorial), undefer(Question.solution))
DIFFICULTY_RANK = case(DIFFICULTY_RANKS, value=Question.difficulty)


class Facets(NamedTuple):
    """Values with their numbers of questions, the most frequent first."""

    difficulties: list[tuple[str, int]]
    categories: list[tuple[str, int]]
    tags: list[tuple[str, int]]
    languages: list[tuple[str, int]]


class QuestionRepository(Repository[Question]):
    """Questions, picks and progress."""

    model = Question

    async def whole(self, ids: Iterable[UUID]) -> dict[UUID, Question]:
        """The questions with all their columns, the large ones too."""
        statement = select(Question).where(Question.id.in_(set(ids))).options(*_WHOLE)
        result = await self.session.scalars(statement.execution_options(populate_existing=True))
        return {question.id: question for question in result}

    async def find_by_slug(self, slug: str) -> Question | None:
        statement = select(Question).where(Question.slug == slug).order_by(Question.source != "tandem", Question.source)
        return (await self.session.scalars(statement.limit(1))).first()

    async def page_by_relevance(self, question_filter: QuestionFilter, request: PageRequest) -> Page[Question]:
        """The best fitting first; needs a search."""
        rank = relevance(question_filter.search or "")
        keys = (SortKey("relevance", rank, descending=True), SortKey("id", Question.id, descending=True))
        chosen = select(Question, rank.label("relevance"), Question.id)
        statement = self._filtered(chosen, question_filter)
        page: Page[Any] = await fetch_page(self.session, statement, keys, request, scalars=False)
        return page.map(lambda row: row[0])

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

    async def whole_of_source(self, source: str) -> list[Question]:
        """All questions of one collection, with all their columns."""
        statement = select(Question).where(Question.source == source).options(*_WHOLE).order_by(Question.slug)
        return list((await self.session.scalars(statement)).all())

    async def set_status_of(self, source: str, slugs: Sequence[str], status: QuestionStatus) -> None:
        statement = update(Question).where(Question.source == source, Question.slug.in_(slugs))
        await self.session.execute(statement.values(status=status.value, version=Question.version + 1))

    async def lock(self, question_id: UUID) -> Question | None:
        """The question, so that nobody else changes it until the transaction ends."""
        statement = select(Question).where(Question.id == question_id).options(*_WHOLE).with_for_update()
        return (await self.session.scalars(statement)).first()

    async def save(self, question: Question, *, on_conflict: Mapping[str, DomainError]) -> None:
        with conflicts_as(on_conflict):
            await self.session.flush()
        await self.whole([question.id])  # reads back what the database has computed

    async def keep_revision(self, revision: QuestionRevision) -> None:
        self.session.add(revision)
        await self.session.flush()

    async def revisions(
        self, question_ids: Collection[UUID], request: PageRequest
    ) -> dict[UUID, Page[QuestionRevision]]:
        keys = (SortKey("version", QuestionRevision.version, descending=True),)
        parent = QuestionRevision.question_id
        return await fetch_pages(self.session, QuestionRevision, parent, question_ids, keys, request)

    async def count_revisions(self, question_ids: Collection[UUID]) -> dict[UUID, int]:
        return await fetch_counts(self.session, QuestionRevision.question_id, question_ids)

    async def facets(self, question_filter: QuestionFilter) -> Facets:
        """How many of the filtered questions have each difficulty, category, tag and language."""
        columns = select(Question.difficulty, Question.category, Question.tags, Question.languages)
        chosen = self._filtered(columns, question_filter).subquery()
        counts = []
        for value in (
            chosen.c.difficulty,
            func.unnest(chosen.c.category),
            func.unnest(chosen.c.tags),
            func.unnest(chosen.c.languages),
        ):
            values = select(value.label("value")).select_from(chosen).subquery()
            statement = select(values.c.value, func.count().label("count")).group_by(values.c.value)
            ordered = statement.order_by(func.count().desc(), values.c.value).limit(MAX_FACET_VALUES)
            counts.append([(row[0], row[1]) for row in await self.session.execute(ordered)])
        return Facets(*counts)

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

    def _filtered(self, statement: Select[*Ts], question_filter: QuestionFilter) -> Select[*Ts]:
        if question_filter.statuses:
            statement = statement.where(Question.status.in_(question_filter.statuses))
        if question_filter.difficulties:
            statement = statement.where(Question.difficulty.in_(question_filter.difficulties))
        if question_filter.categories:
            statement = statement.where(Question.category.overlap(cast(list(question_filter.categories), ARRAY(Text))))
        if question_filter.tags:
            statement = statement.where(Question.tags.overlap(cast(list(question_filter.tags), ARRAY(Text))))
        if question_filter.languages:
            statement = statement.where(Question.languages.overlap(cast(list(question_filter.languages), ARRAY(Text))))
        if question_filter.search:
            statement = statement.where(_matches(question_filter.search))
        if question_filter.progress and question_filter.user_id is not None:
            statement = statement.where(_has_progress(question_filter.progress, question_filter.user_id))
        return statement


def relevance(search: str) -> ColumnElement[int]:
    """How well a question fits the words, as a whole number, so that pages can be cut at it: words of the title count most,
    and a title with typing errors counts a little."""
    rank = func.ts_rank_cd(Question.search_vector, func.websearch_to_tsquery("english", search))
    return cast(rank * 1_000_000 + _title_share(search) * 100_000, Integer)


def _matches(search: str) -> ColumnElement[bool]:
    words = Question.search_vector.bool_op("@@")(func.websearch_to_tsquery("english", search))
    wanted = func.questions.trigrams(search)
    resembles = and_(Question.title_trigrams.overlap(wanted), _title_share(search) >= MIN_TITLE_SHARE)
    return or_(words, resembles)


def _title_share(search: str) -> ColumnElement[float]:
    """Which part of the search's trigrams the title has, from 0 to 1."""
    return func.questions.share_of(func.questions.trigrams(search), Question.title_trigrams)


def _has_progress(wanted: Sequence[ProgressFilter], user_id: UUID) -> ColumnElement[bool]:
    mine = select(QuestionProgress.question_id).where(QuestionProgress.user_id == user_id)
    alternatives: list[ColumnElement[bool]] = []
    if ProgressFilter.NEW in wanted:
        alternatives.append(Question.id.not_in(mine))
    stages = [str(stage) for stage in wanted if stage is not ProgressFilter.NEW]
    if stages:
        alternatives.append(Question.id.in_(mine.where(QuestionProgress.status.in_(stages))))
    return or_(*alternatives)
