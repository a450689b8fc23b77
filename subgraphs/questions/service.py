"""The use cases of the questions subgraph, each in one transaction of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from ..kit.auth import Viewer
from ..kit.database import Database
from ..kit.direct_rows import rows_by_id
from ..kit.driver_session import driver_statement
from ..kit.pagination import Page, PageRequest, SortKey
from .bank.question import CATEGORIES
from .errors import NoQuestionFits, QuestionNotFound
from .models import Question
from .picking import Pick, pick_question, picked_question
from .progress_repository import ProgressRepository
from .repository import DIFFICULTY_RANK, Facets, QuestionRepository
from .rules import (
    AUTHOR_ROLES,
    PickWish,
    QuestionFilter,
    QuestionStatus,
    checked_filter,
    may_see,
    may_see_cases,
    may_see_editorial,
    may_see_hints,
    relaxations,
)


class QuestionOrder(StrEnum):
    """How a list of questions is sorted; ties are broken by id."""

    NEWEST = "NEWEST"
    TITLE = "TITLE"
    EASIEST = "EASIEST"
    HARDEST = "HARDEST"
    RELEVANCE = "RELEVANCE"


@dataclass(frozen=True, slots=True)
class Material:
    """What not everybody sees of a question; None for what this viewer may not."""

    hints: list[str] | None
    editorial: str | None
    test_cases: list[Any] | None


_ID = SortKey("id", Question.id)
SORT_KEYS: Mapping[QuestionOrder, Sequence[SortKey]] = {
    QuestionOrder.NEWEST: (
        SortKey("created_at", Question.created_at, descending=True),
        SortKey("id", Question.id, descending=True),
    ),
    QuestionOrder.RELEVANCE: (
        SortKey("title", Question.title),
        _ID,
    ),  # without a search there is nothing to be relevant to
    QuestionOrder.TITLE: (SortKey("title", Question.title), _ID),
    QuestionOrder.EASIEST: (SortKey("difficulty_rank", DIFFICULTY_RANK), _ID),
    QuestionOrder.HARDEST: (SortKey("difficulty_rank", DIFFICULTY_RANK, descending=True), _ID),
}


class QuestionService:
    """Find, pick and remember questions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(
        self, viewer: Viewer, wanted: QuestionFilter, order: QuestionOrder, request: PageRequest
    ) -> Page[Question]:
        """One page of the questions that the viewer may see."""
        wanted = self._visible(viewer, checked_filter(wanted, CATEGORIES))
        async with self._database.session() as session:
            repository = QuestionRepository(session)
            if order is QuestionOrder.RELEVANCE and wanted.search:
                return await repository.page_by_relevance(wanted, request)
            return await repository.page(wanted, SORT_KEYS[order], request)

    async def count(self, viewer: Viewer, wanted: QuestionFilter) -> int:
        """How many questions the filter finds."""
        wanted = self._visible(viewer, checked_filter(wanted, CATEGORIES))
        async with self._database.session() as session:
            return await QuestionRepository(session).count(wanted)

    async def facets(self, viewer: Viewer, wanted: QuestionFilter) -> Facets:
        """The values that the filtered questions have, with their numbers."""
        wanted = self._visible(viewer, checked_filter(wanted, CATEGORIES))
        async with self._database.session() as session:
            return await QuestionRepository(session).facets(wanted)

    async def categories(self) -> list[tuple[str, int]]:
        """The categories that published questions have, each with their number."""
        async with self._database.session() as session:
            return await QuestionRepository(session).categories()

    async def get(self, viewer: Viewer, question_id: UUID) -> Question:
        """One question by id. Raises QuestionNotFound, also for drafts of others."""
        found = await self.get_many(viewer, [question_id])
        if question_id not in found:
            raise QuestionNotFound(str(question_id))
        return found[question_id]

    async def get_by_slug(self, viewer: Viewer, slug: str) -> Question:
        async with self._database.session() as session:
            question = await QuestionRepository(session).find_by_slug(slug)
        if question is None and self._database.may_lag:
            async with self._database.transaction() as session:
                question = await QuestionRepository(session).find_by_slug(slug)
        if question is None or not may_see(question.status, viewer.roles):
            raise QuestionNotFound(slug)
        return question

    async def get_many(self, viewer: Viewer, ids: Iterable[UUID]) -> dict[UUID, Question]:
        """The questions of these ids that the viewer may see, in one statement."""
        ids = list(ids)
        found = await rows_by_id(self._database, Question, ids)
        if self._database.may_lag and (missing := [key for key in ids if key not in found]):
            # They may be newer than what the read replica knows.
            async with self._database.transaction() as session:
                found |= await QuestionRepository(session).get_many(missing)
        is_service = viewer.service is not None
        return {
            key: question for key, question in found.items() if is_service or may_see(question.status, viewer.roles)
        }

    async def whole(self, ids: Iterable[UUID]) -> dict[UUID, Question]:
        """The questions with test cases, editorial and solution; the caller has checked who may see them."""
        async with self._database.session() as session:
            return await QuestionRepository(session).whole(ids)

    async def material(self, viewer: Viewer, question_id: UUID) -> Material:
        """Hints, editorial and test cases of a question, each as far as the viewer may see it. Raises QuestionNotFound."""
        await self.get(viewer, question_id)
        async with self._database.session() as session:
            row = (await QuestionRepository(session).whole([question_id]))[question_id]
            progress = None
            if viewer.user_id is not None:
                progress = (await ProgressRepository(session).progress_of(viewer.user_id, [question_id])).get(
                    question_id
                )
        status = progress.status if progress is not None else None
        return Material(
            hints=list(row.hints) if may_see_hints(status, viewer.roles) else None,
            editorial=row.editorial if may_see_editorial(status, viewer.roles) else None,
            test_cases=list(row.test_cases or []) if may_see_cases(viewer.roles) else None,
        )

    async def for_judge(self, viewer: Viewer, question_id: UUID) -> Question:
        """A question with its hidden cases, for services. Raises NotAllowed for people, QuestionNotFound."""
        viewer.require_service()
        found = await self.whole([question_id])
        if question_id not in found:
            raise QuestionNotFound(str(question_id))
        return found[question_id]

    async def pick(self, match_id: UUID, user_ids: Sequence[UUID], wish: PickWish, known_to: UUID | None) -> Pick:
        """Choose a question for a match and note it as seen by both; the same match always gets the same one.

        Raises NoQuestionFits when the bank has nothing in this language.
        """
        for weaker, must_be_new in relaxations(wish):
            async with driver_statement(self._database) as driver:
                pick = await pick_question(
                    driver, match_id, user_ids, weaker, must_be_new=must_be_new, known_to=known_to
                )
            if pick is not None:
                return pick
        # Another process may have chosen while we did.
        async with driver_statement(self._database) as driver:
            chosen = await picked_question(driver, match_id)
        if chosen is None:
            raise NoQuestionFits(f"The bank has no published question for {wish.language}.")
        return chosen

    async def load_bank(self, documents: Sequence[Mapping[str, Any]]) -> dict[str, int]:
        """Bring the bank's questions into the table, by (source, slug); how many were created, changed and unchanged."""
        counts = {"created": 0, "changed": 0, "unchanged": 0}
        async with self._database.transaction() as session:
            repository = QuestionRepository(session)
            for document in documents:
                counts[await repository.upsert(document)] += 1
        return counts

    def _visible(self, viewer: Viewer, wanted: QuestionFilter) -> QuestionFilter:
        if wanted.progress:
            wanted = replace(wanted, user_id=viewer.require_user())
        if viewer.roles.intersection(AUTHOR_ROLES):
            return wanted
        return replace(wanted, statuses=(QuestionStatus.PUBLISHED,))
