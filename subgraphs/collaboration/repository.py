"""SQL of sessions, participants, connections and chat; the log has its own file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, not_, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.pagination import Page, PageRequest, SortKey, fetch_page
from ..kit.repository import Repository
from .models import (
    ConnectionRow,
    DocumentClientRow,
    DocumentTextRow,
    LogRow,
    MessageRow,
    ParticipantRow,
    RunRow,
    SessionRow,
)
from .rules import FEEDBACK_SEAL

_KEEP_ALIVE = text("""
    INSERT INTO collaboration.connections (id, session_id, user_id, replica, seen_at)
    SELECT id, session_id, user_id, :replica, now()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:sessions AS uuid[]), CAST(:users AS uuid[])) AS alive (id, session_id, user_id)
    ON CONFLICT (id) DO UPDATE SET seen_at = now()
""")
_EXPIRE = text("""
    DELETE FROM collaboration.connections WHERE seen_at < now() - make_interval(secs => :age)
    RETURNING session_id, user_id
""")
_MARK_EMPTY = text("""
    UPDATE collaboration.session_logs AS log SET empty_since = now()
    WHERE log.session_id = ANY(CAST(:ids AS uuid[])) AND log.empty_since IS NULL AND NOT EXISTS (
        SELECT FROM collaboration.connections c
        JOIN collaboration.participants p ON p.session_id = c.session_id AND p.user_id = c.user_id
        WHERE c.session_id = log.session_id AND p.role <> 'viewer'
    )
