"""Turn waiting tickets into pairs: one transaction per language at a time, each seeker takes the longest-waiting ticket that fits.

Any number of replicas may pair. The transactions of one language follow one another (an advisory lock), so no two seekers can miss
each other and nobody who fits is passed over; rows that somebody cancels at this moment are skipped (`SKIP LOCKED`), never waited for.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from .models import MatchRequest, MatchStatus, TicketStatus
from .rules import (
    NO_BOND,
    Bond,
    Difficulty,
    Language,
    PairingRules,
    Role,
    SkillLevel,
    Ticket,
    agreed_difficulty,
    agreed_topics,
    bond_wait,
    interviewer_of,
    next_look,
    probes,
    stage_at,
    wished_difficulties,
)
from .sql_values import driver_connection, numbered
from .streams import EventType, NewEvent

PAIRING_LOCK = 0x7A6E_0010  # class of the advisory locks, one per language
MAX_RECENT = 200  # past partners of one person that are looked at, newest first
FIRST_ATTEMPT = timedelta(seconds=3)  # a match whose replica died before it had a question is picked up after this

# The plans must be index ranges whatever the statistics of an ever-changing table say. A replica that stands still must not hold up a
# language: the server ends its transaction.
_BEGIN = text("""
    SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
           set_config('plan_cache_mode', 'force_generic_plan', true), set_config('jit', 'off', true),
           set_config('idle_in_transaction_session_timeout', '5000', true)
""")
_LOCK = text("SELECT pg_advisory_xact_lock(:lock, :language)")
_SEEKERS = text("""
    SELECT statement_timestamp() AS now, * FROM matching.match_requests
    WHERE id = ANY(CAST(:ids AS uuid[])) AND status = 'pending' AND expires_at > statement_timestamp()
      AND next_look_at <= statement_timestamp()
    ORDER BY created_at, id FOR UPDATE SKIP LOCKED
""")
_BONDS = text("""
    SELECT blocker_id AS user_id, blocked_id AS other_id, NULL::timestamptz AS met_at
    FROM matching.blocks WHERE blocker_id = ANY(CAST(:user_ids AS uuid[]))
    UNION ALL
    SELECT blocked_id, blocker_id, NULL FROM matching.blocks WHERE blocked_id = ANY(CAST(:user_ids AS uuid[]))
    UNION ALL
    SELECT seekers.user_id, met.partner_id, met.created_at
    FROM unnest(CAST(:user_ids AS uuid[])) AS seekers (user_id) CROSS JOIN LATERAL (
        SELECT partner_id, created_at FROM matching.participants
        WHERE user_id = seekers.user_id AND has_met AND partner_id IS NOT NULL AND created_at > :since
        ORDER BY created_at DESC LIMIT :max_recent
    ) AS met
""")
_FITS = """
    w.created_at <= probe.created_by AND w.user_id <> ALL(CAST(:excluded AS uuid[])) AND w.{id} <> ALL(CAST(:skipped AS uuid[]))
    AND (array_position(CAST(:recent AS uuid[]), w.user_id) IS NULL OR (NOT w.avoids_recent AND w.created_at <=
        (CAST(:recent_created_by AS timestamptz[]))[array_position(CAST(:recent AS uuid[]), w.user_id)]))
"""
# Every probe is the first row of an index range; so the cost is that of the probes, not of the queue.
_FIND = f"""
    SELECT id, created_at FROM (
        SELECT best.ticket_id AS id, best.created_at
        FROM unnest(CAST(:topics AS text[]), CAST(:topic_buckets AS smallint[]), CAST(:topic_created_by AS timestamptz[]))
            AS probe (topic, bucket, created_by)
        CROSS JOIN LATERAL (
            SELECT w.ticket_id, w.created_at FROM matching.waiting_topics AS w
            WHERE w.language = :language AND w.topic = probe.topic AND w.bucket = probe.bucket AND {_FITS.format(id="ticket_id")}
            ORDER BY w.created_at, w.ticket_id LIMIT 1
        ) AS best
        UNION ALL
        SELECT best.id, best.created_at
        FROM unnest(CAST(:buckets AS smallint[]), CAST(:created_by AS timestamptz[])) AS probe (bucket, created_by)
        CROSS JOIN LATERAL (
            SELECT w.id, w.created_at FROM matching.match_requests AS w
            WHERE w.status = 'pending' AND w.preferred_language = :language AND w.bucket = probe.bucket AND {_FITS.format(id="id")}
            ORDER BY w.created_at, w.id LIMIT 1
        ) AS best
    ) AS candidates
    ORDER BY created_at, id LIMIT 1
