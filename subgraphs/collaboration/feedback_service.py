"""What the two say of each other afterwards: sealed until both have spoken or a day has passed, then told as one outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.database import Database
from ..kit.errors import Conflict, InvalidInput
from ..kit.events import Event
from .models import FeedbackRow, SessionRow
from .people_repository import FeedbackRepository
from .repository import SessionRepository
from .rules import FEEDBACK_SEAL, MAX_COMMENT_LENGTH, RUBRIC_AXES, check_rating, is_feedback_open, require_writer
from .writing import SessionWriter, Writing


@dataclass(frozen=True, slots=True)
class GivenFeedback:
    """What one person says of the other. `rubric` rates some of the axes of the rules, each from 1 to 5."""

    rating: int
    has_solved: bool | None
    rubric: dict[str, int]
    comment: str = ""


class FeedbackService:
    """One per process."""

    def __init__(self, database: Database, writer: SessionWriter) -> None:
        self._database = database
        self._writer = writer

    async def give(self, user_id: UUID, session_id: UUID, given: GivenFeedback) -> FeedbackRow:
        """Say it once; with the second of the two, both are opened and the outcome goes out."""
        _check(given)
        async with self._writer.write(session_id, user_id, may_be_closed=True) as writing:
            require_writer(writing.role)
            if writing.row.status != "ended" or writing.row.ended_at is None:
                raise Conflict("Feedback is given when the session has ended.")
            if writing.now >= writing.row.ended_at + FEEDBACK_SEAL:
                # What was said is open by now: nobody answers to it.
                raise Conflict("Feedback is given within 24 hours of the end of a session.")
            others = [id for id in writing.writer_ids if id != user_id]
            if not others:
                raise Conflict("Your partner has deleted the account; there is nobody to give feedback to.")
            feedback = FeedbackRepository(writing.session)
            row = FeedbackRow(
                session_id=session_id,
                author_id=user_id,
                subject_id=others[0],
                rating=given.rating,
                has_solved=given.has_solved,
                rubric=given.rubric,
                comment=given.comment,
                created_at=writing.now,
            )
            if not await feedback.insert_once(row):
                raise Conflict("You have given your feedback already; it cannot be changed.")
            if len(await feedback.of_session(session_id)) >= len(writing.writer_ids):
                await self._send(writing)
        return row

    async def seen_by(self, user_id: UUID, row: SessionRow) -> tuple[FeedbackRow | None, FeedbackRow | None]:
        """What the person gave, and what he got; the latter stays None while it is sealed."""
        async with self._database.session() as session:
            given = await FeedbackRepository(session).of_session(row.id)
            participants = (await SessionRepository(session).participants([row.id])).get(row.id, [])
        mine = next((item for item in given if item.author_id == user_id), None)
        got = next((item for item in given if item.subject_id == user_id), None)
        writers = sum(item.role != "viewer" for item in participants)
        is_open = row.ended_at is not None and is_feedback_open(len(given), writers, row.ended_at, datetime.now(UTC))
        return mine, got if is_open else None

    async def send_outcome(self, session_id: UUID) -> None:
        """Tell the other subgraphs how it went, once; with whatever feedback there is."""
        async with self._writer.write(session_id, None, may_be_closed=True) as writing:
            await self._send(writing)

    async def _send(self, writing: Writing) -> None:
        row = writing.row
        if row.outcome_sent_at is not None:
            return
        row.outcome_sent_at = writing.now
        given = await FeedbackRepository(writing.session).of_session(row.id)
        solved = await _is_solved(writing.session, row, given)
        outcomes = []
        for user_id in writing.writer_ids:
            got = next((item for item in given if item.subject_id == user_id), None)
            said = solved if solved else bool(got and got.has_solved)
            outcomes.append({"user_id": str(user_id), "solved": said, "peer_rating": got.rating if got else None})
        data = {
            "session_id": str(row.id),
            "match_id": str(row.match_id) if row.match_id else None,
            "question_id": str(row.question_id) if row.question_id else None,
            "difficulty": row.difficulty,
            "topics": row.topics,
            "user_ids": [str(user_id) for user_id in writing.writer_ids],
            "outcomes": outcomes,
        }
        writing.tell(Event("session.outcome", str(row.id), data))


async def _is_solved(session: AsyncSession, row: SessionRow, given: Sequence[FeedbackRow]) -> bool:
    """An accepted submission of this session counts for both who made it together."""
    return await FeedbackRepository(session).has_accepted_submission(row.id)


def _check(given: GivenFeedback) -> None:
    check_rating(given.rating, "input.rating")
    for axis, value in given.rubric.items():
        if axis not in RUBRIC_AXES:
            raise InvalidInput(f"rubric has no {axis!r}; it has {', '.join(RUBRIC_AXES)}.", field="input.rubric")
        check_rating(value, f"input.rubric.{axis}")
    if len(given.comment) > MAX_COMMENT_LENGTH or "\x00" in given.comment:
        raise InvalidInput(
            f"comment has {len(given.comment)} characters; at most {MAX_COMMENT_LENGTH} are allowed.",
            field="input.comment",
        )
