"""Reads the database of a system that was disturbed and lists what it says against us: one sentence for each."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.database import Database
from subgraphs.matching.settings import MatchingSettings
from tests.subgraphs.matching.checker import violations_of_record
from tests.subgraphs.matching.fairness import overtaken
from tests.subgraphs.matching.record import Record, read_record

from .crowd import PATIENCE, Crowd
from .newcomers import Newcomers

PAUSE = 2.0  # seconds between two looks


async def violations_when_quiet(folder: Path, people: Crowd, newcomers: Newcomers) -> tuple[list[str], Record]:
    """What is still wrong when everything that was under way has had its time; and what matching knows by then.

    `folder` is the data folder of a system with a private PostgreSQL. What is only late comes to its end; what must never be does not go
    away.
    """
    socket_folder = (folder / "postgres" / "postmaster.pid").read_text().splitlines()[4]
    database = Database(f"postgresql://postgres@/tandem?host={quote(socket_folder, safe='')}")
    deadline = time.monotonic() + PATIENCE
    try:
        while True:
            async with database.session() as session:
                found = [*await _of_chat(session, people), *await _of_outboxes(session)]
                record, of_matching = await _of_matching(session, str(database.url), newcomers)
            if not (wrong := [*found, *of_matching]) or time.monotonic() > deadline:
                return wrong, record
            await asyncio.sleep(PAUSE)
    finally:
        await database.dispose()


async def _of_chat(session: AsyncSession, people: Crowd) -> list[str]:
    stored = {str(id) for id in await session.scalars(text("SELECT id FROM collaboration.session_messages"))}
    said = [message_id for messages in people.said.values() for message_id in messages]
    statement = (
        "SELECT session_id, nonce, count(*) AS times FROM collaboration.session_messages "
        "WHERE nonce IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1"
    )
    return [
        *(
            f"message {message_id} was acknowledged and is not stored"
            for message_id in said
            if message_id not in stored
        ),
        *(
            f"message {row.nonce} of {row.session_id} was stored {row.times} times"
            for row in await session.execute(text(statement))
        ),
    ]


async def _of_outboxes(session: AsyncSession) -> list[str]:
    found = []
    for schema in ("users", "matching", "collaboration", "questions"):
        statement = f"SELECT count(*) FROM {schema}.outbox WHERE published_at IS NULL"
        if waiting := (await session.execute(text(statement))).scalar_one():
            found.append(f"{waiting} events still wait in the outbox of {schema}")
    return found


async def _of_matching(session: AsyncSession, url: str, newcomers: Newcomers) -> tuple[Record, list[str]]:
    # The events went over NATS, so how often each was told is counted where they came from.
    published: Counter[tuple[str, str]] = Counter()
    statement = (
        "SELECT type, subject, count(*) AS times FROM matching.outbox WHERE published_at IS NOT NULL GROUP BY 1, 2"
    )
    for row in await session.execute(text(statement)):
        published[(row.type, row.subject)] = row.times
    record = dataclasses.replace(await read_record(session), published=published)
    statement = "SELECT match_id, id, status FROM collaboration.sessions WHERE match_id IS NOT NULL"
    sessions = {str(row.match_id): row for row in await session.execute(text(statement))}
    session_ids = {match_id: str(row.id) for match_id, row in sessions.items()}
    rules = MatchingSettings(_env_file=None, database_url=url).pairing_rules
    statuses = {match_id: row.status for match_id, row in sessions.items()}
    return record, [
        *violations_of_record(record, session_ids, rules),
        *overtaken(record, rules, {}, set()),
        *_apart(record, statuses),
        *_forgotten(record, newcomers),
    ]


def _apart(record: Record, statuses: dict[str, str]) -> Iterator[str]:
    """A match and its session end together, in two services, by events."""
    for match in record.matches.values():
        status = statuses.get(str(match.id))
        if status is not None and (status == "active") != match.is_live:
            yield f"match {match.id} is {match.status}, its session is {status}"


def _forgotten(record: Record, newcomers: Newcomers) -> Iterator[str]:
    known = {str(ticket.user_id) for ticket in record.tickets.values()}
    for person in newcomers.seekers:
        if person.id not in known:
            yield f"the search of {person.id} was acknowledged and is not stored"
