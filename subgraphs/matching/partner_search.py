"""Find partners of many seekers in one call: who may meet whom is decided here by the rules, the database walks the index ranges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from .models import MatchRequest
from .rules import (
    NO_BOND,
    Bond,
    Difficulty,
    Language,
    PairingRules,
    Role,
    SkillLevel,
    Ticket,
    bond_wait,
    probes,
)

# What is between one person and others: blocks of either side, and whom the person met, newest first.
BONDS = """
    SELECT blocked_id AS other_id, NULL::timestamptz AS met_at FROM matching.blocks WHERE blocker_id = {user}
    UNION ALL
    SELECT blocker_id, NULL FROM matching.blocks WHERE blocked_id = {user}
    UNION ALL
    (SELECT partner_id, created_at FROM matching.participants
     WHERE user_id = {user} AND has_met AND partner_id IS NOT NULL AND created_at > {since}
     ORDER BY created_at DESC LIMIT 200)
"""
_BONDS_OF = BONDS.format(user="$1", since="$2")
# The kinds of tickets there are in this line, each found by one step into the index; most of the 162 kinds do not occur.
WAITING_BUCKETS = """
    WITH RECURSIVE kinds (bucket) AS (
        SELECT min(bucket) FROM matching.match_requests WHERE status = 'pending' AND preferred_language = {line}
        UNION ALL
        SELECT (SELECT min(bucket) FROM matching.match_requests
                WHERE status = 'pending' AND preferred_language = {line} AND bucket > kinds.bucket)
        FROM kinds WHERE kinds.bucket IS NOT NULL
    )
    SELECT bucket FROM kinds WHERE bucket IS NOT NULL
"""
_TAKE = """
    SELECT taken.seeker_id, partner.*
    FROM matching.take_partners($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS taken
    JOIN matching.match_requests AS partner ON partner.id = taken.partner_id
"""


@dataclass(slots=True)
class _Searches:
    """The searches of all seekers as the database takes them: values one after the other, and where each seeker's end."""

    topic_ends: list[int] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    topic_buckets: list[int] = field(default_factory=list)
    topic_created_by: list[datetime] = field(default_factory=list)
    bucket_ends: list[int] = field(default_factory=list)
    buckets: list[int] = field(default_factory=list)
    created_by: list[datetime] = field(default_factory=list)
    excluded_ends: list[int] = field(default_factory=list)
    excluded: list[UUID] = field(default_factory=list)
    recent_ends: list[int] = field(default_factory=list)
    recent: list[UUID] = field(default_factory=list)
    recent_created_by: list[datetime] = field(default_factory=list)

    def add(
        self, seeker: Ticket, bonds: Mapping[UUID, Bond], now: datetime, rules: PairingRules, waiting: frozenset[int]
    ) -> None:
        """The search of one seeker: where to look, whom to leave out, and since when recent partners must have waited."""
        for probe in probes(seeker, now, rules, waiting):
            if probe.topic is None:
                self.buckets.append(probe.bucket)
                self.created_by.append(probe.created_by)
            else:
                self.topics.append(probe.topic)
                self.topic_buckets.append(probe.bucket)
                self.topic_created_by.append(probe.created_by)
        self.excluded.append(seeker.user_id)
        for user_id, bond in bonds.items():
            wait = bond_wait(bond, now, rules, avoided=seeker.avoids_recent)
            if wait is None or seeker.created_at + wait > now:
                self.excluded.append(user_id)
            elif bond.last_met_at is not None:
                self.recent.append(user_id)
                self.recent_created_by.append(now - wait)
        self.topic_ends.append(len(self.topics))
        self.bucket_ends.append(len(self.buckets))
        self.excluded_ends.append(len(self.excluded))
        self.recent_ends.append(len(self.recent))

    def values(self) -> tuple[list[Any], ...]:
        """In the order of the parameters of matching.take_partners."""
        return (
            *(self.topic_ends, self.topics, self.topic_buckets, self.topic_created_by),
            *(self.bucket_ends, self.buckets, self.created_by),
            *(self.excluded_ends, self.excluded),
            *(self.recent_ends, self.recent, self.recent_created_by),
        )


async def take_partners(
    driver: asyncpg.Connection[asyncpg.Record],
    seekers: Sequence[Ticket],
    bonds: Mapping[UUID, Mapping[UUID, Bond]],
    now: datetime,
    rules: PairingRules,
    waiting: frozenset[int],
) -> list[tuple[UUID, Ticket]]:
    """The ticket of the seeker and that of the partner, of each pair; all are locked until the commit, and still pending.

    One after the other, in the order given, each seeker that nobody has taken takes the longest-waiting ticket that fits and is left.
    All are of one language. `bonds` are those of each seeker's user, by the other's user id; `waiting` the kinds of tickets in line.
    """
    searches = _Searches()
    for seeker in seekers:
        searches.add(seeker, bonds.get(seeker.user_id, {}), now, rules, waiting)
    ids = [seeker.id for seeker in seekers]
    rows = await driver.fetch(_TAKE, seekers[0].language.value, ids, *searches.values(), now)
    return [(row["seeker_id"], ticket_from(SimpleNamespace(**row))) for row in rows]


async def explain_search(
    driver: asyncpg.Connection[asyncpg.Record], seeker: Ticket, now: datetime, rules: PairingRules
) -> dict[str, Any]:
    """The plan of one seeker's search, executed."""
    waiting = frozenset(
        row["bucket"] for row in await driver.fetch(WAITING_BUCKETS.format(line="$1"), seeker.language.value)
    )
    searches = _Searches()
    searches.add(seeker, {}, now, rules, waiting)
    statement = """
        EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)
        SELECT * FROM matching.find_partner($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    """
    values: tuple[list[Any], ...] = (
        *(searches.topics, searches.topic_buckets, searches.topic_created_by, searches.buckets, searches.created_by),
        *(searches.excluded, searches.recent, searches.recent_created_by, []),
    )
    (plan,) = orjson.loads(await driver.fetchval(statement, seeker.language.value, *values, now))
    return dict(plan)


def ticket_from(row: MatchRequest | SimpleNamespace) -> Ticket:
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
        expires_at=row.expires_at,
    )


async def bonds_of(
    driver: asyncpg.Connection[asyncpg.Record], user_id: UUID, now: datetime, rules: PairingRules
) -> dict[UUID, Bond]:
    """What is between this person and others, by the other; strangers are left out."""
    rows = await driver.fetch(_BONDS_OF, user_id, now - timedelta(seconds=rules.recent_window))
    return bonds_from((row["other_id"], row["met_at"]) for row in rows)


def bonds_from(rows: Iterable[tuple[UUID, datetime | None]]) -> dict[UUID, Bond]:
    """The bonds of one person: each row names the other, and when the two met, or None for a block."""
    bonds: dict[UUID, Bond] = {}
    for other_id, met_at in rows:
        known = bonds.get(other_id, NO_BOND)
        if met_at is None:
            bonds[other_id] = Bond(is_blocked=True, last_met_at=known.last_met_at)
        elif known.last_met_at is None or met_at > known.last_met_at:
            bonds[other_id] = Bond(is_blocked=known.is_blocked, last_met_at=met_at)
    return bonds
