"""What people have done: attempts, progress, streaks, and the statistics of questions that come of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.auth import Viewer
from ..kit.database import Database
from ..kit.errors import NotAllowed
from ..kit.events import Event, Outbox
from ..kit.idempotency import IdempotencyKeys
from ..kit.pagination import Page, PageRequest
from .models import Attempt, Idempotency, QuestionProgress, QuestionStatistics
from .progress_repository import ProgressRepository
from .rules import ProgressStatus, streaks


@dataclass(frozen=True, slots=True)
class ProgressSummary:
    """One person's progress over all questions; streaks in days."""

    solved: int
    attempted: int
    seen: int
    solved_by_difficulty: dict[str, int]
    current_streak: int
    longest_streak: int


class ProgressService:
    """Attempts and progress per person, statistics per question."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    async def attempts(
        self, viewer: Viewer, user_id: UUID, question_id: UUID | None, request: PageRequest
    ) -> Page[Attempt]:
        """One person's attempts, newest first. Raises NotAllowed for those of others."""
        return (await self.attempts_of(viewer, [user_id], question_id, request))[user_id]

    async def attempts_of(
        self, viewer: Viewer, user_ids: Collection[UUID], question_id: UUID | None, request: PageRequest
    ) -> dict[UUID, Page[Attempt]]:
        """The attempts of each of these people, in one statement. Raises NotAllowed where one is somebody else."""
        require_self(viewer, user_ids)
        async with self._database.session() as session:
            return await ProgressRepository(session).attempts(user_ids, question_id, request)

    async def count_attempts_of(
        self, viewer: Viewer, user_ids: Collection[UUID], question_id: UUID | None
    ) -> dict[UUID, int]:
        require_self(viewer, user_ids)
        async with self._database.session() as session:
            return await ProgressRepository(session).count_attempts(user_ids, question_id)

    async def summary(self, viewer: Viewer, user_id: UUID) -> ProgressSummary:
        """One person's progress over all questions. Raises NotAllowed for that of others."""
        return (await self.summaries(viewer, [user_id]))[user_id]

    async def summaries(self, viewer: Viewer, user_ids: Collection[UUID]) -> dict[UUID, ProgressSummary]:
        """The progress of each of these people, in three statements. Raises NotAllowed where one is somebody else."""
        require_self(viewer, user_ids)
        async with self._database.session() as session:
            repository = ProgressRepository(session)
            counts = await repository.status_counts(user_ids)
            by_difficulty = await repository.solved_by_difficulty(user_ids)
            days = await repository.active_days(user_ids)
        today = datetime.now(UTC).date()
        return {id: _summary(counts[id], by_difficulty[id], streaks(days[id], today)) for id in user_ids}

    async def progress_of(self, user_id: UUID, question_ids: Iterable[UUID]) -> dict[UUID, QuestionProgress]:
        """What this person has done with each of these questions, in one statement."""
        async with self._database.session() as session:
            return await ProgressRepository(session).progress_of(user_id, question_ids)

    async def statistics(self, question_ids: Sequence[UUID]) -> dict[UUID, QuestionStatistics]:
        """The statistics of each of these questions, in one statement."""
        async with self._database.session() as session:
            return await ProgressRepository(session).statistics(question_ids)

    async def on_submission_judged(self, session: AsyncSession, event: Event) -> None:
        """Keep the attempt of everybody in the session, move their progress, and count it for the question."""
        is_accepted = event.data["verdict"] == "ACCEPTED"
        user_ids = sorted({UUID(user_id) for user_id in event.data["user_ids"]})
        question_id = UUID(event.data["question_id"])
        repository = ProgressRepository(session)
        new_solvers = len(user_ids) - await repository.count_solvers(user_ids, question_id) if is_accepted else 0
        for user_id in user_ids:
            attempt = Attempt(
                event_id=event.id,
                user_id=user_id,
                question_id=question_id,
                session_id=UUID(event.data["session_id"]) if event.data.get("session_id") else None,
                language=event.data.get("language", ""),
                verdict=event.data["verdict"],
                passed=event.data.get("passed", 0),
                total=event.data.get("total", 0),
                time_ms=event.data.get("time_ms"),
                submitted_at=event.occurred_at,
            )
            repository.add_attempt(attempt)
        await repository.raise_progress(
            user_ids,
            question_id,
            ProgressStatus.SOLVED if is_accepted else ProgressStatus.ATTEMPTED,
            attempts=1,
            time_ms=event.data.get("time_ms") if is_accepted else None,
        )
        accepted = len(user_ids) if is_accepted else 0
        await repository.count_attempts_of(question_id, attempts=len(user_ids), accepted=accepted, solvers=new_solvers)

    async def on_user_deleted(self, session: AsyncSession, event: Event) -> None:
        """Erase what this subgraph knows of the person, and say so."""
        user_id = event.data["user_id"]
        await ProgressRepository(session).erase_user(UUID(user_id))
        await IdempotencyKeys(Idempotency).forget(session, UUID(user_id))
        self._outbox.add(session, Event("user.erased", user_id, {"user_id": user_id, "subgraph": "questions"}))


def _summary(counts: Mapping[str, int], by_difficulty: dict[str, int], streak: tuple[int, int]) -> ProgressSummary:
    return ProgressSummary(
        solved=counts.get(ProgressStatus.SOLVED, 0),
        attempted=counts.get(ProgressStatus.ATTEMPTED, 0),
        seen=counts.get(ProgressStatus.SEEN, 0),
        solved_by_difficulty=by_difficulty,
        current_streak=streak[0],
        longest_streak=streak[1],
    )


def require_self(viewer: Viewer, user_ids: Collection[UUID]) -> None:
    """Raises NotAllowed where one of them is somebody else, except for admins."""
    me = viewer.require_user()
    if any(id != me for id in user_ids) and not viewer.has_role("admin"):
        raise NotAllowed("What somebody has attempted is shown to that person only.")
