"""Open a session: the people, the log with the starter code as its first update, and the event for the others, in one statement."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from sqlalchemy import text

from ..kit.driver_session import DriverSession
from ..kit.events import Event
from ..kit.tracing import current_traceparent
from .document_text import first_update
from .models import SessionRow
from .rules import Language, Seat

# Nothing where the event that asks for it was handled before, or where the match has a session already. Events of two subgraphs come
# in any order: of who was deleted or suspended before the match was heard of, nothing is written (the match ends with him).
_OPEN = text("""
    WITH noted AS (
        INSERT INTO collaboration.inbox (event_id, type)
        SELECT CAST(:handled_id AS uuid), CAST(:handled_type AS text) WHERE CAST(:handled_id AS uuid) IS NOT NULL
        ON CONFLICT DO NOTHING
        RETURNING event_id
    ), opened AS (
        INSERT INTO collaboration.sessions
            (id, match_id, question_id, language, text_name, code, code_seq, difficulty, topics)
        SELECT CAST(:id AS uuid), CAST(:match_id AS uuid), CAST(:question_id AS uuid), CAST(:language AS text),
            CAST(:text_name AS text), CAST(:code AS text), 1, CAST(:difficulty AS text), CAST(CAST(:topics AS text) AS jsonb)
        WHERE CAST(:handled_id AS uuid) IS NULL
            OR EXISTS (SELECT FROM noted)
            AND NOT EXISTS (SELECT FROM collaboration.sign_outs WHERE key = ANY(CAST(:people AS text[])))
        ON CONFLICT (match_id) DO NOTHING
        RETURNING id
    ), logs AS (
        INSERT INTO collaboration.session_logs (session_id, head_seq, document_seq, document_bytes)
        SELECT id, 1, 1, octet_length(CAST(:update AS bytea)) FROM opened
    ), people AS (
        INSERT INTO collaboration.participants (session_id, user_id, role, color, is_polite)
        SELECT id, seat.* FROM opened, unnest(
            CAST(:user_ids AS uuid[]), CAST(:roles AS text[]), CAST(:colors AS text[]), CAST(:polite AS boolean[])
        ) AS seat
    ), texts AS (
        INSERT INTO collaboration.document_texts (session_id, name, language)
        SELECT id, CAST(:text_name AS text), CAST(:language AS text) FROM opened
    ), clients AS (
        INSERT INTO collaboration.document_clients (session_id, client) SELECT id, CAST(:client AS bigint) FROM opened
    ), updates AS (
        INSERT INTO collaboration.session_events (session_id, seq, kind, update)
        SELECT id, 1, 'update', CAST(:update AS bytea) FROM opened
    ), told AS (
        INSERT INTO collaboration.outbox (event_id, type, subject, traceparent, data)
        SELECT gen_random_uuid(), 'session.created', id::text, CAST(:traceparent AS text), CAST(CAST(:data AS text) AS jsonb)
        FROM opened
    )
    SELECT EXISTS (SELECT FROM noted) AS is_noted, EXISTS (SELECT FROM opened) AS is_opened
""")


async def open_session(
    driver: DriverSession, row: SessionRow, seats: Sequence[Seat], *, handled: Event | None = None
) -> tuple[bool, bool]:
    """Insert the session with everything that belongs to one; `row.code` is what the text begins with.

    `handled` is the event that asks for it, noted in the inbox by the same statement. Tells whether it was noted now, and whether a
    session was opened: neither for an event that was handled before, and not the second for a match that has a session or one of
    whose people is gone.
    """
    language = Language(row.language)
    client, update = first_update(row.text_name, row.code)
    data = {
        "session_id": str(row.id),
        "match_id": str(row.match_id) if row.match_id else None,
        "user_ids": [str(seat.user_id) for seat in seats],
        "question_id": str(row.question_id) if row.question_id else None,
        "language": language.name,
    }
    values = {
        "handled_id": handled.id if handled else None,
        "handled_type": handled.type if handled else None,
        "id": row.id,
        "match_id": row.match_id,
        "question_id": row.question_id,
        "language": language.value,
        "text_name": row.text_name,
        "code": row.code,
        "difficulty": row.difficulty,
        "topics": orjson.dumps(row.topics).decode(),
        "user_ids": [seat.user_id for seat in seats],
        "people": [f"user:{seat.user_id}" for seat in seats],
        "roles": [seat.role.value for seat in seats],
        "colors": [seat.color for seat in seats],
        "polite": [seat.is_polite for seat in seats],
        "client": client,
        "update": update,
        "traceparent": current_traceparent(),
        "data": orjson.dumps(data).decode(),
    }
    ((is_noted, is_opened),) = await driver.execute(_OPEN, values)
    return is_noted, is_opened
