"""Gather the questions that one request asks for, one by one, into one statement."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from strawberry.dataloader import DataLoader

from ..kit.context import RequestContext
from .models import Question


def question_loader(context: RequestContext[Any]) -> DataLoader[UUID, Question | None]:
    """The loader of this request, made on first use."""

    async def load(ids: list[UUID]) -> list[Question | None]:
        found = await context.services.questions.get_many(context.viewer, ids)
        return [found.get(question_id) for question_id in ids]

    loader = context.loaders.get("questions")
    if loader is None:
        loader = context.loaders["questions"] = DataLoader(load)
    return loader
