"""The SQL statements about people: who keeps away from whom, who is barred, who let others down, who is there; and erasing them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.driver_session import DriverSession
from .models import (
    BarredUser,
    Block,
    Reputation,
)

_WHEREABOUTS = text("""
    SELECT (SELECT match_id FROM matching.participants WHERE user_id = :user_id AND is_live) AS match_id,
           (SELECT id FROM matching.match_requests WHERE user_id = :user_id AND status IN ('pending', 'proposed')) AS ticket_id
""")
_SEEN = text("""
    INSERT INTO matching.followers (user_id, seen_at)
    SELECT user_id, clock_timestamp() FROM unnest(CAST(:user_ids AS uuid[])) AS people (user_id)
    ON CONFLICT (user_id) DO UPDATE SET seen_at = excluded.seen_at
""")


async def note_seen(driver: DriverSession, user_ids: Iterable[UUID]) -> None:
    """Note that these people follow their events at this moment."""
    await driver.execute(_SEEN, {"user_ids": sorted(set(user_ids))})


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a person is at one moment: in a match, waiting (both while a proposal stands), or neither."""

    match_id: UUID | None
    ticket_id: UUID | None


NOWHERE = Whereabouts(None, None)


class PeopleRepository:
    """Who keeps away from whom, who is barred, who let others down, who is there."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def is_barred(self, user_id: UUID) -> bool:
        return await self.session.get(BarredUser, user_id) is not None

    async def is_erased(self, user_id: UUID) -> bool:
        barred = await self.session.get(BarredUser, user_id)
        return barred is not None and barred.reason == "deleted"

    async def bar(self, user_id: UUID, reason: str) -> None:
        """Whoever was deleted stays deleted, whatever is heard of them later."""
        statement = insert(BarredUser).values(user_id=user_id, reason=reason)
        statement = statement.on_conflict_do_update(
            index_elements=["user_id"],
            set_={"reason": statement.excluded.reason},
            where=BarredUser.reason != "deleted",
        )
        await self.session.execute(statement)

    async def unbar(self, user_id: UUID) -> None:
        await self.session.execute(
            delete(BarredUser).where(BarredUser.user_id == user_id, BarredUser.reason == "suspended")
        )

    async def whereabouts_of(self, user_id: UUID) -> Whereabouts:
        """Both in one statement: in two, somebody who goes from one to the other meanwhile would be in neither."""
        row = (await self.session.execute(_WHEREABOUTS, {"user_id": user_id})).one()
        return Whereabouts(row.match_id, row.ticket_id)

    async def block(self, blocker_id: UUID, blocked_id: UUID) -> None:
        statement = insert(Block).values(blocker_id=blocker_id, blocked_id=blocked_id).on_conflict_do_nothing()
        await self.session.execute(statement)

    async def unblock(self, blocker_id: UUID, blocked_id: UUID) -> bool:
        """False when there was no block."""
        statement = delete(Block).where(Block.blocker_id == blocker_id, Block.blocked_id == blocked_id)
        return (await self.session.execute(statement.returning(Block.blocked_id))).first() is not None

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

    async def erase(self, user_id: UUID) -> None:
        """Remove everything that says something about this person; matches stay for the partner, without the id."""
        values = {"user_id": user_id}
        for statement in _ERASE:
            await self.session.execute(statement, values)

    async def erase_traces(self) -> None:
        """Remove what an open subscription of an erased person has left after the erasure, until its token ran out."""
        for statement in _ERASE_TRACES:
            await self.session.execute(statement)


_ERASE_TRACES = [
    text(f"""
        DELETE FROM matching.{table} USING matching.barred_users AS gone
        WHERE gone.user_id = {table}.user_id AND gone.reason = 'deleted' AND gone.created_at > now() - interval '1 day'
    """)
    for table in ("followers", "streams")
]
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
        "DELETE FROM matching.idempotency_keys WHERE owner = CAST(:user_id AS uuid)::text",
        "DELETE FROM matching.streams WHERE user_id = :user_id",
    )
]
