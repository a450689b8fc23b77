"""Attempts, progress and statistics on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.auth import Viewer
from subgraphs.kit.database import Database
from subgraphs.kit.errors import NotAllowed
from subgraphs.kit.events import Event
from subgraphs.kit.events import Outbox as OutboxRelay
from subgraphs.kit.idempotency import IdempotencyKeys, idempotent_call
from subgraphs.kit.pagination import PageRequest
from subgraphs.questions.bank import BANK_PATH, load_bank
from subgraphs.questions.documents import columns_from
from subgraphs.questions.models import Idempotency, Outbox
from subgraphs.questions.progress_service import ProgressService
from subgraphs.questions.rules import ProgressFilter, QuestionFilter, streaks
from subgraphs.questions.service import QuestionOrder, QuestionService

BANK = load_bank(BANK_PATH)[:3]
PERSON, STRANGER = Viewer(user_id=uuid4()), Viewer(user_id=uuid4())


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    database = Database(fresh_database_url)
    await QuestionService(database).load_bank([columns_from(question) for question in BANK])
    yield database
    await database.dispose()


@pytest.fixture
def service(database: Database) -> ProgressService:
    return ProgressService(database, OutboxRelay(Outbox, "questions"))


async def question_id(database: Database) -> UUID:
    page = await QuestionService(database).find(PERSON, QuestionFilter(), QuestionOrder.TITLE, PageRequest(1))
    return page.items[0].id


async def judged(database: Database, service: ProgressService, verdict: str, **changes: Any) -> Event:
    data = {
        "user_ids": [str(PERSON.user_id)],
        "question_id": str(await question_id(database)),
        "session_id": str(uuid4()),
        "language": "PYTHON",
        "verdict": verdict,
        "passed": 3,
        "total": 8,
        "time_ms": 12,
    }
    event = Event("submission.judged", "s", {**data, **changes}, occurred_at=datetime.now(UTC))
    async with database.transaction() as session:
        await service.on_submission_judged(session, event)
    return event


async def test_progress_only_rises_and_attempts_are_counted(database: Database, service: ProgressService) -> None:
    for verdict, milliseconds in (("WRONG_ANSWER", 5), ("ACCEPTED", 40), ("ACCEPTED", 30), ("TIME_LIMIT", 2000)):
        await judged(database, service, verdict, time_ms=milliseconds)

    id = await question_id(database)
    progress = (await service.progress_of(PERSON.require_user(), [id]))[id]
    assert (progress.status, progress.attempts, progress.best_time_ms) == ("SOLVED", 4, 30)
    attempts = await service.attempts(PERSON, PERSON.require_user(), id, PageRequest(3))
    assert [attempt.verdict for attempt in attempts.items] == ["TIME_LIMIT", "ACCEPTED", "ACCEPTED"]
    assert attempts.has_next_page
    counted = (await service.statistics([id]))[id]
    assert (counted.attempts, counted.accepted, counted.solvers) == (4, 2, 1)


async def test_questions_are_filtered_by_what_i_have_done_with_them(
    database: Database, service: ProgressService
) -> None:
    await judged(database, service, "WRONG_ANSWER")
    questions = QuestionService(database)

    async def found(progress: ProgressFilter, viewer: Viewer = PERSON) -> int:
        wanted = QuestionFilter(progress=(progress,))
        return len((await questions.find(viewer, wanted, QuestionOrder.TITLE, PageRequest())).items)

    assert (
        await found(ProgressFilter.ATTEMPTED),
        await found(ProgressFilter.NEW),
        await found(ProgressFilter.SOLVED),
    ) == (1, 2, 0)
    assert await found(ProgressFilter.NEW, STRANGER) == 3


async def test_what_somebody_has_attempted_is_shown_to_nobody_else(service: ProgressService) -> None:
    with pytest.raises(NotAllowed):
        await service.attempts(STRANGER, PERSON.require_user(), None, PageRequest())
    with pytest.raises(NotAllowed):
        await service.summary(STRANGER, PERSON.require_user())


async def test_deleting_a_person_erases_attempts_and_progress_and_tells_so(
    database: Database, service: ProgressService
) -> None:
    await judged(database, service, "ACCEPTED")
    call = idempotent_call("k", owner=PERSON.user_id, operation="createQuestion", request={})
    keys = IdempotencyKeys(Idempotency)
    async with database.transaction() as session:
        await keys.recall(session, call)
        await keys.remember(session, call, {"id": "q"})
    async with database.transaction() as session:
        await service.on_user_deleted(session, Event("user.deleted", "u", {"user_id": str(PERSON.user_id)}))

    async with database.session() as session:
        assert await keys.result(session, call) is None

    summary = await service.summary(PERSON, PERSON.require_user())
    assert (summary.solved, summary.attempted, summary.current_streak) == (0, 0, 0)
    async with database.session() as session:
        from sqlalchemy import select

        [told] = (await session.scalars(select(Outbox))).all()
    assert (told.type, told.data) == ("user.erased", {"user_id": str(PERSON.user_id), "subgraph": "questions"})


@given(offsets=st.sets(st.integers(0, 40)))
def test_streaks_equal_a_plain_count(offsets: set[int]) -> None:
    today = date(2026, 6, 30)
    days = sorted(today - timedelta(days=offset) for offset in offsets)

    current, longest = streaks(days, today)

    def run_from(offset: int) -> int:
        return 0 if offset not in offsets else 1 + run_from(offset + 1)

    assert longest == max((run_from(offset) for offset in offsets), default=0)
    assert current == (run_from(0) or run_from(1))