""")


class SessionRepository(Repository[SessionRow]):
    """Sessions and who takes part in them."""

    model = SessionRow

    async def by_match(self, match_ids: Iterable[UUID]) -> dict[UUID, SessionRow]:
        rows = await self.session.scalars(select(SessionRow).where(SessionRow.match_id.in_(list(match_ids))))
        return {row.match_id: row for row in rows if row.match_id is not None}

    async def participants(self, session_ids: Iterable[UUID]) -> dict[UUID, list[ParticipantRow]]:
        """Those who take part, in the order of their seats."""
        statement = (
            select(ParticipantRow)
            .where(ParticipantRow.session_id.in_(list(session_ids)), ParticipantRow.removed_at.is_(None))
            .order_by(ParticipantRow.created_at, ParticipantRow.is_polite, ParticipantRow.user_id)
        )
        found: dict[UUID, list[ParticipantRow]] = {}
        for row in await self.session.scalars(statement):
            found.setdefault(row.session_id, []).append(row)
        return found

    async def seats(self, session_ids: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
        """Who takes part, as (session, user) pairs."""
        statement = select(ParticipantRow.session_id, ParticipantRow.user_id).where(
            ParticipantRow.session_id.in_(list(session_ids)), ParticipantRow.removed_at.is_(None)
        )
        return {(row.session_id, row.user_id) for row in await self.session.execute(statement)}

    async def participant(self, session_id: UUID, user_id: UUID) -> ParticipantRow | None:
        row = await self.session.get(ParticipantRow, (session_id, user_id))
        return row if row is not None and row.removed_at is None else None

    async def entry(self, session_id: UUID, user_id: UUID) -> tuple[SessionRow, ParticipantRow, LogRow] | None:
        """A session, the person's part in it and its log; None for who takes no part."""
        statement = (
            select(SessionRow, ParticipantRow, LogRow)
            .join(ParticipantRow, ParticipantRow.session_id == SessionRow.id)
            .join(LogRow, LogRow.session_id == SessionRow.id)
            .where(SessionRow.id == session_id, ParticipantRow.user_id == user_id, ParticipantRow.removed_at.is_(None))
        )
        row = (await self.session.execute(statement)).one_or_none()
        return None if row is None else (row[0], row[1], row[2])

    async def page_of_user(self, user_id: UUID, request: PageRequest) -> Page[SessionRow]:
        """The sessions of a person, newest first."""
        statement = _sessions_of(user_id)
        keys = [SortKey("created_at", SessionRow.created_at, True), SortKey("id", SessionRow.id, True)]
        return await fetch_page(self.session, statement, keys, request)

    async def count_of_user(self, user_id: UUID) -> int:
        statement = select(func.count()).select_from(_sessions_of(user_id).subquery())
        return int((await self.session.execute(statement)).scalar_one())

    async def open_text(self, session_id: UUID, name: str, language: str) -> bool:
        """Claim the right to write the first content of a text; False when it was written before."""
        statement = insert(DocumentTextRow).values(session_id=session_id, name=name, language=language)
        claimed = statement.on_conflict_do_nothing().returning(DocumentTextRow.name)
        return (await self.session.execute(claimed)).first() is not None

    async def text_names(self, session_id: UUID) -> list[str]:
        """The texts that were opened, in that order."""
        statement = select(DocumentTextRow.name).where(DocumentTextRow.session_id == session_id)
        return list(await self.session.scalars(statement.order_by(DocumentTextRow.created_at, DocumentTextRow.name)))

    async def newest_text(self, session_id: UUID, name: str) -> str | None:
        """The newest text of one language and round: the first one, or what was restored after it (`name~seq`)."""
        statement = select(DocumentTextRow.name).where(
            DocumentTextRow.session_id == session_id,
            or_(DocumentTextRow.name == name, DocumentTextRow.name.startswith(f"{name}~", autoescape=True)),
        )
        newest = statement.order_by(DocumentTextRow.created_at.desc(), DocumentTextRow.name.desc()).limit(1)
        return (await self.session.scalars(newest)).first()

    async def count_clients(self, session_id: UUID, user_id: UUID) -> int:
        """How many Yjs clients a person has used in a session."""
        mine = select(func.count()).where(
            DocumentClientRow.session_id == session_id, DocumentClientRow.user_id == user_id
        )
        return int((await self.session.execute(mine)).scalar_one())

    async def abandoned(self, leave_grace: float, join_grace: float, limit: int) -> list[UUID]:
        """Sessions that both have left for `leave_grace` seconds, or nobody ever came to for `join_grace` seconds."""
        return await self._due(_is_abandoned(leave_grace, join_grace), limit)

    async def is_abandoned(self, session_id: UUID, leave_grace: float, join_grace: float) -> bool:
        """Whether it still is, now that the caller has locked its log."""
        return bool(await self._due(and_(SessionRow.id == session_id, _is_abandoned(leave_grace, join_grace)), 1))

    async def idle(self, idle_limit: float, limit: int) -> list[UUID]:
        """Sessions in which nothing was written for `idle_limit` seconds."""
        return await self._due(LogRow.active_at < _ago(idle_limit), limit)

    async def is_idle(self, session_id: UUID, idle_limit: float) -> bool:
        """Whether it still is, now that the caller has locked its log."""
        return bool(await self._due(and_(SessionRow.id == session_id, LogRow.active_at < _ago(idle_limit)), 1))

    async def with_timer_elapsed(self, limit: int) -> list[UUID]:
        return await self._due(SessionRow.phase_ends_at <= func.now(), limit)

    async def with_outcome_due(self, limit: int) -> list[UUID]:
        """Sessions whose feedback opens because a day has passed."""
        statement = select(SessionRow.id).where(
            SessionRow.status == "ended",
            SessionRow.outcome_sent_at.is_(None),
            SessionRow.ended_at < _ago(FEEDBACK_SEAL.total_seconds()),
        )
        return list(await self.session.scalars(statement.order_by(SessionRow.ended_at).limit(limit)))

    async def _due(self, condition: ColumnElement[bool], limit: int) -> list[UUID]:
        statement = select(SessionRow.id).join(LogRow, LogRow.session_id == SessionRow.id)
        active = statement.where(SessionRow.status == "active", condition)
        return list(await self.session.scalars(active.order_by(SessionRow.created_at).limit(limit)))

    async def save_code(self, session_id: UUID, text_name: str, code: str, seq: int) -> None:
        """Store the readable text, unless a newer one is there or another text is shown meanwhile."""
        is_behind = and_(SessionRow.text_name == text_name, SessionRow.code_seq < seq)
        statement = update(SessionRow).where(SessionRow.id == session_id, is_behind)
        await self.session.execute(statement.values(code=code, code_seq=seq))


