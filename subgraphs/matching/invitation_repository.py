"""The SQL statements about invitations."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, or_, select, update

from ..kit.repository import Repository
from .models import Invitation, InvitationStatus
from .sql_values import literals

LIST_SIZE = 100  # open invitations of one person that are listed
EXPIRE_BATCH = 200


class InvitationRepository(Repository[Invitation]):
    """Invitations, made and got."""

    model = Invitation

    async def locked(self, invitation_id: UUID) -> Invitation | None:
        """The invitation, locked until the commit, as it is once the lock is there."""
        statement = select(Invitation).where(Invitation.id == invitation_id).with_for_update()
        # Who waited for the lock with the invitation in hand would decide by what it was before.
        return (await self.session.scalars(statement.execution_options(populate_existing=True))).one_or_none()

    async def id_of(self, token_hash: bytes) -> UUID | None:
        """The id of the invitation whose link carries this token."""
        return await self.session.scalar(select(Invitation.id).where(Invitation.token_hash == token_hash))

    async def open_of(self, user_id: UUID) -> Sequence[Invitation]:
        """The open ones that this person made or got, newest first."""
        statement = select(Invitation).where(
            or_(Invitation.inviter_id == user_id, Invitation.invitee_id == user_id),
            Invitation.status == InvitationStatus.OPEN,
            Invitation.expires_at > func.now(),
        )
        return (await self.session.scalars(statement.order_by(Invitation.created_at.desc()).limit(LIST_SIZE))).all()

    async def count_open(self, inviter_id: UUID) -> int:
        statement = select(func.count()).select_from(Invitation)
        statement = statement.where(
            Invitation.inviter_id == inviter_id,
            Invitation.status == InvitationStatus.OPEN,
            Invitation.expires_at > func.now(),
        )
        return await self.session.scalar(statement) or 0

    async def expire_due(self) -> None:
        """Close some of those whose time is up."""
        is_open = Invitation.status.in_(literals([InvitationStatus.OPEN]))
        due = select(Invitation.id).where(is_open, Invitation.expires_at <= func.now()).limit(EXPIRE_BATCH)
        statement = update(Invitation).where(Invitation.id.in_(due.with_for_update(skip_locked=True).scalar_subquery()))
        await self.session.execute(statement.values(status=InvitationStatus.EXPIRED))