"""
_TAKE, _TAKE_PARAMETERS = numbered(f"""
    WITH found AS MATERIALIZED ({_FIND}), partner AS MATERIALIZED (
        SELECT id FROM matching.match_requests WHERE id = (SELECT id FROM found) AND status = 'pending' FOR UPDATE SKIP LOCKED
    ), taken AS (
        UPDATE matching.match_requests AS t SET status = :status, match_id = :match_id, closed_at = :closed_at
        FROM partner WHERE t.id IN (partner.id, :seeker_id) RETURNING t.*
    )
    SELECT found.id AS found_id, taken.* FROM found LEFT JOIN taken ON taken.id = found.id
""")
_INSERT_MATCHES = text("""
    INSERT INTO matching.matches (id, user1_id, user2_id, ticket1_id, ticket2_id, status, created_at, language, difficulty,
        difficulties, topics, interviewer_id, accepted1, accepted2, respond_by, next_attempt_at)
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS m (id uuid, user1_id uuid, user2_id uuid, ticket1_id uuid,
        ticket2_id uuid, status text, created_at timestamptz, language text, difficulty text, difficulties jsonb, topics jsonb,
        interviewer_id uuid, accepted1 boolean, accepted2 boolean, respond_by timestamptz, next_attempt_at timestamptz)
""")
_INSERT_PARTICIPANTS = text("""
    INSERT INTO matching.participants (match_id, user_id, partner_id, is_live, created_at)
    SELECT id, user1_id, user2_id, true, created_at FROM matching.matches WHERE id = ANY(CAST(:ids AS uuid[]))
    UNION ALL
    SELECT id, user2_id, user1_id, true, created_at FROM matching.matches WHERE id = ANY(CAST(:ids AS uuid[]))
""")
_KEEP_WAITING = text("""
    UPDATE matching.match_requests SET stage = waits.stage, next_look_at = waits.next_look_at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:stages AS smallint[]), CAST(:next_look_at AS timestamptz[]))
        AS waits (id, stage, next_look_at)
    WHERE match_requests.id = waits.id
