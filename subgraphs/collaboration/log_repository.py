"""SQL of the log: lock its head, append to it, read from it. Everything that gets a number goes through here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import TextClause, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.events import JsonObject
from .log_events import EventKind, LogEvent
from .models import DocumentClientRow, EventRow, LogRow, SnapshotRow
from .rules import Role

_LOCK = text("""
    SELECT session_id, epoch, head_seq, document_bytes, is_closed FROM collaboration.session_logs
    WHERE session_id = ANY(CAST(:ids AS uuid[])) ORDER BY session_id FOR UPDATE
""")
# Read after the lock, in a statement of its own: what was committed while we waited for the lock must be seen.
_FACTS = text("""
    SELECT 'role' AS fact, p.session_id, p.user_id::text AS key, p.role::text AS value
    FROM collaboration.participants p
    JOIN unnest(CAST(:sessions AS uuid[]), CAST(:users AS uuid[])) AS asked (session_id, user_id)
        ON p.session_id = asked.session_id AND p.user_id = asked.user_id AND p.removed_at IS NULL
    UNION ALL
    SELECT 'client', c.session_id, c.client::text, c.user_id::text
    FROM collaboration.document_clients c
    JOIN unnest(CAST(:client_sessions AS uuid[]), CAST(:clients AS bigint[])) AS asked (session_id, client)
        ON c.session_id = asked.session_id AND c.client = asked.client
    UNION ALL
    SELECT 'sent', e.session_id, e.client_id || ' ' || e.client_seq, max(e.seq)::text
    FROM collaboration.session_events e
    JOIN unnest(CAST(:sent_sessions AS uuid[]), CAST(:sent_ids AS text[]), CAST(:sent_seqs AS bigint[]))
        AS asked (session_id, client_id, client_seq)
        ON e.session_id = asked.session_id AND e.client_id = asked.client_id AND e.client_seq = asked.client_seq
    GROUP BY 2, 3
    UNION ALL
    SELECT 'last', asked.session_id, asked.client_id,
        (SELECT max(e.client_seq) FROM collaboration.session_events e
         WHERE e.session_id = asked.session_id AND e.client_id = asked.client_id)::text
    FROM unnest(CAST(:sent_sessions AS uuid[]), CAST(:sent_ids AS text[])) AS asked (session_id, client_id)
""")
_WRITE = text("""
    WITH heads AS (
        UPDATE collaboration.session_logs AS log
        SET head_seq = moved.head, document_seq = moved.head, document_bytes = moved.bytes, active_at = now()
        FROM unnest(CAST(:head_sessions AS uuid[]), CAST(:heads AS bigint[]), CAST(:bytes AS bigint[]))
            AS moved (session_id, head, bytes)
        WHERE log.session_id = moved.session_id
    ), owners AS (
        INSERT INTO collaboration.document_clients (session_id, client, user_id)
        SELECT * FROM unnest(CAST(:client_sessions AS uuid[]), CAST(:clients AS bigint[]), CAST(:owners AS uuid[]))
        ON CONFLICT DO NOTHING
    )
    INSERT INTO collaboration.session_events (session_id, seq, kind, user_id, update, client_id, client_seq, created_at)
    SELECT session_id, seq, 'update', user_id, update, client_id, client_seq, created_at
    FROM unnest(CAST(:sessions AS uuid[]), CAST(:seqs AS bigint[]), CAST(:users AS uuid[]), CAST(:updates AS bytea[]),
                CAST(:client_ids AS text[]), CAST(:client_seqs AS bigint[]), CAST(:times AS timestamptz[]))
        AS row (session_id, seq, user_id, update, client_id, client_seq, created_at)
""")

# The same in one statement and without asking, for logs that are still where the caller knows them to be. The locks are taken in one
# order for all, as in _LOCK; who waited for one looks at the row again, so a log that moved meanwhile is left out.
_WRITE_IF_UNMOVED = text("""
    WITH moved AS (
        SELECT * FROM unnest(CAST(:head_sessions AS uuid[]), CAST(:epochs AS uuid[]), CAST(:known AS bigint[]),
                             CAST(:heads AS bigint[]), CAST(:bytes AS bigint[])) AS moved (session_id, epoch, known, head, bytes)
    ), unmoved AS MATERIALIZED (
        SELECT log.session_id FROM collaboration.session_logs log JOIN moved USING (session_id)
        WHERE log.head_seq = moved.known AND log.epoch = moved.epoch AND NOT log.is_closed
        ORDER BY log.session_id FOR UPDATE OF log
    ), heads AS (
        UPDATE collaboration.session_logs AS log
        SET head_seq = moved.head, document_seq = moved.head, document_bytes = moved.bytes, active_at = now()
        FROM moved WHERE log.session_id = moved.session_id AND log.session_id IN (SELECT session_id FROM unmoved)
        RETURNING log.session_id
    )
    INSERT INTO collaboration.session_events (session_id, seq, kind, user_id, update, client_id, client_seq, created_at)
    SELECT session_id, seq, 'update', user_id, update, client_id, client_seq, created_at
    FROM unnest(CAST(:sessions AS uuid[]), CAST(:seqs AS bigint[]), CAST(:users AS uuid[]), CAST(:updates AS bytea[]),
                CAST(:client_ids AS text[]), CAST(:client_seqs AS bigint[]), CAST(:times AS timestamptz[]))
        AS row (session_id, seq, user_id, update, client_id, client_seq, created_at)
    JOIN heads USING (session_id)
    RETURNING session_id
