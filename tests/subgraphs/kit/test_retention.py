"""What is kept long enough goes, batch by batch, and nothing else does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from subgraphs.kit.database import Database
from subgraphs.kit.idempotency import IdempotencyKeys
from subgraphs.kit.postgres_bus import PostgresBus
from subgraphs.kit.retention import BATCH, Purge, Retention, event_purges
from subgraphs.questions.models import Idempotency, Inbox, Outbox, SignOut

KEPT = timedelta(days=14)
FILL = (
    """
    INSERT INTO questions.outbox (event_id, type, subject, data, occurred_at, published_at)
    SELECT gen_random_uuid(), 'old', 'x', '{}', now() - interval '20 days', now() - interval '20 days'
    FROM generate_series(1, 2500)
    """,
    """
    INSERT INTO questions.outbox (event_id, type, subject, data, occurred_at, published_at) VALUES
        (gen_random_uuid(), 'stuck', 'x', '{}', now() - interval '20 days', NULL),
        (gen_random_uuid(), 'young', 'x', '{}', now(), now())
    """,
    """
    INSERT INTO questions.inbox (event_id, type, handled_at)
    SELECT gen_random_uuid(), 'old', now() - interval '20 days' FROM generate_series(1, 1500)
    """,
    "INSERT INTO questions.inbox (event_id, type) VALUES (gen_random_uuid(), 'young')",
    """
    INSERT INTO questions.sign_outs (key, ended_at) VALUES
        ('session:old', now() - interval '3 days'), ('session:young', now()), ('user:old', now() - interval '3 days')
    """,
    """
    INSERT INTO questions.idempotency_keys (owner, operation, key, fingerprint, created_at) VALUES
        ('a', 'o', 'old', '', now() - interval '2 days'), ('a', 'o', 'young', '', now())
    """,
    """
    INSERT INTO bus.events (event_id, type, source, subject, data, occurred_at, published_at)
    SELECT gen_random_uuid(), 'old', 's', 'x', '{}', now(), now() - interval '20 days' FROM generate_series(1, 5)
    """,
    "INSERT INTO bus.consumers (name, position) SELECT 'quick', max(seq) FROM bus.events",
    "INSERT INTO bus.consumers (name, position) SELECT 'slow', max(seq) - 2 FROM bus.events",
)


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    database = Database(fresh_database_url)
    async with database.transaction() as session:
        for statement in FILL:
            await session.execute(text(statement))
    yield database
    await database.dispose()


async def column(database: Database, statement: str) -> list[Any]:
    async with database.session() as session:
        return list((await session.execute(text(statement))).scalars())


async def test_old_rows_go_and_what_is_young_or_waits_stays(database: Database, fresh_database_url: str) -> None:
    bus = PostgresBus(fresh_database_url)
    purges = [*event_purges(Outbox, Inbox, SignOut, KEPT), IdempotencyKeys(Idempotency).purge, bus.purge(KEPT)]
    retention = Retention(database, "questions", purges)

    first = await retention.purge_all()

    assert first == {"outbox": 2500, "inbox": 1500, "sign_outs": 1, "idempotency_keys": 1, "bus_events": 3}
    assert set(first.values()) - set((await retention.purge_all()).values()) == set(first.values())
    assert await column(database, "SELECT type FROM questions.outbox ORDER BY seq") == ["stuck", "young"]
    assert await column(database, "SELECT type FROM questions.inbox") == ["young"]
    assert await column(database, "SELECT key FROM questions.sign_outs ORDER BY key") == ["session:young", "user:old"]
    assert await column(database, "SELECT key FROM questions.idempotency_keys") == ["young"]
    # Two events are still ahead of the slow consumer.
    assert await column(database, "SELECT count(*) FROM bus.events") == [2]
    await bus.aclose()


async def test_no_transaction_deletes_more_than_a_batch_and_one_failure_does_not_keep_the_rest(
    database: Database,
) -> None:
    limits: list[int] = []

    async def broken(session: Any, limit: int) -> int:
        raise RuntimeError("no such table")

    async def counted(session: Any, limit: int) -> int:
        limits.append(limit)
        return BATCH if len(limits) < 3 else 7

    purged = await Retention(database, "questions", [Purge("broken", broken), Purge("counted", counted)]).purge_all()

    assert purged == {"broken": 0, "counted": 2 * BATCH + 7}
    assert limits == [BATCH] * 3
