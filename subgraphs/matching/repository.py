"""The SQL statements about tickets; whole operations are in ticket_statements.py, event logs in streams.py, the rest in *_repository.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.driver_session import DriverSession
from ..kit.repository import Repository
from .models import (
    LIVE_TICKET,
    Follower,
    MatchRequest,
    TicketStatus,
)
from .sql_values import literals

_DUE = text("""
    SELECT EXISTS (SELECT FROM matching.match_requests WHERE status = 'pending' AND next_look_at <= now()) AS searches,
           EXISTS (SELECT FROM matching.match_requests WHERE status = 'pending' AND expires_at <= now()) AS expiries,
           EXISTS (SELECT FROM matching.followers WHERE seen_at < now() - CAST(:grace AS interval)) AS absences,
           EXISTS (SELECT FROM matching.matches WHERE status = 'proposed' AND respond_by <= now()) AS proposals,
           EXISTS (SELECT FROM matching.matches WHERE status = 'forming' AND next_attempt_at <= now()) AS formations,
           clock_timestamp() AS at
""")
_LOCK_PEOPLE = text("SELECT pg_advisory_xact_lock(:lock, key) FROM unnest(CAST(:keys AS integer[])) AS keys (key)")
USER_LOCK = 0x7A6E_0011  # class of the advisory locks, one per person


async def lock_people(session: AsyncSession, user_ids: Iterable[UUID]) -> None:
    """Make what these people do follow one another until the commit, in the order of their keys so that nobody deadlocks."""
    await session.execute(_LOCK_PEOPLE, {"lock": USER_LOCK, "keys": people_keys(user_ids)})


def people_keys(user_ids: Iterable[UUID]) -> list[int]:
    """The keys of these people's locks, in the order in which they must be taken."""
    return sorted({user_id.int & 0x7FFFFFFF for user_id in user_ids})


async def time_of(session: AsyncSession) -> datetime:
    """The database's time, which is the same for all replicas: of this transaction's begin."""
    return (await session.execute(select(func.now()))).scalar_one()


async def present_of(session: AsyncSession) -> datetime:
    """The database's time at this moment, for what comes after waiting for others."""
    present: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return present


@dataclass(frozen=True, slots=True)
class Due:
    """What is due at this moment; most of the time nothing is."""

    searches: bool
    expiries: bool
    absences: bool
    proposals: bool
    formations: bool
    at: datetime
    """By the database's clock."""


async def find_due(driver: DriverSession, grace: timedelta) -> Due:
    """Look at the heads of all queues of due work in one statement."""
    (row,) = await driver.execute(_DUE, {"grace": grace})
    return Due(**row)


class TicketRepository(Repository[MatchRequest]):
    """Tickets."""

    model = MatchRequest

    async def live_of(self, user_id: UUID, *, lock: bool = False) -> MatchRequest | None:
        statement = select(MatchRequest).where(
            MatchRequest.user_id == user_id, MatchRequest.status.in_(literals(LIVE_TICKET))
        )
        if lock:
            statement = statement.with_for_update().execution_options(populate_existing=True)
        return (await self.session.scalars(statement)).one_or_none()

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
                next_look_at=func.now(),
                expires_at=func.greatest(MatchRequest.expires_at, func.now() + grace),
            )
            .returning(MatchRequest)
        )
        return list((await self.session.scalars(statement)).all())

    async def look_again(self, ticket_id: UUID) -> None:
        """It is time to look for a partner of this ticket, if it still waits. The line must be locked (see pairing.lock_line)."""
        statement = update(MatchRequest).where(
            MatchRequest.id == ticket_id, MatchRequest.status == TicketStatus.PENDING
        )
        await self.session.execute(statement.values(next_look_at=func.now()))

    async def forsaken_among(self, ids: Iterable[UUID], absence: timedelta) -> list[UUID]:
        """Those of these tickets whose owners followed their events, went away and have not been seen for so long."""
        statement = select(MatchRequest.id).join(Follower, Follower.user_id == MatchRequest.user_id)
        statement = statement.where(
            MatchRequest.id.in_(list(ids)),
            Follower.seen_at < func.now() - absence,
            MatchRequest.created_at <= Follower.seen_at,
        )
        return list((await self.session.scalars(statement)).all())

    async def due_languages(self) -> list[str]:
        """The languages in which it is time to look for somebody's partner."""
        due = select(MatchRequest.preferred_language).distinct()
        due = due.where(MatchRequest.status.in_(literals([TicketStatus.PENDING])))
        return list((await self.session.scalars(due.where(MatchRequest.next_look_at <= func.now()))).all())

    async def count_waiting(self) -> dict[str, int]:
        """How many wait, by difficulty."""
        statement = select(MatchRequest.preferred_difficulty, func.count())
        statement = statement.where(MatchRequest.status.in_(literals([TicketStatus.PENDING])))
        rows = await self.session.execute(statement.group_by(MatchRequest.preferred_difficulty))
        return {row[0]: row[1] for row in rows}
