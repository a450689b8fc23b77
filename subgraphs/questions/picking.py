"""The question of a match, chosen, kept and noted as seen by both in one statement: two people wait for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from ..kit.driver_session import DriverSession
from .rules import PickWish


class Pick(NamedTuple):
    """A question chosen for a match."""

    question_id: UUID
    title: str
    difficulty: str
    categories: list[str]
    is_new_to_all: bool


# A published question that fits: what the interviewer has solved or knows first, the best wished difficulty, at random within it. Whoever
# has come further than having seen it stays there. Nothing when none fits, or when another transaction chooses for this match right now.
_PICK = text("""
    WITH chosen_before AS (
        SELECT question_id, is_new_to_all FROM questions.question_picks WHERE match_id = :match_id
    ), chosen AS (
        SELECT question.id FROM questions.questions AS question
        LEFT JOIN questions.question_progress AS known ON known.user_id = :known_to AND known.question_id = question.id
        WHERE NOT EXISTS (SELECT FROM chosen_before)
            AND question.status = 'PUBLISHED'
            AND question.languages @> ARRAY[CAST(:language AS text)]
            AND (cardinality(CAST(:difficulties AS text[])) = 0 OR question.difficulty = ANY(:difficulties))
            AND (cardinality(CAST(:topics AS text[])) = 0 OR question.category && CAST(:topics AS text[]))
            AND NOT (CAST(:must_be_new AS boolean) AND EXISTS (
                SELECT FROM questions.question_progress AS seen
                WHERE seen.question_id = question.id AND seen.user_id = ANY(CAST(:strangers AS uuid[]))
            ))
        ORDER BY (known.status = 'SOLVED') IS TRUE DESC, known.user_id IS NOT NULL DESC,
            array_position(CAST(:difficulties AS text[]), question.difficulty::text), random()
        LIMIT 1
    ), saved AS (
        INSERT INTO questions.question_picks (match_id, question_id, is_new_to_all)
        SELECT :match_id, id, :is_new_to_all FROM chosen
        ON CONFLICT DO NOTHING
        RETURNING question_id, is_new_to_all
    ), seen AS (
        INSERT INTO questions.question_progress (user_id, question_id, status)
        SELECT user_id, question_id, 'SEEN' FROM saved, unnest(CAST(:user_ids AS uuid[])) AS person (user_id) ORDER BY user_id
        ON CONFLICT DO NOTHING
    )
    SELECT question.id, question.title, question.difficulty, question.category, pick.is_new_to_all
    FROM (SELECT * FROM chosen_before UNION ALL SELECT * FROM saved) AS pick
    JOIN questions.questions AS question ON question.id = pick.question_id
""")
_PICKED = text("""
    SELECT question.id, question.title, question.difficulty, question.category, pick.is_new_to_all
    FROM questions.question_picks AS pick JOIN questions.questions AS question ON question.id = pick.question_id
    WHERE pick.match_id = :match_id
""")


async def pick_question(
    driver: DriverSession,
    match_id: UUID,
    user_ids: Sequence[UUID],
    wish: PickWish,
    *,
    must_be_new: bool,
    known_to: UUID | None,
) -> Pick | None:
    """What was chosen for the match before, else a choice of now; None when nothing fits, and while another one is choosing.

    `must_be_new`: to everybody but `known_to`, who shall rather know it.
    """
    values: dict[str, Any] = {
        "match_id": match_id,
        "user_ids": sorted(set(user_ids)),
        "strangers": [user_id for user_id in user_ids if user_id != known_to],
        "known_to": known_to,
        "language": wish.language,
        "difficulties": list(wish.difficulties),
        "topics": list(wish.topics),
        "must_be_new": must_be_new,
        "is_new_to_all": must_be_new and known_to is None,
    }
    return _pick_of(await driver.execute(_PICK, values))


async def picked_question(driver: DriverSession, match_id: UUID) -> Pick | None:
    """What was chosen for the match before."""
    return _pick_of(await driver.execute(_PICKED, {"match_id": match_id}))


def _pick_of(rows: Sequence[Any]) -> Pick | None:
    return Pick(*rows[0]) if rows else None
