"""The SQL statements about tickets, matches and the people in them; the search for partners is in pairing.py, event logs in streams.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, cast, delete, func, literal_column, or_, select, text, update
from sqlalchemy.dialects.postgresql import UUID as PostgresUUID
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.pagination import Page, PageRequest, SortKey, fetch_page
from ..kit.repository import Repository
from .models import (
    LIVE_MATCH,
    LIVE_TICKET,
    BarredUser,
    Block,
    Follower,
    Match,
    MatchRequest,
    MatchStatus,
    Participant,
    Reputation,
    TicketStatus,
)

_DUE = text("""
    SELECT EXISTS (SELECT FROM matching.match_requests WHERE status = 'pending' AND next_look_at <= now()) AS searches,
           EXISTS (SELECT FROM matching.match_requests WHERE status = 'pending' AND expires_at <= now()) AS expiries,
           EXISTS (SELECT FROM matching.followers WHERE seen_at < now() - CAST(:grace AS interval)) AS absences,
           EXISTS (SELECT FROM matching.matches WHERE status = 'proposed' AND respond_by <= now()) AS proposals,
           EXISTS (SELECT FROM matching.matches WHERE status = 'forming' AND next_attempt_at <= now()) AS formations
""")
USER_LOCK = 0x7A6E_0011  # class of the advisory locks, one per person
LOOK_FALLBACK = timedelta(seconds=1)  # when another replica looks for a partner, should this one die before it did


async def lock_people(session: AsyncSession, user_ids: Iterable[UUID]) -> None:
    """Make what these people do follow one another until the commit, in the order of their ids so that nobody deadlocks."""
    for key in sorted({user_id.int & 0x7FFFFFFF for user_id in user_ids}):
        await session.execute(text("SELECT pg_advisory_xact_lock(:lock, :key)"), {"lock": USER_LOCK, "key": key})


@dataclass(frozen=True, slots=True)
class Due:
    """What is due at this moment; most of the time nothing is."""

    searches: bool
    expiries: bool
    absences: bool
    proposals: bool
    formations: bool


async def find_due(session: AsyncSession, grace: timedelta) -> Due:
    """Look at the heads of all queues of due work in one statement."""
    row = (await session.execute(_DUE, {"grace": grace})).one()
    return Due(row.searches, row.expiries, row.absences, row.proposals, row.formations)


class TicketRepository(Repository[MatchRequest]):
    """Tickets."""

    model = MatchRequest

    async def create(self, **values: Any) -> MatchRequest | None:
        """Insert a pending ticket; None when the person has a live one."""
        statement = (
            insert(MatchRequest)
            .values(next_look_at=func.now() + LOOK_FALLBACK, **values)
            .on_conflict_do_nothing(
                index_elements=[MatchRequest.user_id],
                index_where=MatchRequest.status.in_(_literals(LIVE_TICKET)),
            )
            .returning(MatchRequest)
        )
        return (await self.session.scalars(statement)).one_or_none()

    async def live_of(self, user_id: UUID, *, lock: bool = False) -> MatchRequest | None:
        statement = select(MatchRequest).where(
            MatchRequest.user_id == user_id, MatchRequest.status.in_(_literals(LIVE_TICKET))
        )
        return (await self.session.scalars(statement.with_for_update() if lock else statement)).one_or_none()

    async def latest_of(self, user_id: UUID) -> MatchRequest | None:
        """The person's newest ticket, live or not."""
        statement = select(MatchRequest).where(MatchRequest.user_id == user_id)
        statement = statement.order_by(MatchRequest.created_at.desc(), MatchRequest.id.desc()).limit(1)
        return (await self.session.scalars(statement)).one_or_none()

    async def close(
        self, ids: Iterable[UUID], status: TicketStatus, *, only: Sequence[TicketStatus]
    ) -> list[MatchRequest]:
        """Take those of these tickets that are in a status of `only` out of the line; the tickets that were."""
        statement = (
            update(MatchRequest)
            .where(MatchRequest.id.in_(list(ids)), MatchRequest.status.in_(only))
            .values(status=status, closed_at=func.now(), next_look_at=None)
            .returning(MatchRequest)
        )
        return list((await self.session.scalars(statement)).all())

    async def back_in_line(self, ids: Iterable[UUID], grace: timedelta) -> list[MatchRequest]:
        """Give tickets their old place again, with at least `grace` left to wait; the tickets that have it."""
        statement = (
            update(MatchRequest)
            .where(
                MatchRequest.id.in_(list(ids)), MatchRequest.status.in_([TicketStatus.PROPOSED, TicketStatus.MATCHED])
            )
            .values(
                status=TicketStatus.PENDING,
                match_id=None,
                closed_at=None,
                next_look_at=func.now() + LOOK_FALLBACK,
                expires_at=func.greatest(MatchRequest.expires_at, func.now() + grace),
            )
            .returning(MatchRequest)
        )
        return list((await self.session.scalars(statement)).all())

    async def lease_due(self, limit: int) -> list[tuple[UUID, str]]:
        """Tickets for which it is time to look again, with their language; no other replica gets them for a second."""
        due = select(MatchRequest.id).where(MatchRequest.status.in_(_literals([TicketStatus.PENDING])))
        due = due.where(MatchRequest.next_look_at <= func.now(), MatchRequest.expires_at > func.now())
        due = due.order_by(MatchRequest.next_look_at).limit(limit).with_for_update(skip_locked=True)
        statement = (
            update(MatchRequest)
            .where(MatchRequest.id.in_(due.scalar_subquery()))
            .values(next_look_at=func.now() + LOOK_FALLBACK)
            .returning(MatchRequest.id, MatchRequest.preferred_language)
        )
        return [(row.id, row.preferred_language) for row in await self.session.execute(statement)]

    async def expire_due(self, limit: int) -> list[MatchRequest]:
        """Close pending tickets whose time is up."""
        due = select(MatchRequest.id).where(MatchRequest.status.in_(_literals([TicketStatus.PENDING])))
        due = due.where(MatchRequest.expires_at <= func.now()).order_by(MatchRequest.expires_at)
        return await self._close_found(due.limit(limit), TicketStatus.EXPIRED)

    async def cancel_forsaken(self, grace: timedelta, limit: int) -> list[MatchRequest]:
        """Cancel pending tickets of people who followed their events, went away, and did not come back within `grace`.

        Whoever went away is forgotten here, so that the work is that of people leaving, however many wait.
        """
        gone = select(Follower.user_id).where(Follower.seen_at < func.now() - grace).limit(limit)
        statement = delete(Follower).where(
            Follower.user_id.in_(gone.with_for_update(skip_locked=True).scalar_subquery())
        )
        left = {
            row.user_id: row.seen_at
            for row in await self.session.execute(statement.returning(Follower.user_id, Follower.seen_at))
        }
        if not left:
            return []
        live = select(MatchRequest).where(MatchRequest.user_id.in_(list(left)))
        live = live.where(MatchRequest.status.in_(_literals([TicketStatus.PENDING])))
        tickets = (await self.session.scalars(live.with_for_update(skip_locked=True))).all()
        # A ticket made after its owner was last seen belongs to somebody who asks without following.
        forsaken = [ticket.id for ticket in tickets if ticket.created_at <= left[ticket.user_id]]
        return await self.close(forsaken, TicketStatus.CANCELLED, only=(TicketStatus.PENDING,)) if forsaken else []

    async def waiting_sample(self, limit: int) -> list[MatchRequest]:
        """The longest-waiting tickets, for explanations."""
        statement = select(MatchRequest).where(MatchRequest.status.in_(_literals([TicketStatus.PENDING])))
        statement = statement.order_by(MatchRequest.created_at, MatchRequest.id).limit(limit)
        return list((await self.session.scalars(statement)).all())

    async def _close_found(self, found: Select[Any], status: TicketStatus) -> list[MatchRequest]:
        locked = found.with_for_update(of=MatchRequest, skip_locked=True)
        ids = (await self.session.scalars(locked)).all()
        return await self.close(ids, status, only=(TicketStatus.PENDING,)) if ids else []


