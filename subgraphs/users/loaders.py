"""DataLoaders of one request: many lookups of the same kind become one statement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from ..kit.auth import Viewer
from ..kit.pagination import Page, PageRequest
from .context import Context
from .models import RatingChange, User
from .skills import Skill

MAX_BATCH = 1000
K = TypeVar("K")
V = TypeVar("V")


def user_loader(context: Context) -> DataLoader[UUID, User | None]:
    """Accounts by id; None for an id that is nobody's."""

    async def load(ids: list[UUID]) -> list[User | None]:
        found = await context.services.users.get_many(ids)
        return [found.get(id) for id in ids]

    return _loader(context, "users", load)


def skill_loader(context: Context) -> DataLoader[UUID, Skill]:
    """Skill by a person's id."""

    async def load(ids: list[UUID]) -> list[Skill]:
        return await context.services.ratings.skills(ids)

    return _loader(context, "skills", load)


def roles_loader(context: Context) -> DataLoader[Viewer, frozenset[str] | None]:
    """The roles that the viewer, the only key, holds now; None for a log-in that has ended."""

    async def load(viewers: list[Viewer]) -> list[frozenset[str] | None]:
        return [await context.services.users.roles_now(viewer) for viewer in viewers]

    return _loader(context, "roles", load)


def history_loader(context: Context, topic: str, request: PageRequest) -> DataLoader[UUID, Page[RatingChange]]:
    """The same page of the chart of one topic, by a person's id."""

    async def load(ids: list[UUID]) -> list[Page[RatingChange]]:
        found = await context.services.ratings.histories(ids, topic, request)
        return [found[id] for id in ids]

    return _loader(context, f"history {request.first} {request.after} {topic}", load)


def history_count_loader(context: Context, topic: str) -> DataLoader[UUID, int]:
    """How many points the chart of one topic has, by a person's id."""

    async def load(ids: list[UUID]) -> list[int]:
        found = await context.services.ratings.count_histories(ids, topic)
        return [found[id] for id in ids]

    return _loader(context, f"history count {topic}", load)


def _loader(context: Context, name: str, load: Callable[[list[K]], Awaitable[list[V]]]) -> DataLoader[K, V]:
    """The request's loader of this name, made on first use."""
    if name not in context.loaders:
        context.loaders[name] = DataLoader(load, max_batch_size=MAX_BATCH)
    loader: DataLoader[K, V] = context.loaders[name]
    return loader
