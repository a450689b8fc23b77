"""Browsing reads from the replica that DATABASE_REPLICA_URL names, survives its death, and does not miss what is newer than it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from deploy.local.postgres import PrivatePostgres
from subgraphs.kit.auth import ANONYMOUS
from subgraphs.kit.pagination import PageRequest
from subgraphs.questions import app as questions_app
from subgraphs.questions.bank import BANK_PATH, load_bank
from subgraphs.questions.documents import columns_from
from subgraphs.questions.rules import QuestionFilter
from subgraphs.questions.service import QuestionOrder
from subgraphs.questions.settings import QuestionsSettings

BANK = [columns_from(question) for question in load_bank(BANK_PATH)][:5]


@pytest.fixture
async def replica_name(postgres: PrivatePostgres, migrated_template: str) -> AsyncIterator[str]:
    """A second database that stands for a replica: what it holds differs, so that one sees where an answer comes from."""
    name = f"replica_{uuid4().hex[:12]}"
    await postgres.create_database(name, template=migrated_template)
    yield name
    await postgres.drop_database(name)


async def test_browsing_reads_from_the_replica_and_writing_goes_to_the_primary(
    fresh_database_url: str, replica_name: str, postgres: PrivatePostgres
) -> None:
    async with services(fresh_database_url, postgres.url(replica_name)) as questions:
        await questions.load_bank(BANK)
        await copy(fresh_database_url, postgres.url(replica_name))
        await execute(postgres.url(replica_name), "UPDATE questions.questions SET title = 'from the replica'")

        page = await questions.find(ANONYMOUS, QuestionFilter(), QuestionOrder.TITLE, PageRequest())

        assert {question.title for question in page.items} == {"from the replica"}
        assert await fetch(fresh_database_url, "SELECT count(*) FROM questions.questions") == len(BANK)


async def test_what_the_replica_does_not_know_yet_is_found(
    fresh_database_url: str, replica_name: str, postgres: PrivatePostgres
) -> None:
    async with services(fresh_database_url, postgres.url(replica_name)) as questions:
        await questions.load_bank(BANK)
        new_id: UUID = await fetch(fresh_database_url, "SELECT id FROM questions.questions LIMIT 1")

        assert (await questions.get(ANONYMOUS, new_id)).id == new_id
        assert (await questions.get_by_slug(ANONYMOUS, BANK[0]["slug"])).slug == BANK[0]["slug"]


async def test_the_primary_answers_while_the_replica_is_away(
    fresh_database_url: str, replica_name: str, postgres: PrivatePostgres
) -> None:
    async with services(fresh_database_url, postgres.url(replica_name)) as questions:
        await questions.load_bank(BANK)
        assert await questions.count(ANONYMOUS, QuestionFilter()) == 0  # the replica is empty, and asked

        # It goes away with the connection that is open.
        await postgres.drop_database(replica_name)

        assert await questions.count(ANONYMOUS, QuestionFilter()) == len(BANK)


@asynccontextmanager
async def services(database_url: str, replica_url: str) -> AsyncIterator[Any]:
    """The question service of a subgraph on these two databases."""
    settings = QuestionsSettings(
        _env_file=None, database_url=database_url, database_replica_url=replica_url, log_level="ERROR"
    )
    app = questions_app.create_app(settings)
    async with app.router.lifespan_context(app):
        yield app.state.services.questions


async def copy(source: str, target: str) -> None:
    """Every question, as replication would bring it."""
    ours, theirs = await asyncpg.connect(source), await asyncpg.connect(target)
    try:
        columns = [
            row["column_name"]
            for row in await ours.fetch(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'questions' "
                "AND table_name = 'questions' AND is_generated = 'NEVER'"
            )
        ]
        rows = await ours.fetch(f"SELECT {', '.join(columns)} FROM questions.questions")
        await theirs.copy_records_to_table(
            "questions", schema_name="questions", columns=columns, records=[tuple(row) for row in rows]
        )
    finally:
        await ours.close()
        await theirs.close()


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def fetch(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
