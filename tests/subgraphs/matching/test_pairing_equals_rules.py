"""What the SQL pairs is what the pure rules pair, for any queue."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.database import Database
from subgraphs.matching.rules import Bond, Language, PairingRules, Ticket, pair_all

from .tickets import (
    EPOCH,
    bonds,
    database_time,
    insert_bonds,
    insert_tickets,
    odd_rules,
    odd_tickets,
    pair_within,
    tickets,
)

Queue = tuple[list[Ticket], dict[frozenset[UUID], Bond], list[int]]


@st.composite
def queues(draw: st.DrawFn, kind: st.SearchStrategy[Ticket], most_bonds: int = 25) -> Queue:
    """Tickets, what is between some of their owners, and which of them look for a partner, in any order."""
    made = draw(st.lists(kind, min_size=4, max_size=12))
    person = st.integers(0, len(made) - 1)
    pairs = draw(st.lists(st.tuples(person, person, bonds), min_size=min(10, most_bonds), max_size=most_bonds))
    between = {frozenset((made[a].user_id, made[b].user_id)): bond for a, b, bond in pairs if a != b}
    seekers = draw(st.lists(st.integers(0, len(made) - 1), unique=True, min_size=1, max_size=len(made)))
    return made, between, seekers


@dataclass(slots=True)
class Bench:
    """One connection and one event loop for all examples."""

    runner: asyncio.Runner
    database: Database


@pytest.fixture(scope="module")
def bench(module_database_url: str) -> Iterator[Bench]:
    with asyncio.Runner() as runner:
        database = Database(module_database_url, pool_size=1)
        yield Bench(runner, database)
        runner.run(database.dispose())


@settings(max_examples=100, deadline=None)
@given(queue=queues(tickets()))
def test_the_sql_pairs_exactly_whom_the_rules_pair(queue: Queue, bench: Bench) -> None:
    bench.runner.run(_compare(queue, bench.database))


@settings(max_examples=100, deadline=None)
@given(queue=queues(odd_tickets(), most_bonds=8) | queues(odd_tickets(), most_bonds=60), rules=odd_rules())
def test_the_sql_pairs_exactly_whom_the_rules_pair_at_the_edges(
    queue: Queue, rules: PairingRules, bench: Bench
) -> None:
    bench.runner.run(_compare(queue, bench.database, rules))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=2000, deadline=None)
@given(queue=queues(tickets()))
def test_the_sql_pairs_exactly_whom_the_rules_pair_in_thousands_of_queues(queue: Queue, bench: Bench) -> None:
    bench.runner.run(_compare(queue, bench.database))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=2000, deadline=None)
@given(queue=queues(odd_tickets(), most_bonds=8) | queues(odd_tickets(), most_bonds=60), rules=odd_rules())
def test_the_sql_pairs_exactly_whom_the_rules_pair_at_the_edges_of_thousands(
    queue: Queue, rules: PairingRules, bench: Bench
) -> None:
    bench.runner.run(_compare(queue, bench.database, rules))


_LET_LOOK = text("""
    UPDATE matching.match_requests SET next_look_at = CASE WHEN id = ANY(CAST(:ids AS uuid[])) THEN created_at END
""")


async def _compare(queue: Queue, database: Database, rules: PairingRules = PairingRules()) -> None:
    async with database.engine.connect() as connection, AsyncSession(connection) as session:
        shift = await database_time(session) - EPOCH
        made, between, seekers = _moved(queue, shift)
        await insert_tickets(session, made)
        await insert_bonds(session, between)
        for language in (Language.PYTHON, Language.JAVA):
            ids = [made[index].id for index in seekers if made[index].language == language]
            await session.execute(_LET_LOOK, {"ids": ids})
            outcome = await pair_within(session, language, rules, ready_check=0)
            found = {frozenset((pair.seeker.id, pair.partner.id)) for pair in outcome.pairs}
            expected = _expected(made, ids, between, outcome.now, language, rules)
            note(f"{language}: {found} vs {expected}")
            assert found == expected
        await session.rollback()


def _moved(queue: Queue, shift: timedelta) -> Queue:
    made, between, seekers = queue
    moved = [
        replace(ticket, created_at=ticket.created_at + shift, expires_at=ticket.expires_at + shift) for ticket in made
    ]
    later = {
        pair: replace(bond, last_met_at=bond.last_met_at + shift if bond.last_met_at is not None else None)
        for pair, bond in between.items()
    }
    return moved, later, seekers


def _expected(
    made: list[Ticket],
    ids: list[UUID],
    between: dict[frozenset[UUID], Bond],
    now: datetime | None,
    language: Language,
    rules: PairingRules,
) -> set[frozenset[UUID]]:
    if now is None:
        return set()
    waiting = [ticket for ticket in made if ticket.language == language]
    seekers = [ticket for ticket in waiting if ticket.id in ids]
    return {frozenset((seeker.id, partner.id)) for seeker, partner in pair_all(seekers, waiting, between, now, rules)}