""")


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
    events: list[NewEvent] = field(default_factory=list)
    respond_by: datetime | None = None


async def pair(
    session: AsyncSession, language: Language, ids: Sequence[UUID], rules: PairingRules, ready_check: float
) -> PairingOutcome:
    """Look for partners of these tickets, longest-waiting first, in the transaction of `session`.

    Tickets that are not pending (any more) are passed over; those that find nobody are marked with when to look again. Appending
    `outcome.events` to the streams is left to the caller, as the last thing of the transaction.
    """
    await session.execute(_BEGIN)
    await lock_line(session, language)
    rows = (await session.execute(_SEEKERS, {"ids": list(ids)})).all()
    if not rows:
        return PairingOutcome()
    now = max(row.now for row in rows)
    seekers = [ticket_from(row) for row in rows]
    bonds = await bonds_of(session, [seeker.user_id for seeker in seekers], now, rules)
    outcome = PairingOutcome(now, respond_by=now + timedelta(seconds=ready_check) if ready_check else None)
    taken: set[UUID] = set()
    alone: list[Ticket] = []
    for seeker in seekers:
        if seeker.id in taken:
            continue
        found = await _take_partner(
            session, seeker, bonds.get(seeker.user_id, {}), now, rules, is_proposal=bool(ready_check)
        )
        if found is None:
            alone.append(seeker)
            continue
        taken |= {seeker.id, found.partner.id}
        outcome.pairs.append(found)
    await _write_matches(session, outcome, now)
    # Whoever looked in vain may still have been found by a later seeker.
    alone = [seeker for seeker in alone if seeker.id not in taken]
    announced = {row.id: row.stage for row in rows}
    outcome.events.extend(await _keep_waiting(session, alone, announced, bonds, now, rules))
    return outcome


async def lock_line(session: AsyncSession, language: Language) -> None:
    """Wait for the pairing transaction of this language and keep out the next one until the commit.

    Whoever locks a pending ticket without closing it must hold this first: pairing skips locked tickets, which may only cost those
    their turn who are leaving.
    """
    await session.execute(_LOCK, {"lock": PAIRING_LOCK, "language": zlib.crc32(language.encode()) & 0x7FFFFFFF})


def ticket_from(row: Row[Any] | MatchRequest | SimpleNamespace) -> Ticket:
    """A row of match_requests as the rules see it."""
    return Ticket(
        id=row.id,
        user_id=row.user_id,
        language=Language(row.preferred_language),
        difficulty=Difficulty(row.preferred_difficulty),
        skill=SkillLevel(row.skill_level),
        topics=frozenset(row.preferred_topics),
        created_at=row.created_at,
        role=Role(row.role),
        min_level=SkillLevel(row.partner_min_level),
        max_level=SkillLevel(row.partner_max_level),
        avoids_recent=row.avoids_recent,
    )


async def bonds_of(
    session: AsyncSession, user_ids: Sequence[UUID], now: datetime, rules: PairingRules
) -> dict[UUID, dict[UUID, Bond]]:
    """What is between these people and others, by person and then by the other; strangers are left out."""
    since = now - timedelta(seconds=rules.recent_window)
    values = {"user_ids": list(user_ids), "since": since, "max_recent": MAX_RECENT}
    bonds: dict[UUID, dict[UUID, Bond]] = {}
    for row in await session.execute(_BONDS, values):
        own = bonds.setdefault(row.user_id, {})
        known = own.get(row.other_id, NO_BOND)
        if row.met_at is None:
            own[row.other_id] = Bond(is_blocked=True, last_met_at=known.last_met_at)
        elif known.last_met_at is None or row.met_at > known.last_met_at:
            own[row.other_id] = Bond(is_blocked=known.is_blocked, last_met_at=row.met_at)
    return bonds


async def _take_partner(
    session: AsyncSession,
    seeker: Ticket,
    bonds: Mapping[UUID, Bond],
    now: datetime,
    rules: PairingRules,
    *,
    is_proposal: bool,
) -> Pair | None:
    match_id = uuid4()
    values = search_values(seeker, bonds, now, rules) | {
        "seeker_id": seeker.id,
        "match_id": match_id,
        "status": (TicketStatus.PROPOSED if is_proposal else TicketStatus.MATCHED).value,
        "closed_at": None if is_proposal else now,
    }
    skipped: list[UUID] = []
    driver = await driver_connection(session)
    while True:
        values["skipped"] = skipped
        row = await driver.fetchrow(_TAKE, *(values[name] for name in _TAKE_PARAMETERS))
        if row is None:
            return None
        if row["id"] is not None:
            return Pair(match_id, seeker, ticket_from(SimpleNamespace(**row)))
        # Somebody else holds it at this moment: it is being cancelled or closed. Look for the next one.
        skipped.append(row["found_id"])


def search_statement() -> str:
    """The search for a partner alone, without taking it: for explaining its plan."""
    return _FIND


def search_values(seeker: Ticket, bonds: Mapping[UUID, Bond], now: datetime, rules: PairingRules) -> dict[str, object]:
    """The parameters of the search for this seeker's partner at `now`."""
    excluded, recent, recent_created_by = [seeker.user_id], [], []
    for user_id, bond in bonds.items():
        wait = bond_wait(bond, now, rules, avoided=seeker.avoids_recent)
        if wait is None or seeker.created_at + wait > now:
            excluded.append(user_id)
        elif bond.last_met_at is not None:
            recent.append(user_id)
            recent_created_by.append(now - wait)
    places = list(probes(seeker, now, rules))
    by_topic = [probe for probe in places if probe.topic is not None]
    of_any_topic = [probe for probe in places if probe.topic is None]
    return {
        "language": seeker.language.value,
        "excluded": excluded,
        "recent": recent,
        "recent_created_by": recent_created_by,
        "topics": [probe.topic for probe in by_topic],
        "topic_buckets": [probe.bucket for probe in by_topic],
        "topic_created_by": [probe.created_by for probe in by_topic],
        "buckets": [probe.bucket for probe in of_any_topic],
        "created_by": [probe.created_by for probe in of_any_topic],
    }


async def _write_matches(session: AsyncSession, outcome: PairingOutcome, now: datetime) -> None:
    if not outcome.pairs:
        return
    rows = [_match_row(pair, now, outcome.respond_by) for pair in outcome.pairs]
    await session.execute(_INSERT_MATCHES, {"rows": orjson.dumps(rows, default=str).decode()})
    await session.execute(_INSERT_PARTICIPANTS, {"ids": [pair.match_id for pair in outcome.pairs]})
    if outcome.respond_by is None:
        return
    for pair in outcome.pairs:
        data = {"match_id": str(pair.match_id), "respond_by": outcome.respond_by.isoformat()}
        for ticket in (pair.seeker, pair.partner):
            outcome.events.append(NewEvent(ticket.user_id, EventType.PROPOSED, data | {"ticket_id": str(ticket.id)}))


def _match_row(pair: Pair, now: datetime, respond_by: datetime | None) -> dict[str, object]:
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
    session: AsyncSession,
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
    values = {"ids": [ticket.id for ticket in alone], "stages": stages, "next_look_at": looks}
    await session.execute(_KEEP_WAITING, values)
    return [
        NewEvent(ticket.user_id, EventType.RELAXED, {"ticket_id": str(ticket.id), "stage": rules.stages[stage].name})
        for ticket, stage in zip(alone, stages, strict=True)
        if stage > announced[ticket.id]
    ]