class ConnectionRepository:
    """Who follows which session right now, through which replica."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, id: UUID, session_id: UUID, user_id: UUID, replica: str) -> None:
        values = {"id": id, "session_id": session_id, "user_id": user_id, "replica": replica}
        await self.session.execute(insert(ConnectionRow).values(values).on_conflict_do_nothing())

    async def remove(self, id: UUID) -> None:
        await self.session.execute(delete(ConnectionRow).where(ConnectionRow.id == id))

    async def keep_alive(self, replica: str, connections: Sequence[tuple[UUID, UUID, UUID]]) -> None:
        """Say that these (connection, session, user) are still there; put back those that were given up."""
        await self.session.execute(
            _KEEP_ALIVE,
            {
                "replica": replica,
                "ids": [item[0] for item in connections],
                "sessions": [item[1] for item in connections],
                "users": [item[2] for item in connections],
            },
        )

    async def expire(self, age: float) -> set[tuple[UUID, UUID]]:
        """Give up the connections that nobody vouched for; the (session, user) pairs it is about."""
        rows = await self.session.execute(_EXPIRE, {"age": age})
        return {(row.session_id, row.user_id) for row in rows}

    async def outdated(self, age: float) -> list[UUID]:
        """The sessions with connections that nobody vouched for."""
        statement = select(ConnectionRow.session_id).where(ConnectionRow.seen_at < _ago(age)).distinct()
        return list(await self.session.scalars(statement))

    async def online(self, session_ids: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
        """Who is there, as (session, user) pairs."""
        statement = select(ConnectionRow.session_id, ConnectionRow.user_id).distinct()
        rows = await self.session.execute(statement.where(ConnectionRow.session_id.in_(list(session_ids))))
        return {(row.session_id, row.user_id) for row in rows}

    async def mark_empty(self, session_ids: Iterable[UUID]) -> None:
        """Start the grace of the sessions that both have left."""
        await self.session.execute(_MARK_EMPTY, {"ids": list(session_ids)})

    async def wrongly_empty(self, session_ids: Iterable[UUID]) -> list[UUID]:
        """The sessions among these whose grace runs although somebody is there."""
        statement = select(LogRow.session_id).where(
            LogRow.session_id.in_(list(session_ids)), LogRow.empty_since.is_not(None), _is_occupied()
        )
        return list(await self.session.scalars(statement))

    async def mark_occupied_again(self, session_ids: Iterable[UUID]) -> None:
        """Stop the grace of these sessions, unless they are empty after all. The caller has locked their logs."""
        statement = update(LogRow).where(LogRow.session_id.in_(list(session_ids)), _is_occupied())
        await self.session.execute(statement.values(empty_since=None))

    async def mark_joined(self, session_id: UUID, user_id: UUID, now: datetime) -> None:
        """Write down when this person came first."""
        mine = update(ParticipantRow).where(ParticipantRow.session_id == session_id, ParticipantRow.user_id == user_id)
        await self.session.execute(mine.where(ParticipantRow.joined_at.is_(None)).values(joined_at=now))

    async def mark_occupied(self, session_id: UUID, now: datetime) -> None:
        """One of the two is there: no grace runs, and it is written when the first of them came."""
        await self.session.execute(update(LogRow).where(LogRow.session_id == session_id).values(empty_since=None))
        started = update(SessionRow).where(SessionRow.id == session_id, SessionRow.started_at.is_(None))
        await self.session.execute(started.values(started_at=now))


class MessageRepository(Repository[MessageRow]):
    """The chat."""

    model = MessageRow

    async def insert_once(self, values: dict[str, object]) -> MessageRow | None:
        """Insert a message; None when the same person sent this nonce before."""
        statement = insert(MessageRow).values(values).on_conflict_do_nothing(constraint="uq_session_messages_nonce")
        return (await self.session.scalars(statement.returning(MessageRow))).first()

    async def by_nonce(self, session_id: UUID, user_id: UUID, nonce: str) -> MessageRow | None:
        statement = select(MessageRow).where(
            MessageRow.session_id == session_id, MessageRow.user_id == user_id, MessageRow.nonce == nonce
        )
        return (await self.session.scalars(statement)).first()

    async def page(self, session_id: UUID, request: PageRequest) -> Page[MessageRow]:
        """The messages of a session, oldest first."""
        statement = select(MessageRow).where(MessageRow.session_id == session_id)
        keys = [SortKey("created_at", MessageRow.created_at), SortKey("id", MessageRow.id)]
        return await fetch_page(self.session, statement, keys, request)

    async def newest(self, session_id: UUID, limit: int) -> list[MessageRow]:
        statement = select(MessageRow).where(MessageRow.session_id == session_id)
        return list(await self.session.scalars(statement.order_by(MessageRow.created_at.desc()).limit(limit)))

    async def count(self, session_id: UUID) -> int:
        statement = select(func.count()).select_from(MessageRow).where(MessageRow.session_id == session_id)
        return int((await self.session.execute(statement)).scalar_one())


class RunRepository(Repository[RunRow]):
    """Runs of code."""

    model = RunRow

    async def newest(self, session_id: UUID, limit: int) -> list[RunRow]:
        statement = select(RunRow).where(RunRow.session_id == session_id)
        newest = statement.order_by(RunRow.created_at.desc(), RunRow.id.desc()).limit(limit)
        return list(await self.session.scalars(newest))

    async def finish(self, id: UUID, values: dict[str, object]) -> bool:
        """Store how a run ended; False when that is known already."""
        statement = update(RunRow).where(RunRow.id == id, RunRow.finished_at.is_(None))
        finished = statement.values(status="finished", **values).returning(RunRow.id)
        return (await self.session.execute(finished)).first() is not None

    async def unfinished(self, age: float) -> list[RunRow]:
        """Runs that began longer than `age` seconds ago and never ended."""
        begun = RunRow.created_at < _ago(age)
        return list(await self.session.scalars(select(RunRow).where(RunRow.finished_at.is_(None), begun).limit(100)))


def _is_abandoned(leave_grace: float, join_grace: float) -> ColumnElement[bool]:
    left = and_(SessionRow.started_at.is_not(None), LogRow.empty_since < _ago(leave_grace))
    never = and_(SessionRow.started_at.is_(None), LogRow.empty_since < _ago(join_grace))
    return and_(or_(left, never), not_(_is_occupied()))


def _is_occupied() -> ColumnElement[bool]:
    """One of the two follows the session of the LogRow that is looked at."""
    seat = and_(ParticipantRow.session_id == ConnectionRow.session_id, ParticipantRow.user_id == ConnectionRow.user_id)
    there = select(ConnectionRow.id).join(ParticipantRow, seat).where(ParticipantRow.role != "viewer")
    return exists(there.where(ConnectionRow.session_id == LogRow.session_id).correlate(LogRow))


def _ago(seconds: float) -> ColumnElement[datetime]:
    return func.now() - func.make_interval(0, 0, 0, 0, 0, 0, seconds)


def _sessions_of(user_id: UUID):  # type: ignore[no-untyped-def]  # Select[tuple[SessionRow]], which mypy cannot infer through join
    return (
        select(SessionRow)
        .join(ParticipantRow, ParticipantRow.session_id == SessionRow.id)
        .where(ParticipantRow.user_id == user_id, ParticipantRow.removed_at.is_(None))
    )
