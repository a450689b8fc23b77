"""The use cases of skill: moved by what sessions prove, shown to people, asked by the matching."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.database import Database
from ..kit.events import Event, JsonObject
from ..kit.pagination import Page, PageRequest
from .glicko2 import Glicko
from .models import Rating, RatingChange, User
from .rating_repository import RatingRepository
from .repository import UserRepository
from .skills import (
    OVERALL,
    Skill,
    TopicSkill,
    rating_after,
    score_of,
    skill_level_of,
    skill_now,
    starting_rating,
    starting_skill,
)

logger = structlog.get_logger(__name__)

MAX_TOPICS_PER_SESSION = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one session proved about one person."""

    user_id: UUID
    session_id: UUID
    difficulty: str
    topics: tuple[str, ...]
    score: float
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class RatingService:
    """Owns the transactions around ratings."""

    database: Database
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def skills(self, user_ids: Sequence[UUID]) -> list[Skill]:
        """Skill of these people, in this order; strangers are beginners about whom nothing is known."""
        async with self.database.session() as session:
            ratings = await RatingRepository(session).list_of(user_ids)
        topics: dict[UUID, dict[str, TopicSkill]] = defaultdict(dict)
        for rating in ratings:
            topics[rating.user_id][rating.topic] = self._skill_now(rating)
        return [_skill_from(user_id, topics[user_id]) for user_id in user_ids]

    async def histories(
        self, user_ids: Collection[UUID], topic: str, request: PageRequest
    ) -> dict[UUID, Page[RatingChange]]:
        """How a rating of each of these people moved, newest first: for a chart."""
        async with self.database.session() as session:
            return await RatingRepository(session).pages_of_changes(user_ids, topic, request)

    async def count_histories(self, user_ids: Collection[UUID], topic: str) -> dict[UUID, int]:
        async with self.database.session() as session:
            return await RatingRepository(session).count_changes(user_ids, topic)

    async def session_outcome(self, session: AsyncSession, event: Event) -> None:
        """Move the ratings of everybody who took part (the handler of `session.outcome`)."""
        # In the order of ids, so that two outcomes with the same people cannot lock each other out.
        for outcome in sorted(outcomes_from(event), key=lambda one: one.user_id):
            user = await UserRepository(session).get_for_update(outcome.user_id)
            if user is not None and user.deleted_at is None:
                await self._apply(session, user, outcome)

    async def _apply(self, session: AsyncSession, user: User, outcome: Outcome) -> None:
        repository = RatingRepository(session)
        known = await repository.lock(user.id, (OVERALL, *outcome.topics))
        start = starting_rating()
        for topic in (OVERALL, *outcome.topics):
            row = known.get(topic)
            before = Glicko(row.rating, row.deviation, row.volatility) if row else start
            moved_at = row.moved_at if row else outcome.occurred_at
            after = rating_after(
                before, moved_at=moved_at, now=outcome.occurred_at, difficulty=outcome.difficulty, score=outcome.score
            )
            if not await repository.add_change(_change(outcome, topic, after)):
                continue
            row = row or Rating(user_id=user.id, topic=topic, sessions=0)
            row.rating, row.deviation, row.volatility = after.rating, after.deviation, after.volatility
            row.sessions += 1
            row.moved_at = outcome.occurred_at
            repository.add(row)
            if topic == OVERALL and (level := skill_level_of(after.rating)) != user.skill_level:
                user.skill_level = level
                user.version += 1  # so that the ETag changes with what it stands for

    def _skill_now(self, rating: Rating) -> TopicSkill:
        known = Glicko(rating.rating, rating.deviation, rating.volatility)
        return skill_now(rating.topic, known, moved_at=rating.moved_at, now=self.clock(), sessions=rating.sessions)


def outcomes_from(event: Event) -> list[Outcome]:
    """What the event says of each person. Whoever did not take part, and what is malformed, is left out: it must not block what follows."""
    members = {str(id) for id in event.data.get("user_ids") or []}
    outcomes = []
    for given in event.data.get("outcomes") or []:
        try:
            if str(given["user_id"]) in members:
                outcomes.append(_outcome_from(event, given))
        except (KeyError, TypeError, ValueError):
            logger.exception("outcome.malformed", event_id=str(event.id))
    return outcomes


def _outcome_from(event: Event, given: JsonObject) -> Outcome:
    data = event.data
    topics = [str(topic)[:100] for topic in data.get("topics") or [] if topic and topic != OVERALL]
    return Outcome(
        user_id=UUID(str(given["user_id"])),
        session_id=UUID(str(data["session_id"])),
        difficulty=str(data.get("difficulty") or ""),
        topics=tuple(dict.fromkeys(topics))[:MAX_TOPICS_PER_SESSION],
        score=score_of(solved=bool(given.get("solved")), peer_rating=given.get("peer_rating")),
        occurred_at=event.occurred_at,
    )


def _skill_from(user_id: UUID, topics: dict[str, TopicSkill]) -> Skill:
    overall = topics.get(OVERALL) or starting_skill(user_id).overall
    return Skill(user_id, overall, tuple(skill for topic, skill in topics.items() if topic != OVERALL))


def _change(outcome: Outcome, topic: str, after: Glicko) -> RatingChange:
    return RatingChange(
        user_id=outcome.user_id,
        topic=topic,
        session_id=outcome.session_id,
        rating=after.rating,
        deviation=after.deviation,
        recorded_at=outcome.occurred_at,
    )
