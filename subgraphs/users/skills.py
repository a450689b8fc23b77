"""What a session's outcome does to people's ratings, and what a rating is called: pure decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from .glicko2 import MAX_DEVIATION, Glicko, Result, rated, rested
from .rules import SkillLevel

OVERALL = "overall"
RATING_PERIOD = timedelta(days=7)  # a pause of so long makes a rating less certain by one step
# Where everybody starts, whatever they say of themselves; with the greatest uncertainty, so that two or three sessions put it right.
STARTING_RATING = 1300.0
INTERMEDIATE_FROM, ADVANCED_FROM = 1400.0, 1600.0
# The opponent is the question: an even fight for the middle of a level. It is rated by its difficulty alone, hence not for certain.
QUESTION_RATINGS = {"EASY": 1300.0, "MEDIUM": 1500.0, "HARD": 1700.0}
QUESTION_DEVIATION = 100.0
# Solving counts most; how the partner felt about working together counts for the rest.
PEER_WEIGHT = 0.25
PEER_RATINGS = (1, 5)


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


def skill_level_of(rating: float) -> SkillLevel:
    if rating >= ADVANCED_FROM:
        return SkillLevel.ADVANCED
    return SkillLevel.INTERMEDIATE if rating >= INTERMEDIATE_FROM else SkillLevel.BEGINNER


def starting_rating() -> Glicko:
    """Before the first session nothing is certain, and nobody's word is taken for it."""
    return Glicko(STARTING_RATING, MAX_DEVIATION)


def starting_skill(user_id: UUID) -> Skill:
    start = starting_rating()
    return Skill(user_id, TopicSkill(OVERALL, skill_level_of(start.rating), start.rating, start.deviation, 0))


def score_of(*, solved: bool, peer_rating: int | None) -> float:
    """From 0 to 1. A peer rating outside of 1 to 5 counts as none."""
    lowest, highest = PEER_RATINGS
    if peer_rating is None or not lowest <= peer_rating <= highest:
        return float(solved)
    return (1 - PEER_WEIGHT) * solved + PEER_WEIGHT * (peer_rating - lowest) / (highest - lowest)


def rating_after(before: Glicko, *, moved_at: datetime, now: datetime, difficulty: str, score: float) -> Glicko:
    """The rating after one session on a question of this difficulty (an unknown one counts as medium)."""
    opponent = QUESTION_RATINGS.get(difficulty.upper(), QUESTION_RATINGS["MEDIUM"])
    known = rested(before, (now - moved_at) / RATING_PERIOD)
    return rated(known, [Result(opponent, QUESTION_DEVIATION, score)])


def skill_now(topic: str, known: Glicko, *, moved_at: datetime, now: datetime, sessions: int) -> TopicSkill:
    """A rating as it is today: less certain after a pause."""
    today = rested(known, (now - moved_at) / RATING_PERIOD)
    return TopicSkill(topic, skill_level_of(today.rating), today.rating, today.deviation, sessions)
