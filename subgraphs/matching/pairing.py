"""Turn waiting tickets into pairs: one transaction per language at a time, each seeker takes the longest-waiting ticket that fits.

Any number of replicas may pair. The transactions of one language follow one another (an advisory lock), so no two seekers can miss
each other and nobody who fits is passed over; rows that somebody cancels at this moment are skipped (`SKIP LOCKED`), never waited for.
However many seekers there are, a transaction is the same few statements: what they cost is shared by all of its pairs.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import asyncpg
import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from .models import Match, MatchStatus, TicketStatus
from .partner_search import BONDS, WAITING_BUCKETS, bonds_from, take_partners, ticket_from
from .rules import (
    Bond,
    Language,
    PairingRules,
    Ticket,
    agreed_difficulty,
    agreed_topics,
    interviewer_of,
    next_look,
    stage_at,
    wished_difficulties,
)
from .streams import EventType, NewEvent

PAIRING_LOCK = 0x7A6E_0010  # class of the advisory locks, one per language
MAX_SEEKERS = 500  # in one transaction
FIRST_ATTEMPT = timedelta(seconds=3)  # a match whose replica died before it had a question is picked up after this

# The plans must be index ranges whatever the statistics of an ever-changing table say. A replica that stands still must not hold up a
# language: the server ends its transaction.
_FIRST = """
    SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
           set_config('plan_cache_mode', 'force_generic_plan', true), set_config('jit', 'off', true),
           set_config('idle_in_transaction_session_timeout', '5000', true), pg_advisory_xact_lock({lock}, {language})
