"""Importing on a real PostgreSQL: what is planned is what is written, and the same import again changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from subgraphs.kit.auth import ANONYMOUS
from subgraphs.kit.database import Database
from subgraphs.kit.pagination import PageRequest
from subgraphs.questions.bank import BANK_PATH, load_bank
from subgraphs.questions.import_service import ImportService
from subgraphs.questions.rules import QuestionFilter
from subgraphs.questions.service import QuestionOrder, QuestionService

BANK = load_bank(BANK_PATH)[:3]


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    database = Database(fresh_database_url)
    yield database
    await database.dispose()


async def test_an_import_creates_changes_and_retires_and_is_idempotent(database: Database) -> None:
    service = ImportService(database)
    first = await service.plan("tandem", BANK, [])
    await service.apply("tandem", first)
    again = await service.plan("tandem", BANK, [])
    assert ([planned.slug for planned in first.created], again.created, again.changed) == (
        [q.slug for q in BANK],
        (),
        (),
    )

    changed = [replace(BANK[0], title="A New Title"), BANK[1]]
    second = await service.plan("tandem", changed, [BANK[2].slug])
    assert "A New Title" in str(second)
    await service.apply("tandem", second)

    page = await QuestionService(database).find(ANONYMOUS, QuestionFilter(), QuestionOrder.TITLE, PageRequest())
    assert {question.title: question.version for question in page.items} == {"A New Title": 2, BANK[1].title: 1}


async def test_planning_writes_nothing(database: Database) -> None:
    await ImportService(database).plan("tandem", BANK, [])

    assert await QuestionService(database).count(ANONYMOUS, QuestionFilter()) == 0
