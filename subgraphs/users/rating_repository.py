"""Every SQL statement on ratings and their history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.pagination import Page, PageRequest, SortKey, fetch_counts, fetch_pages
from .models import Rating, RatingChange

HISTORY_ORDER = (SortKey("seq", RatingChange.seq, descending=True),)


class RatingRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def list_of(self, user_ids: Iterable[UUID]) -> list[Rating]:
        """All ratings of these people, by topic."""
        statement = select(Rating).where(Rating.user_id.in_(set(user_ids)))
        return list(await self.session.scalars(statement.order_by(Rating.user_id, Rating.topic)))

    async def lock(self, user_id: UUID, topics: Sequence[str]) -> dict[str, Rating]:
        """The ratings of one person in these topics, by topic, locked."""
        statement = select(Rating).where(Rating.user_id == user_id, Rating.topic.in_(topics))
        rows = await self.session.scalars(statement.order_by(Rating.topic).with_for_update())
        return {row.topic: row for row in rows}

    async def is_measured(self, user_id: UUID) -> bool:
        """Whether any session has moved a rating of this person."""
        statement = select(Rating.topic).where(Rating.user_id == user_id).limit(1)
        return (await self.session.scalar(statement)) is not None

    def add(self, rating: Rating) -> None:
        self.session.add(rating)

    async def add_change(self, change: RatingChange) -> bool:
        """Note what a session did; False when it was noted before."""
        values = {
            "user_id": change.user_id,
            "topic": change.topic,
            "session_id": change.session_id,
            "rating": change.rating,
            "deviation": change.deviation,
            "recorded_at": change.recorded_at,
        }
        statement = insert(RatingChange).values(values).on_conflict_do_nothing().returning(RatingChange.seq)
        return (await self.session.execute(statement)).first() is not None

    async def list_changes(self, user_id: UUID, limit: int) -> list[RatingChange]:
        """All points of all charts of a person, newest first."""
        statement = select(RatingChange).where(RatingChange.user_id == user_id).order_by(RatingChange.seq.desc())
        return list(await self.session.scalars(statement.limit(limit)))

    async def pages_of_changes(
        self, user_ids: Collection[UUID], topic: str, request: PageRequest
    ) -> dict[UUID, Page[RatingChange]]:
        """The charts of one topic of these people, newest first."""
        of_topic = RatingChange.topic == topic
        return await fetch_pages(
            self.session, RatingChange, RatingChange.user_id, user_ids, HISTORY_ORDER, request, of_topic
        )

    async def count_changes(self, user_ids: Collection[UUID], topic: str) -> dict[UUID, int]:
        return await fetch_counts(self.session, RatingChange.user_id, user_ids, RatingChange.topic == topic)

    async def erase(self, user_id: UUID) -> None:
        await self.session.execute(delete(RatingChange).where(RatingChange.user_id == user_id))
        await self.session.execute(delete(Rating).where(Rating.user_id == user_id))
