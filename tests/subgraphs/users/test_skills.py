"""What a session does to ratings, as pure decisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from subgraphs.kit.events import Event
from subgraphs.users.glicko2 import Glicko
from subgraphs.users.rating_service import outcomes_from
from subgraphs.users.skills import rating_after, score_of, skill_level_of, skill_now, starting_rating

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rating", "level"),
    [(1399.9, "beginner"), (1400.0, "intermediate"), (1599.9, "intermediate"), (1600.0, "advanced")],
)
def test_a_rating_is_shown_as_a_level(rating: float, level: str) -> None:
    assert skill_level_of(rating) == level


def test_everybody_starts_as_a_beginner_about_whom_nothing_is_certain() -> None:
    start = starting_rating()
    assert (skill_level_of(start.rating), start.deviation) == ("beginner", 350)


@pytest.mark.parametrize(
    ("solved", "peer_rating", "score"),
    [
        (True, None, 1.0),
        (False, None, 0.0),
        (True, 5, 1.0),
        (True, 1, 0.75),
        (False, 5, 0.25),
        (False, 3, 0.125),
        (True, 0, 1.0),
        (False, 99, 0.0),
    ],
)
def test_solving_counts_most_and_the_partner_for_the_rest(solved: bool, peer_rating: int | None, score: float) -> None:
    assert score_of(solved=solved, peer_rating=peer_rating) == score


def test_a_hard_question_solved_lifts_more_than_an_easy_one() -> None:
    before = Glicko(1500, 100)

    def after(difficulty: str) -> float:
        return rating_after(before, moved_at=NOW, now=NOW, difficulty=difficulty, score=1.0).rating

    assert 1500 < after("EASY") < after("MEDIUM") < after("HARD")
    assert after("unheard of") == after("medium")


def test_a_rating_is_less_certain_after_a_pause() -> None:
    known = Glicko(1500, 60)
    fresh = skill_now("Recursion", known, moved_at=NOW, now=NOW, sessions=9)
    stale = skill_now("Recursion", known, moved_at=NOW, now=NOW + timedelta(days=365), sessions=9)
    assert fresh.deviation == pytest.approx(60)
    assert stale.deviation > 90
    assert stale.rating == fresh.rating


def test_an_outcome_about_somebody_who_did_not_take_part_is_left_out() -> None:
    ada, eve = str(uuid4()), str(uuid4())
    data = {
        "session_id": str(uuid4()),
        "difficulty": "HARD",
        "topics": ["Recursion", "Recursion", "overall", None, "Graphs"],
        "user_ids": [ada],
        "outcomes": [
            {"user_id": ada, "solved": True, "peer_rating": 5},
            {"user_id": eve, "solved": True, "peer_rating": 5},
            {"solved": True},
            {"user_id": "nonsense", "solved": True},
        ],
    }
    (outcome,) = outcomes_from(Event("session.outcome", data["session_id"], data))  # type: ignore[arg-type]
    assert (str(outcome.user_id), outcome.topics, outcome.score) == (ada, ("Recursion", "Graphs"), 1.0)


def test_a_malformed_outcome_moves_nothing_and_does_not_block_those_after_it() -> None:
    assert outcomes_from(Event("session.outcome", "x", {})) == []
    assert outcomes_from(Event("session.outcome", "x", {"user_ids": ["a"], "outcomes": [{"user_id": "a"}]})) == []
