"""The SQL statements about matches and their participants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, text, update

from ..kit.driver_session import DriverSession
from ..kit.events import Event
from ..kit.pagination import Page, PageRequest, SortKey, fetch_page
from ..kit.repository import Repository
from .models import (
    LIVE_MATCH,
    Match,
    MatchStatus,
    Participant,
)
from .repository import time_of
from .sql_values import literals, uuids

# With the event for the others in the outbox: one statement, which happens or does not.
_OPEN = text("""
    WITH opened AS (
        UPDATE matching.matches SET status = 'opening', question_id = :question_id, next_attempt_at = NULL
        WHERE id = :match_id AND status = 'forming' RETURNING *
    )
    INSERT INTO matching.outbox (event_id, type, subject, traceparent, data)
    SELECT gen_random_uuid(), 'match.created', id::text, :traceparent, jsonb_build_object(
        'match_id', id, 'user1_id', user1_id, 'user2_id', user2_id, 'question_id', question_id, 'language', language,
        'difficulty', difficulty, 'topics', topics, 'interviewer_id', interviewer_id)
    FROM opened RETURNING subject
""")
# Noted in the inbox, told to both people and all: one statement. The numbers of their events are handed out as in streams, under the
# locks of their rows, taken in the order of the ids. Nothing where the event was handled before; nothing but the note where the match
# is not opening (any more).
_ACTIVATE = text("""
    WITH noted AS (
        INSERT INTO matching.inbox (event_id, type) VALUES (CAST(:event_id AS uuid), CAST(:event_type AS text))
        ON CONFLICT DO NOTHING
        RETURNING event_id
    ), activated AS (
        UPDATE matching.matches SET status = 'active', session_id = CAST(:session_id AS uuid)
        WHERE id = CAST(:match_id AS uuid) AND status = 'opening' AND EXISTS (SELECT FROM noted)
        RETURNING *
    ), met AS (
        UPDATE matching.participants SET has_met = true FROM activated WHERE participants.match_id = activated.id
    ), people (user_id, match_id, ticket_id) AS (
        SELECT user1_id, id, ticket1_id FROM activated WHERE user1_id IS NOT NULL
        UNION ALL
        SELECT user2_id, id, ticket2_id FROM activated WHERE user2_id IS NOT NULL
    ), advanced AS (
        INSERT INTO matching.streams (user_id, last_seq) SELECT user_id, 1 FROM people ORDER BY user_id
        ON CONFLICT (user_id) DO UPDATE SET last_seq = streams.last_seq + 1
        RETURNING user_id, last_seq
    ), told AS (
        INSERT INTO matching.match_events (user_id, seq, type, data)
        SELECT user_id, last_seq, 'made', jsonb_build_object('match_id', match_id, 'ticket_id', ticket_id)
        FROM people JOIN advanced USING (user_id)
    )
    SELECT EXISTS (SELECT FROM noted) AS is_noted, ARRAY(SELECT user_id FROM people) AS told, ARRAY(
        SELECT extract(epoch FROM clock_timestamp() - ticket.created_at)::float8
        FROM matching.match_requests AS ticket JOIN people ON people.ticket_id = ticket.id
    ) AS waits
