"""What is known of people's skill, as other subgraphs and the GraphQL face see it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from .rules import SkillLevel


@dataclass(frozen=True, slots=True)
class TopicSkill:
    """A rating with its uncertainty (both on Glicko's scale: 1500 is the middle) and what it is called for people."""

    topic: str
    level: SkillLevel
    rating: float
    deviation: float
    sessions: int


@dataclass(frozen=True, slots=True)
class Skill:
    """One person's skill: overall, and by topic where sessions have measured it."""

    user_id: UUID
    overall: TopicSkill
    by_topic: tuple[TopicSkill, ...] = ()