class MatchRepository(Repository[Match]):
    """Matches and their participants."""

    model = Match

    async def locked(self, match_id: UUID) -> Match | None:
        """The match, locked until the commit."""
        statement = select(Match).where(Match.id == match_id).with_for_update()
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

    async def open(self, match_id: UUID, question_id: UUID | None) -> Match | None:
        """Give a forming match its question; None when it is not forming (any more)."""
        statement = (
            update(Match)
            .where(Match.id == match_id, Match.status.in_(_literals([MatchStatus.FORMING])))
            .values(status=MatchStatus.OPENING, question_id=question_id, next_attempt_at=None)
            .returning(Match)
        )
        return (await self.session.scalars(statement)).one_or_none()

    async def activate(self, match_id: UUID, session_id: UUID) -> Match | None:
        """Note the session of an opening match; from now on the two count as having met. None when it is not opening."""
        statement = (
            update(Match)
            .where(Match.id == match_id, Match.status.in_(_literals([MatchStatus.OPENING])))
            .values(status=MatchStatus.ACTIVE, session_id=session_id)
            .returning(Match)
        )
        match = (await self.session.scalars(statement)).one_or_none()
        if match is not None:
            await self.session.execute(update(Participant).where(Participant.match_id == match_id).values(has_met=True))
        return match

    async def end(self, match_id: UUID, reason: str, *, only: Sequence[MatchStatus] = LIVE_MATCH) -> Match | None:
        """End a match that is in a status of `only` and free its participants; None when it is not. Active ones count as completed."""
        match = await self.locked(match_id)
        if match is None or match.status not in only:
            return None
        match.status = MatchStatus.COMPLETED if match.status == MatchStatus.ACTIVE else MatchStatus.CANCELLED
        match.end_reason = reason
        match.ended_at = await self.session.scalar(select(func.now()))
        await self.session.execute(update(Participant).where(Participant.match_id == match_id).values(is_live=False))
        await self.session.flush()
        return match

    async def lease_forming(self, limit: int, lease: timedelta) -> list[UUID]:
        """Matches that should have a question by now; no other replica gets them for the time of the lease."""
        due = select(Match.id).where(
            Match.status.in_(_literals([MatchStatus.FORMING])), Match.next_attempt_at <= func.now()
        )
        due = due.order_by(Match.next_attempt_at).limit(limit).with_for_update(skip_locked=True)
        statement = update(Match).where(Match.id.in_(due.scalar_subquery()))
        statement = statement.values(next_attempt_at=func.now() + lease)
        return list((await self.session.scalars(statement.returning(Match.id))).all())

    async def overdue_proposals(self, limit: int) -> list[UUID]:
        """Ready checks whose time is up."""
        statement = select(Match.id).where(
            Match.status.in_(_literals([MatchStatus.PROPOSED])), Match.respond_by <= func.now()
        )
        return list((await self.session.scalars(statement.order_by(Match.respond_by).limit(limit))).all())

    async def forgotten(self, lifetime: timedelta, limit: int) -> list[UUID]:
        """Matches that have been open for longer than any session lasts."""
        statement = select(Match.id).where(Match.status.in_(_literals([MatchStatus.OPENING, MatchStatus.ACTIVE])))
        statement = statement.where(Match.created_at < func.now() - lifetime)
        return list((await self.session.scalars(statement.order_by(Match.created_at).limit(limit))).all())

    async def newest_of(self, user_ids: Iterable[UUID], limit: int) -> dict[UUID, list[Match]]:
        """The newest `limit` matches of each of these people that came about, in one statement."""
        people = func.unnest(_uuids(user_ids)).table_valued("user_id", name="people").render_derived()
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