""")


@dataclass(frozen=True, slots=True)
class Activation:
    """What came of noting a session."""

    is_noted: bool
    """False where the event was handled before."""
    told: Sequence[UUID]
    """The two people, each with a new event; nobody where the match was not opening."""
    waits: Sequence[float]
    """How many seconds each of them waited."""


async def open_match(driver: DriverSession, match_id: UUID, question_id: UUID, traceparent: str | None) -> bool:
    """Give a forming match its question and publish match.created; False when it is not forming (any more)."""
    values = {"match_id": match_id, "question_id": question_id, "traceparent": traceparent}
    return bool(await driver.execute(_OPEN, values))


async def activate_match(driver: DriverSession, event: Event, match_id: UUID | None, session_id: UUID) -> Activation:
    """Note the session of an opening match, of which this event tells, and tell both. From now on the two count as having met."""
    values = {"event_id": event.id, "event_type": event.type, "match_id": match_id, "session_id": session_id}
    (row,) = await driver.execute(_ACTIVATE, values)
    return Activation(**row)


class MatchRepository(Repository[Match]):
    """Matches and their participants."""

    model = Match

    async def locked(self, match_id: UUID) -> Match | None:
        """The match, locked until the commit, as it is once the lock is there."""
        statement = select(Match).where(Match.id == match_id).with_for_update()
        # Who waited for the lock with the match in hand would decide by what it was before.
        statement = statement.execution_options(populate_existing=True)
        return (await self.session.scalars(statement)).one_or_none()

    async def live_of(self, user_id: UUID) -> Match | None:
        statement = select(Match).join(Participant, Participant.match_id == Match.id)
        statement = statement.where(Participant.user_id == user_id, Participant.is_live)
        return (await self.session.scalars(statement)).one_or_none()

    async def create(self, match: Match) -> Match:
        """Insert a live match and its participants."""
        match = await self.add(match)
        for user_id in match.user_ids:
            self.session.add(
                Participant(
                    match_id=match.id,
                    user_id=user_id,
                    partner_id=match.partner_of(user_id),
                    is_live=True,
                    created_at=match.created_at,
                )
            )
        await self.session.flush()
        return match

    async def end(self, match_id: UUID, reason: str, *, only: Sequence[MatchStatus] = LIVE_MATCH) -> Match | None:
        """End a match that is in a status of `only` and free its participants; None when it is not. Active ones count as completed."""
        match = await self.locked(match_id)
        if match is None or match.status not in only:
            return None
        match.status = MatchStatus.COMPLETED if match.status == MatchStatus.ACTIVE else MatchStatus.CANCELLED
        match.end_reason = reason
        match.ended_at = await time_of(self.session)
        await self.session.execute(update(Participant).where(Participant.match_id == match_id).values(is_live=False))
        await self.session.flush()
        return match

    async def lease_forming(self, limit: int, lease: timedelta) -> list[UUID]:
        """Matches that should have a question by now; no other replica gets them for the time of the lease."""
        due = select(Match.id).where(
            Match.status.in_(literals([MatchStatus.FORMING])), Match.next_attempt_at <= func.now()
        )
        due = due.order_by(Match.next_attempt_at).limit(limit).with_for_update(skip_locked=True)
        statement = update(Match).where(Match.id.in_(due.scalar_subquery()))
        statement = statement.values(next_attempt_at=func.now() + lease)
        return list((await self.session.scalars(statement.returning(Match.id))).all())

    async def overdue_proposals(self, limit: int) -> list[UUID]:
        """Ready checks whose time is up."""
        statement = select(Match.id).where(
            Match.status.in_(literals([MatchStatus.PROPOSED])), Match.respond_by <= func.now()
        )
        return list((await self.session.scalars(statement.order_by(Match.respond_by).limit(limit))).all())

    async def forgotten(self, lifetime: timedelta, limit: int) -> list[UUID]:
        """Matches that have been open for longer than any session lasts."""
        statement = select(Match.id).where(Match.status.in_(literals([MatchStatus.OPENING, MatchStatus.ACTIVE])))
        statement = statement.where(Match.created_at < func.now() - lifetime)
        return list((await self.session.scalars(statement.order_by(Match.created_at).limit(limit))).all())

    async def newest_of(self, user_ids: Iterable[UUID], limit: int) -> dict[UUID, list[Match]]:
        """The newest `limit` matches of each of these people that came about, in one statement."""
        people = func.unnest(uuids(user_ids)).table_valued("user_id", name="people").render_derived()
        newest = (
            select(Participant.match_id)
            .join(Match, Match.id == Participant.match_id)
            .where(Participant.user_id == people.c.user_id, Match.status != MatchStatus.CANCELLED.value)
            .order_by(Participant.created_at.desc(), Participant.match_id.desc())
            .limit(limit)
            .lateral("newest")
        )
        statement = select(people.c.user_id, Match).select_from(people)
        statement = statement.join(newest, text("true")).join(Match, Match.id == newest.c.match_id)
        statement = statement.order_by(Match.created_at.desc(), Match.id.desc())
        found: dict[UUID, list[Match]] = {}
        for row in await self.session.execute(statement):
            found.setdefault(row.user_id, []).append(row.Match)
        return found

    async def page_of(self, user_id: UUID, request: PageRequest, criteria: Sequence[Any]) -> Page[Match]:
        keys = [SortKey("created_at", Match.created_at, descending=True), SortKey("id", Match.id, descending=True)]
        return await fetch_page(self.session, self._history(user_id, criteria), keys, request)

    async def count_of(self, user_id: UUID, criteria: Sequence[Any]) -> int:
        statement = self._history(user_id, criteria).with_only_columns(func.count())
        return await self.session.scalar(statement) or 0

    def _history(self, user_id: UUID, criteria: Sequence[Any]) -> Select[Any]:
        statement = select(Match).join(Participant, Participant.match_id == Match.id)
        return statement.where(Participant.user_id == user_id, *criteria)


def history_criteria(
    *,
    statuses: Sequence[str] = (),
    languages: Sequence[str] = (),
    difficulties: Sequence[str] = (),
    partner_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Any]:
    """The conditions of a search in one person's matches; an empty one means any."""
    criteria: list[Any] = []
    if statuses:
        criteria.append(Match.status.in_(list(statuses)))
    if languages:
        criteria.append(Match.language.in_(list(languages)))
    if difficulties:
        criteria.append(Match.difficulty.in_(list(difficulties)))
    if partner_id is not None:
        criteria.append(or_(Match.user1_id == partner_id, Match.user2_id == partner_id))
    if since is not None:
        criteria.append(Match.created_at >= since)
    if until is not None:
        criteria.append(Match.created_at < until)
    return criteria
