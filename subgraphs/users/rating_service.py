"""The use cases of skill: what is known of people, as the matching asks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from ..kit.database import Database
from .repository import UserRepository
from .rules import SkillLevel
from .skills import Skill, TopicSkill

INITIAL_RATINGS = {SkillLevel.BEGINNER: 1300.0, SkillLevel.INTERMEDIATE: 1500.0, SkillLevel.ADVANCED: 1700.0}


@dataclass(frozen=True, slots=True)
class RatingService:
    """Owns the transactions around ratings."""

    database: Database

    async def skills(self, user_ids: Sequence[UUID]) -> list[Skill]:
        """Skill of these people, in this order; those who do not exist are beginners about whom nothing is known."""
        async with self.database.session() as session:
            users = await UserRepository(session).get_many(user_ids)
        skills = []
        for user_id in user_ids:
            level = SkillLevel(users[user_id].skill_level) if user_id in users else SkillLevel.BEGINNER
            skills.append(Skill(user_id, TopicSkill("overall", level, INITIAL_RATINGS[level], 350.0, 0)))
        return skills
