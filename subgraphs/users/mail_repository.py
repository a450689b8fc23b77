"""Every SQL statement on mail that waits and on the confirmations that its links stand for."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from .models import Confirmation, MailRequest


class MailRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def request(self, kind: str, email: str) -> None:
        self.session.add(MailRequest(kind=kind, email=email))

    async def next_due(self) -> MailRequest | None:
        """The mail that has waited longest, locked; another replica gets the next one."""
        statement = select(MailRequest).where(MailRequest.next_attempt_at <= func.now())
        statement = statement.order_by(MailRequest.next_attempt_at, MailRequest.id)
        return await self.session.scalar(statement.limit(1).with_for_update(skip_locked=True))

    async def delete(self, request: MailRequest) -> None:
        await self.session.delete(request)

    def postpone(self, request: MailRequest, wait: timedelta) -> None:
        request.attempts += 1
        request.next_attempt_at = func.now() + wait

    async def add_confirmation(self, confirmation: Confirmation) -> None:
        """A new link makes those before it useless."""
        earlier = delete(Confirmation).where(Confirmation.user_id == confirmation.user_id)
        await self.session.execute(earlier.where(Confirmation.purpose == confirmation.purpose))
        self.session.add(confirmation)

    async def lock_confirmation(self, token_hash: bytes, purpose: str) -> Confirmation | None:
        statement = select(Confirmation).where(Confirmation.token_hash == token_hash, Confirmation.purpose == purpose)
        return await self.session.scalar(statement.with_for_update())

    async def erase(self, user_id: UUID, email: str) -> None:
        await self.session.execute(delete(Confirmation).where(Confirmation.user_id == user_id))
        await self.session.execute(delete(MailRequest).where(MailRequest.email == email))

    async def purge(self, before: datetime) -> None:
        await self.session.execute(delete(Confirmation).where(Confirmation.expires_at < before))
