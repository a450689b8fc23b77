"""DataLoaders: many lookups of the same kind become one statement.

They batch but do not remember: on a WebSocket the context lives as long as the connection, and a match changes meanwhile.
"""

from __future__ import annotations

from uuid import UUID

from strawberry.dataloader import DataLoader

from ..kit.outage import patient
from .context import Context
from .models import Match, MatchRequest

MAX_BATCH = 1000


def match_loader(context: Context) -> DataLoader[UUID, Match | None]:
    """Matches by id."""
    if "matches" not in context.loaders:

        async def load(ids: list[UUID]) -> list[Match | None]:
            found = await context.services.matching.matches_by_id(ids)
            return [found.get(id) for id in ids]

        context.loaders["matches"] = DataLoader(patient(context, load), max_batch_size=MAX_BATCH, cache=False)
    loader: DataLoader[UUID, Match | None] = context.loaders["matches"]
    return loader


def ticket_loader(context: Context) -> DataLoader[UUID, MatchRequest | None]:
    """Tickets by id."""
    if "tickets" not in context.loaders:

        async def load(ids: list[UUID]) -> list[MatchRequest | None]:
            found = await context.services.matching.tickets_by_id(ids)
            return [found.get(id) for id in ids]

        context.loaders["tickets"] = DataLoader(patient(context, load), max_batch_size=MAX_BATCH, cache=False)
    loader: DataLoader[UUID, MatchRequest | None] = context.loaders["tickets"]
    return loader


def newest_matches_loader(context: Context, first: int) -> DataLoader[UUID, list[Match]]:
    """The newest `first` matches of people, by person."""
    name = f"newest_matches_{first}"
    if name not in context.loaders:

        async def load(user_ids: list[UUID]) -> list[list[Match]]:
            found = await context.services.matching.newest_matches(user_ids, first)
            return [found.get(user_id, []) for user_id in user_ids]

        context.loaders[name] = DataLoader(patient(context, load), max_batch_size=MAX_BATCH, cache=False)
    loader: DataLoader[UUID, list[Match]] = context.loaders[name]
    return loader
