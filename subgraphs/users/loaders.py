"""DataLoaders of one request: many lookups of the same kind become one statement."""

from __future__ import annotations

from uuid import UUID

from strawberry.dataloader import DataLoader

from .context import Context
from .models import User


def user_loader(context: Context) -> DataLoader[UUID, User | None]:
    """Accounts by id; None for an id that is nobody's."""
    if "users" not in context.loaders:

        async def load(ids: list[UUID]) -> list[User | None]:
            found = await context.services.users.get_many(ids)
            return [found.get(id) for id in ids]

        context.loaders["users"] = DataLoader(load, max_batch_size=1000)
    loader: DataLoader[UUID, User | None] = context.loaders["users"]
    return loader