""")
NEVER = -(2**63)  # the number of the last push of a provider that has none


@dataclass(slots=True)
class Head:
    """The locked head of one log; it moves while a batch is decided, and is written at the end."""

    session_id: UUID
    epoch: UUID
    seq: int
    document_bytes: int
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What a batch must know: roles by (session, user), owners by (session, client), numbers of pushes that are stored already."""

    roles: Mapping[tuple[UUID, UUID], Role] = field(default_factory=dict)
    owners: Mapping[tuple[UUID, int], UUID | None] = field(default_factory=dict)
    sent: Mapping[tuple[UUID, str, int], int] = field(default_factory=dict)
    last_pushes: Mapping[tuple[UUID, str], int] = field(default_factory=dict)
    """By session and provider, the highest number of its pushes that are stored."""


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    """A raw update to be written under its number."""

    session_id: UUID
    seq: int
    user_id: UUID | None
    update: bytes
    client_id: str | None
    client_seq: int | None
    at: datetime

    def to_event(self) -> LogEvent:
        return LogEvent(self.session_id, self.seq, EventKind.UPDATE, self.user_id, self.at, {}, self.update)


class Executor(Protocol):
    """What text statements are executed on: a SQLAlchemy session, or the driver itself. Rows are tuples."""

    async def execute(self, statement: TextClause, values: Mapping[str, Any], /) -> Iterable[Any]: ...