"""
_LOCK = text("SELECT pg_advisory_xact_lock(:lock, :language)")
# With the bonds of each, so that they are known with the same way there and back.
_SEEKERS = f"""
    WITH seekers AS MATERIALIZED (
        SELECT * FROM matching.match_requests
        WHERE status = 'pending' AND preferred_language = $1 AND next_look_at <= statement_timestamp()
          AND expires_at > statement_timestamp()
        ORDER BY created_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    SELECT statement_timestamp() AS now, ARRAY({WAITING_BUCKETS.format(line="$1")}) AS waiting_buckets,
        bonds.others, bonds.met_at, seekers.*
    FROM seekers LEFT JOIN LATERAL (
        SELECT array_agg(other_id) AS others, array_agg(met_at) AS met_at
        FROM ({BONDS.format(user="seekers.user_id", since="statement_timestamp() - $3::interval")}) AS bond
    ) AS bonds ON true
    ORDER BY seekers.created_at, seekers.id
"""
# Where nobody is told of the transaction itself, it is the next one, with the question, that waits for the disk: for both.
_MAKE_MATCHES = """
    WITH durability AS MATERIALIZED (SELECT set_config('synchronous_commit', $6, true)),
    made AS (
        INSERT INTO matching.matches (id, user1_id, user2_id, ticket1_id, ticket2_id, status, created_at, language, difficulty,
            difficulties, topics, interviewer_id, accepted1, accepted2, respond_by, next_attempt_at)
        SELECT * FROM jsonb_to_recordset($1::jsonb) AS m (id uuid, user1_id uuid, user2_id uuid, ticket1_id uuid,
            ticket2_id uuid, status text, created_at timestamptz, language text, difficulty text, difficulties jsonb, topics jsonb,
            interviewer_id uuid, accepted1 boolean, accepted2 boolean, respond_by timestamptz, next_attempt_at timestamptz)
        RETURNING id, user1_id, user2_id, ticket1_id, ticket2_id, created_at
    ), closed AS (
        UPDATE matching.match_requests AS t SET status = $2, match_id = paired.match_id, closed_at = $3
        FROM unnest($4::uuid[], $5::uuid[]) AS paired (id, match_id) WHERE t.id = paired.id
    )
    INSERT INTO matching.participants (match_id, user_id, partner_id, is_live, created_at)
    SELECT id, user1_id, user2_id, true, created_at FROM made, durability
    UNION ALL
    SELECT id, user2_id, user1_id, true, created_at FROM made
"""
_KEEP_WAITING = """
    UPDATE matching.match_requests SET stage = waits.stage, next_look_at = waits.next_look_at
    FROM unnest($1::uuid[], $2::smallint[], $3::timestamptz[]) AS waits (id, stage, next_look_at)
    WHERE match_requests.id = waits.id
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tickets that became a match; `seeker` is the one whose search made it."""

    match_id: UUID
    seeker: Ticket
    partner: Ticket


@dataclass(slots=True)
class PairingOutcome:
    """What one pairing transaction did, for what must follow its commit."""

    now: datetime | None = None
    """The moment at which everything was decided; None when there was nobody to look for."""
    pairs: list[Pair] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    """The rows that were written for the pairs."""
    events: list[NewEvent] = field(default_factory=list)
    respond_by: datetime | None = None
    is_full: bool = False
    """Whether there may be more tickets for which it is time to look."""


def first_of_pairing(language: Language) -> str:
    """What a transaction of `pair` begins with: it waits for the one before it of this language."""
    return _FIRST.format(**_lock_of(language))


async def pair(
    driver: asyncpg.Connection[asyncpg.Record], language: Language, rules: PairingRules, ready_check: float
) -> PairingOutcome:
    """Look for partners of all tickets for which it is time to look, longest-waiting first, in a transaction that began as it must.

    All of them, whoever asked: of two people who look at the same time the one who came first must not lose a partner to the other.
    Those that find nobody are marked with when to look again. Appending `outcome.events` to the streams is left to the caller, as the
    last thing of the transaction.
    """
    rows = await driver.fetch(_SEEKERS, language.value, MAX_SEEKERS, timedelta(seconds=rules.recent_window))
    if not rows:
        return PairingOutcome()
    now = max(row["now"] for row in rows)
    seekers = {row["id"]: ticket_from(SimpleNamespace(**row)) for row in rows}
    bonds = {
        row["user_id"]: bonds_from(zip(row["others"], row["met_at"], strict=True)) for row in rows if row["others"]
    }
    taken = await take_partners(
        driver, list(seekers.values()), bonds, now, rules, frozenset(rows[0]["waiting_buckets"])
    )
    outcome = PairingOutcome(now, is_full=len(rows) == MAX_SEEKERS)
    if ready_check:
        outcome.respond_by = now + timedelta(seconds=ready_check)
    outcome.pairs = [Pair(uuid4(), seekers[seeker_id], partner) for seeker_id, partner in taken]
    gone = {ticket.id for pair in outcome.pairs for ticket in (pair.seeker, pair.partner)}
    alone = [seeker for seeker in seekers.values() if seeker.id not in gone]
    if taken:
        await _make_matches(driver, outcome, tells_nobody=not alone and not ready_check)
        outcome.events.extend(_proposals(outcome))
    announced = {row["id"]: row["stage"] for row in rows}
    outcome.events.extend(await _keep_waiting(driver, alone, announced, bonds, now, rules))
    return outcome


async def lock_line(session: AsyncSession, language: Language) -> None:
    """Wait for the pairing transaction of this language and keep out the next one until the commit.

    Whoever locks a pending ticket without closing it must hold this first: pairing skips locked tickets, which may only cost those
    their turn who are leaving.
    """
    await session.execute(_LOCK, _lock_of(language))


def _lock_of(language: Language) -> dict[str, int]:
    return {"lock": PAIRING_LOCK, "language": zlib.crc32(language.encode()) & 0x7FFFFFFF}


async def _make_matches(
    driver: asyncpg.Connection[asyncpg.Record], outcome: PairingOutcome, *, tells_nobody: bool
) -> None:
    """Write the matches, and take the tickets of both sides out of the line."""
    is_proposal = outcome.respond_by is not None
    rows = [_match_row(pair, outcome) for pair in outcome.pairs]
    outcome.matches = [Match(**row) for row in rows]
    await driver.execute(
        _MAKE_MATCHES,
        orjson.dumps(rows, default=str).decode(),
        (TicketStatus.PROPOSED if is_proposal else TicketStatus.MATCHED).value,
        None if is_proposal else outcome.now,
        [ticket.id for pair in outcome.pairs for ticket in (pair.seeker, pair.partner)],
        [pair.match_id for pair in outcome.pairs for _ in range(2)],
        "off" if tells_nobody else "on",
    )


def _proposals(outcome: PairingOutcome) -> list[NewEvent]:
    if outcome.respond_by is None:
        return []
    respond_by = outcome.respond_by.isoformat()
    return [
        NewEvent(
            ticket.user_id,
            EventType.PROPOSED,
            {"match_id": str(pair.match_id), "respond_by": respond_by, "ticket_id": str(ticket.id)},
        )
        for pair in outcome.pairs
        for ticket in (pair.seeker, pair.partner)
    ]


def _match_row(pair: Pair, outcome: PairingOutcome) -> dict[str, object]:
    now, respond_by = outcome.now, outcome.respond_by
    assert now is not None
    # user1 is who waited longer, so that the order of the two means something.
    first, second = sorted((pair.seeker, pair.partner), key=lambda ticket: ticket.place)
    return {
        "id": pair.match_id,
        "user1_id": first.user_id,
        "user2_id": second.user_id,
        "ticket1_id": first.id,
        "ticket2_id": second.id,
        "status": MatchStatus.FORMING if respond_by is None else MatchStatus.PROPOSED,
        "created_at": now,
        "language": first.language,
        "difficulty": agreed_difficulty(first, second),
        "difficulties": wished_difficulties(first.difficulty, second.difficulty),
        "topics": agreed_topics(first, second),
        "interviewer_id": interviewer_of(first, second),
        "accepted1": respond_by is None,
        "accepted2": respond_by is None,
        "respond_by": respond_by,
        "next_attempt_at": now + FIRST_ATTEMPT,
    }


async def _keep_waiting(
    driver: asyncpg.Connection[asyncpg.Record],
    alone: Sequence[Ticket],
    announced: Mapping[UUID, int],
    bonds: Mapping[UUID, Mapping[UUID, Bond]],
    now: datetime,
    rules: PairingRules,
) -> list[NewEvent]:
    if not alone:
        return []
    stages = [stage_at(now - ticket.created_at, rules.stages) for ticket in alone]
    looks = [next_look(ticket.created_at, now, bonds.get(ticket.user_id, {}).values(), rules) for ticket in alone]
    await driver.execute(_KEEP_WAITING, [ticket.id for ticket in alone], stages, looks)
    return [
        NewEvent(ticket.user_id, EventType.RELAXED, {"ticket_id": str(ticket.id), "stage": rules.stages[stage].name})
        for ticket, stage in zip(alone, stages, strict=True)
        if stage > announced[ticket.id]
    ]
