"""Gather the questions that one request asks for, one by one, into one statement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from ..kit.context import RequestContext
from ..kit.pagination import Page, PageRequest
from .models import Attempt, Question, QuestionProgress, QuestionRevision, QuestionStatistics
from .progress_service import ProgressSummary

MAX_BATCH = 1000
V = TypeVar("V")


def question_loader(context: RequestContext[Any]) -> DataLoader[UUID, Question | None]:
    """The loader of this request, made on first use."""

    async def load(ids: list[UUID]) -> list[Question | None]:
        found = await context.services.questions.get_many(context.viewer, ids)
        return [found.get(question_id) for question_id in ids]

    return _loader(context, "questions", load)


def progress_loader(context: RequestContext[Any]) -> DataLoader[UUID, QuestionProgress | None]:
    """What the viewer has done with each question."""

    async def load(ids: list[UUID]) -> list[QuestionProgress | None]:
        found = await context.services.progress.progress_of(context.viewer.require_user(), ids)
        return [found.get(question_id) for question_id in ids]

    return _loader(context, "progress", load)


def statistics_loader(context: RequestContext[Any]) -> DataLoader[UUID, QuestionStatistics | None]:
    """What all people have done with each question."""

    async def load(ids: list[UUID]) -> list[QuestionStatistics | None]:
        found = await context.services.progress.statistics(ids)
        return [found.get(question_id) for question_id in ids]

    return _loader(context, "statistics", load)


def whole_loader(context: RequestContext[Any]) -> DataLoader[UUID, Question]:
    """Questions with their large columns; only for those that the viewer may see in full."""

    async def load(ids: list[UUID]) -> list[Question]:
        found = await context.services.questions.whole(ids)
        return [found[question_id] for question_id in ids]

    return _loader(context, "whole", load)


def attempts_loader(
    context: RequestContext[Any], question_id: UUID | None, request: PageRequest
) -> DataLoader[UUID, Page[Attempt]]:
    """The same page of people's attempts, by the person's id; only for those whom the viewer may see."""

    async def load(ids: list[UUID]) -> list[Page[Attempt]]:
        found = await context.services.progress.attempts_of(context.viewer, ids, question_id, request)
        return [found[user_id] for user_id in ids]

    return _loader(context, f"attempts {request.first} {request.after} {question_id}", load)


def attempt_count_loader(context: RequestContext[Any], question_id: UUID | None) -> DataLoader[UUID, int]:
    """How many attempts people have made, by the person's id; only for those whom the viewer may see."""

    async def load(ids: list[UUID]) -> list[int]:
        found = await context.services.progress.count_attempts_of(context.viewer, ids, question_id)
        return [found[user_id] for user_id in ids]

    return _loader(context, f"attempt count {question_id}", load)


def summary_loader(context: RequestContext[Any]) -> DataLoader[UUID, ProgressSummary]:
    """People's progress over all questions, by the person's id; only for those whom the viewer may see."""

    async def load(ids: list[UUID]) -> list[ProgressSummary]:
        found = await context.services.progress.summaries(context.viewer, ids)
        return [found[user_id] for user_id in ids]

    return _loader(context, "summaries", load)


def revisions_loader(context: RequestContext[Any], request: PageRequest) -> DataLoader[UUID, Page[QuestionRevision]]:
    """The same page of questions' histories, by the question's id; for authors."""

    async def load(ids: list[UUID]) -> list[Page[QuestionRevision]]:
        found = await context.services.authoring.revisions_of(context.viewer, ids, request)
        return [found[question_id] for question_id in ids]

    return _loader(context, f"revisions {request.first} {request.after}", load)


def revision_count_loader(context: RequestContext[Any]) -> DataLoader[UUID, int]:
    """How many revisions questions have, by the question's id."""

    async def load(ids: list[UUID]) -> list[int]:
        found = await context.services.authoring.count_revisions(ids)
        return [found[question_id] for question_id in ids]

    return _loader(context, "revision count", load)


def _loader(
    context: RequestContext[Any], name: str, load: Callable[[list[UUID]], Awaitable[list[V]]]
) -> DataLoader[UUID, V]:
    """The request's loader of this name, made on first use."""
    if name not in context.loaders:
        context.loaders[name] = DataLoader(load, max_batch_size=MAX_BATCH)
    loader: DataLoader[UUID, V] = context.loaders[name]
    return loader
