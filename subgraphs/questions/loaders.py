"""Gather the questions that one request asks for, one by one, into one statement."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from strawberry.dataloader import DataLoader

from ..kit.context import RequestContext
from .models import Question, QuestionProgress, QuestionStatistics


def question_loader(context: RequestContext[Any]) -> DataLoader[UUID, Question | None]:
    """The loader of this request, made on first use."""

    async def load(ids: list[UUID]) -> list[Question | None]:
        found = await context.services.questions.get_many(context.viewer, ids)
        return [found.get(question_id) for question_id in ids]

    loader = context.loaders.get("questions")
    if loader is None:
        loader = context.loaders["questions"] = DataLoader(load)
    return loader


def progress_loader(context: RequestContext[Any]) -> DataLoader[UUID, QuestionProgress | None]:
    """What the viewer has done with each question."""

    async def load(ids: list[UUID]) -> list[QuestionProgress | None]:
        found = await context.services.progress.progress_of(context.viewer.require_user(), ids)
        return [found.get(question_id) for question_id in ids]

    loader = context.loaders.get("progress")
    if loader is None:
        loader = context.loaders["progress"] = DataLoader(load)
    return loader


def statistics_loader(context: RequestContext[Any]) -> DataLoader[UUID, QuestionStatistics | None]:
    """What all people have done with each question."""

    async def load(ids: list[UUID]) -> list[QuestionStatistics | None]:
        found = await context.services.progress.statistics(ids)
        return [found.get(question_id) for question_id in ids]

    loader = context.loaders.get("statistics")
    if loader is None:
        loader = context.loaders["statistics"] = DataLoader(load)
    return loader


def whole_loader(context: RequestContext[Any]) -> DataLoader[UUID, Question]:
    """Questions with their large columns; only for those that the viewer may see in full."""

    async def load(ids: list[UUID]) -> list[Question]:
        found = await context.services.questions.whole(ids)
        return [found[question_id] for question_id in ids]

    loader = context.loaders.get("whole")
    if loader is None:
        loader = context.loaders["whole"] = DataLoader(load)
    return loader