class LogStatements:
    """The statements of a group commit."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def lock(self, session_ids: Iterable[UUID]) -> dict[UUID, Head]:
        """Lock the heads of these logs until the transaction ends, in one order for all, so that nobody waits in a circle."""
        rows = await self._executor.execute(_LOCK, {"ids": list(set(session_ids))})
        return {session_id: Head(session_id, *rest) for session_id, *rest in rows}

    async def facts(
        self,
        users: Iterable[tuple[UUID, UUID]],
        clients: Iterable[tuple[UUID, int]],
        sent: Iterable[tuple[UUID, str, int]],
    ) -> Facts:
        """Roles, owners and pushes that are stored, of the pairs that a batch asks for."""
        user_pairs, client_pairs, sent_triples = list(set(users)), list(set(clients)), list(set(sent))
        rows = await self._executor.execute(
            _FACTS,
            {
                "sessions": [pair[0] for pair in user_pairs],
                "users": [pair[1] for pair in user_pairs],
                "client_sessions": [pair[0] for pair in client_pairs],
                "clients": [pair[1] for pair in client_pairs],
                "sent_sessions": [triple[0] for triple in sent_triples],
                "sent_ids": [triple[1] for triple in sent_triples],
                "sent_seqs": [triple[2] for triple in sent_triples],
            },
        )
        roles: dict[tuple[UUID, UUID], Role] = {}
        owners: dict[tuple[UUID, int], UUID | None] = {}
        stored: dict[tuple[UUID, str, int], int] = {}
        last: dict[tuple[UUID, str], int] = {}
        for fact, session_id, key, value in rows:
            if fact == "role":
                roles[session_id, UUID(key)] = Role(value)
            elif fact == "client":
                owners[session_id, int(key)] = UUID(value) if value else None
            elif fact == "last":
                last[session_id, key] = NEVER if value is None else int(value)
            else:
                client_id, _, client_seq = key.rpartition(" ")
                stored[session_id, client_id, int(client_seq)] = int(value)
        return Facts(roles, owners, stored, last)

    async def write_updates(
        self,
        heads: Sequence[Head],
        updates: Sequence[StoredUpdate],
        owners: Mapping[tuple[UUID, int], UUID | None],
    ) -> None:
        """Write updates, the heads they moved and the owners of clients seen for the first time, in one statement."""
        values = {
            "client_sessions": [session_id for session_id, _ in owners],
            "clients": [client for _, client in owners],
            "owners": list(owners.values()),
        }
        await self._executor.execute(_WRITE, _columns(heads, updates) | values)

    async def write_if_unmoved(
        self, known: Mapping[UUID, int], heads: Sequence[Head], updates: Sequence[StoredUpdate]
    ) -> set[UUID]:
        """Write updates to the logs that are at the numbers `known` and open; returns which those are. Needs no transaction around it."""
        values = {
            "epochs": [head.epoch for head in heads],
            "known": [known[head.session_id] for head in heads],
        }
        rows = await self._executor.execute(_WRITE_IF_UNMOVED, _columns(heads, updates) | values)
        return {session_id for (session_id,) in rows}


class LogRepository(LogStatements):
    """Statements on `session_logs`, `session_events`, `document_clients` and `document_snapshots`."""

    def __init__(self, session: AsyncSession) -> None:
        super().__init__(session)
        self.session = session

    async def append(
        self, head: Head, kind: EventKind, user_id: UUID | None, data: JsonObject, at: datetime
    ) -> LogEvent:
        """Write one event that is not an update under the next number of a locked log."""
        head.seq += 1
        event = LogEvent(head.session_id, head.seq, kind, user_id, at, data)
        self.session.add(
            EventRow(
                session_id=head.session_id, seq=head.seq, kind=kind.value, user_id=user_id, data=data, created_at=at
            )
        )
        log = await self.session.get_one(LogRow, head.session_id)
        log.head_seq = head.seq
        log.active_at = at
        await self.session.flush()
        return event

    async def read_after(self, session_id: UUID, seq: int, limit: int, until: int | None = None) -> list[LogEvent]:
        """Events after number `seq`, in order; up to number `until` where one is given."""
        statement = select(EventRow).where(EventRow.session_id == session_id, EventRow.seq > seq)
        if until is not None:
            statement = statement.where(EventRow.seq <= until)
        rows = await self.session.scalars(statement.order_by(EventRow.seq).limit(limit))
        return [log_event_from(row) for row in rows]

    async def updates_after(
        self, session_id: UUID, seq: int, limit: int, until: int | None = None
    ) -> list[tuple[int, bytes]]:
        """Raw document updates after number `seq`, each with its number."""
        statement = select(EventRow.seq, EventRow.update).where(
            EventRow.session_id == session_id, EventRow.seq > seq, EventRow.update.is_not(None)
        )
        if until is not None:
            statement = statement.where(EventRow.seq <= until)
        rows = await self.session.execute(statement.order_by(EventRow.seq).limit(limit))
        return [(row.seq, row.update) for row in rows]

    async def get(self, session_id: UUID) -> LogRow | None:
        return await self.session.get(LogRow, session_id)

    async def get_many(self, session_ids: Iterable[UUID]) -> dict[UUID, LogRow]:
        rows = await self.session.scalars(select(LogRow).where(LogRow.session_id.in_(list(session_ids))))
        return {row.session_id: row for row in rows}

    async def close(self, session_id: UUID) -> None:
        """Nothing more is appended to this log."""
        await self.session.execute(update(LogRow).where(LogRow.session_id == session_id).values(is_closed=True))

    async def heads(self, session_ids: Iterable[UUID]) -> dict[UUID, int]:
        rows = await self.session.execute(
            select(LogRow.session_id, LogRow.head_seq).where(LogRow.session_id.in_(list(session_ids)))
        )
        return {row.session_id: row.head_seq for row in rows}

    async def snapshot(self, session_id: UUID) -> SnapshotRow | None:
        return await self.session.get(SnapshotRow, session_id)

    async def save_snapshot(self, session_id: UUID, seq: int, data: bytes, at: datetime) -> None:
        """Store a snapshot unless a newer one is there."""
        statement = insert(SnapshotRow).values(session_id=session_id, seq=seq, data=data, created_at=at)
        await self.session.execute(
            statement.on_conflict_do_update(
                index_elements=[SnapshotRow.session_id],
                set_={"seq": seq, "data": data, "created_at": at},
                where=SnapshotRow.seq < seq,
            )
        )

    async def client_owner(self, session_id: UUID, client: int, user_id: UUID) -> UUID | None:
        """Whose client this is; from now on this user's when it was nobody's."""
        statement = insert(DocumentClientRow).values(session_id=session_id, client=client, user_id=user_id)
        await self.session.execute(statement.on_conflict_do_nothing())
        row = await self.session.get(DocumentClientRow, (session_id, client))
        return row.user_id if row else None


def _columns(heads: Sequence[Head], updates: Sequence[StoredUpdate]) -> dict[str, list[Any]]:
    return {
        "head_sessions": [head.session_id for head in heads],
        "heads": [head.seq for head in heads],
        "bytes": [head.document_bytes for head in heads],
        "sessions": [item.session_id for item in updates],
        "seqs": [item.seq for item in updates],
        "users": [item.user_id for item in updates],
        "updates": [item.update for item in updates],
        "client_ids": [item.client_id for item in updates],
        "client_seqs": [item.client_seq for item in updates],
        "times": [item.at for item in updates],
    }


def log_event_from(row: EventRow) -> LogEvent:
    return LogEvent(row.session_id, row.seq, EventKind(row.kind), row.user_id, row.created_at, row.data, row.update)