class PeopleRepository:
    """Who keeps away from whom, who is barred, who let others down, who is there."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def is_barred(self, user_id: UUID) -> bool:
        return await self.session.get(BarredUser, user_id) is not None

    async def bar(self, user_id: UUID, reason: str) -> None:
        statement = insert(BarredUser).values(user_id=user_id, reason=reason)
        await self.session.execute(
            statement.on_conflict_do_update(index_elements=["user_id"], set_={"reason": statement.excluded.reason})
        )

    async def unbar(self, user_id: UUID) -> None:
        await self.session.execute(
            delete(BarredUser).where(BarredUser.user_id == user_id, BarredUser.reason == "suspended")
        )

    async def block(self, blocker_id: UUID, blocked_id: UUID) -> None:
        statement = insert(Block).values(blocker_id=blocker_id, blocked_id=blocked_id).on_conflict_do_nothing()
        await self.session.execute(statement)

    async def unblock(self, blocker_id: UUID, blocked_id: UUID) -> None:
        await self.session.execute(delete(Block).where(Block.blocker_id == blocker_id, Block.blocked_id == blocked_id))

    async def blocked_by(self, blocker_id: UUID, limit: int) -> list[UUID]:
        statement = select(Block.blocked_id).where(Block.blocker_id == blocker_id)
        return list((await self.session.scalars(statement.order_by(Block.created_at.desc()).limit(limit))).all())

    async def are_blocked(self, one: UUID, other: UUID) -> bool:
        both = [one, other]
        statement = select(Block.blocker_id).where(Block.blocker_id.in_(both), Block.blocked_id.in_(both)).limit(1)
        return (await self.session.scalars(statement)).first() is not None

    async def count_no_show(self, user_id: UUID) -> None:
        statement = insert(Reputation).values(user_id=user_id, no_shows=1, last_no_show_at=func.now())
        changes = {"no_shows": Reputation.no_shows + 1, "last_no_show_at": func.now()}
        await self.session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=changes))

    async def count_decline(self, user_id: UUID) -> None:
        statement = insert(Reputation).values(user_id=user_id, declines=1)
        changes = {"declines": Reputation.declines + 1}
        await self.session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=changes))

    async def reputation(self, user_id: UUID) -> Reputation | None:
        return await self.session.get(Reputation, user_id)

    async def seen(self, user_ids: Sequence[UUID]) -> None:
        """Note that these people follow their events at this moment."""
        ids = func.unnest(_uuids(sorted(set(user_ids)))).table_valued("user_id", name="people").render_derived()
        statement = insert(Follower).from_select(["user_id", "seen_at"], select(ids.c.user_id, func.clock_timestamp()))
        changes = {"seen_at": statement.excluded.seen_at}
        await self.session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=changes))

    async def erase(self, user_id: UUID) -> None:
        """Remove everything that says something about this person; matches stay for the partner, without the id."""
        values = {"user_id": user_id}
        for statement in _ERASE:
            await self.session.execute(statement, values)


def _literals(statuses: Sequence[StrEnum]) -> list[ColumnElement[str]]:
    """Statuses written into the SQL: PostgreSQL sees that a partial index applies only when they are no parameters."""
    return [literal_column(f"'{status.value}'") for status in statuses]


def _uuids(ids: Iterable[UUID]) -> Any:
    """An array parameter whose type the server can tell."""
    return cast(list(ids), ARRAY(PostgresUUID(as_uuid=True)))


_ERASE = [
    text(statement)
    for statement in (
        "DELETE FROM matching.match_requests WHERE user_id = :user_id",
        "UPDATE matching.matches SET user1_id = NULL, ticket1_id = NULL WHERE user1_id = :user_id",
        "UPDATE matching.matches SET user2_id = NULL, ticket2_id = NULL WHERE user2_id = :user_id",
        "UPDATE matching.matches SET interviewer_id = NULL WHERE interviewer_id = :user_id",
        "DELETE FROM matching.participants WHERE user_id = :user_id",
        "UPDATE matching.participants SET partner_id = NULL WHERE partner_id = :user_id",
        "DELETE FROM matching.invitations WHERE inviter_id = :user_id OR invitee_id = :user_id",
        "DELETE FROM matching.blocks WHERE blocker_id = :user_id OR blocked_id = :user_id",
        "DELETE FROM matching.reputations WHERE user_id = :user_id",
        "DELETE FROM matching.followers WHERE user_id = :user_id",
        "DELETE FROM matching.match_events WHERE user_id = :user_id",
        "DELETE FROM matching.streams WHERE user_id = :user_id",
    )
]


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
