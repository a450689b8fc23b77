"""Whole operations on tickets, one statement each: they happen or they do not, even when the process that asked dies meanwhile.

A transaction of several statements that dies half-way has kept its ticket locked for nothing, and pairing passes over locked tickets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from ..kit.direct_rows import columns_of, detached_row
from ..kit.driver_session import DriverSession
from ..kit.events import JsonObject
from .models import MatchRequest
from .repository import USER_LOCK, people_keys
from .streams import EventType

_COLUMNS = columns_of(MatchRequest)
_WAITING = text(f"""
    SELECT {_COLUMNS} FROM matching.match_requests WHERE user_id = ANY(CAST(:user_ids AS uuid[])) AND status = 'pending'
""")
_ENQUEUE = text(f"""
    SELECT {_COLUMNS} FROM matching.enqueue(CAST(:rows AS jsonb), CAST(:lifetime AS interval), :lock, CAST(:keys AS integer[]))
""")
_HINDRANCES = text("""
    SELECT user_id, NULL::uuid AS match_id FROM matching.barred_users WHERE user_id = ANY(CAST(:user_ids AS uuid[]))
    UNION ALL
    SELECT user_id, match_id FROM matching.participants WHERE is_live AND user_id = ANY(CAST(:user_ids AS uuid[]))
""")
# The stream's row is locked last, as everywhere.
_CLOSE = """
    WITH {before} found AS MATERIALIZED (
        {found}
    ), closed AS (
        UPDATE matching.match_requests AS ticket SET status = :status, closed_at = now(), next_look_at = NULL
        FROM found WHERE ticket.id = found.id RETURNING ticket.*
    ), told AS (
        INSERT INTO matching.streams (user_id, last_seq) SELECT user_id, 1 FROM closed ORDER BY user_id
        ON CONFLICT (user_id) DO UPDATE SET last_seq = streams.last_seq + 1
        RETURNING user_id, last_seq
    ), written AS (
        INSERT INTO matching.match_events (user_id, seq, type, data)
        SELECT user_id, last_seq, :event,
               jsonb_strip_nulls(jsonb_build_object('ticket_id', closed.id, 'reason', CAST(:reason AS text)))
        FROM told JOIN closed USING (user_id)
    )
    SELECT {columns} FROM closed
"""
_CANCEL = text(
    _CLOSE.format(
        columns=_COLUMNS,
        before="",
        found="""
    SELECT id FROM matching.match_requests WHERE user_id = :user_id AND status = 'pending' FOR UPDATE
""",
    )
)
_EXPIRE = text(
    _CLOSE.format(
        columns=_COLUMNS,
        before="",
        found="""
    SELECT id FROM matching.match_requests WHERE status = 'pending' AND expires_at <= now()
    ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED
""",
    )
)
# Whoever went away is forgotten here, so that the work is that of people leaving, however many wait; but not while a match of theirs may
# fall through and give them their place back. A ticket made after its owner was last seen belongs to somebody who asks without following.
_FORSAKE = text(
    _CLOSE.format(
        columns=_COLUMNS,
        before="""
    gone AS (
        DELETE FROM matching.followers WHERE user_id IN (
            SELECT user_id FROM matching.followers WHERE seen_at < now() - CAST(:grace AS interval) AND NOT EXISTS (
                SELECT FROM matching.participants AS side JOIN matching.matches ON matches.id = side.match_id
                WHERE side.user_id = followers.user_id AND side.is_live AND matches.status <> 'active'
            )
            LIMIT :limit FOR UPDATE SKIP LOCKED
        ) RETURNING user_id, seen_at
    ),""",
        found="""
        SELECT ticket.id FROM matching.match_requests AS ticket JOIN gone USING (user_id)
        WHERE ticket.status = 'pending' AND ticket.created_at <= gone.seen_at FOR UPDATE OF ticket
""",
    )
)


async def waiting_tickets_of(driver: DriverSession, user_ids: Sequence[UUID]) -> dict[UUID, MatchRequest]:
    """The pending tickets of these people, by person."""
    return {ticket.user_id: ticket for ticket in _tickets(await driver.execute(_WAITING, {"user_ids": list(user_ids)}))}


async def enqueue(driver: DriverSession, rows: Sequence[JsonObject], lifetime: timedelta) -> list[MatchRequest]:
    """Write these tickets where nothing hinders; the live tickets of all who may wait, whether made now or before.

    What a person does follows one another: whoever asks twice at once gets the same ticket twice.
    """
    keys = people_keys(row["user_id"] for row in rows)
    values = {"rows": orjson.dumps(rows, default=str).decode(), "lifetime": lifetime, "lock": USER_LOCK, "keys": keys}
    return _tickets(await driver.execute(_ENQUEUE, values))


async def hindrances_of(driver: DriverSession, user_ids: Sequence[UUID]) -> list[tuple[UUID, UUID | None]]:
    """Why these people may not wait: each with the match that they are in, or with None when they are barred."""
    rows = await driver.execute(_HINDRANCES, {"user_ids": list(user_ids)})
    return [(row["user_id"], row["match_id"]) for row in rows]


async def cancel(driver: DriverSession, user_id: UUID, reason: str) -> list[MatchRequest]:
    """Take the person's pending ticket out of the line and tell; none when there was none."""
    values = {"user_id": user_id, "status": "cancelled", "event": EventType.CANCELLED.value, "reason": reason}
    return _tickets(await driver.execute(_CANCEL, values))


async def expire_due(driver: DriverSession, limit: int) -> list[MatchRequest]:
    """Close pending tickets whose time is up, and tell."""
    values = {"limit": limit, "status": "expired", "event": EventType.EXPIRED.value, "reason": None}
    return _tickets(await driver.execute(_EXPIRE, values))


async def cancel_forsaken(driver: DriverSession, grace: timedelta, limit: int) -> list[MatchRequest]:
    """Cancel pending tickets of people who followed their events, went away and did not come back within `grace`, and tell."""
    values = {
        "grace": grace,
        "limit": limit,
        "status": "cancelled",
        "event": EventType.CANCELLED.value,
        "reason": "DISCONNECTED",
    }
    return _tickets(await driver.execute(_FORSAKE, values))


def _tickets(rows: Iterable[Any]) -> list[MatchRequest]:
    return [detached_row(MatchRequest, row) for row in rows]
