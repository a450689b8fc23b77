"""The use cases of leaving: delete the account everywhere, and see the proof that it is done.

users: erase, user.deleted ──▶ questions, matching, collaboration: erase or anonymise, user.erased ──▶ users: keep the proofs
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.auth import Viewer
from ..kit.database import Database
from ..kit.errors import NotFound
from ..kit.events import Event, Outbox
from ..kit.idempotency import IdempotencyKeys
from .accounts import Accounts
from .admin_service import guard_last_admin
from .allowances import Allowances, allowance_key
from .credential_service import PASSWORD_LIMIT, PASSWORD_WINDOW
from .erasure_repository import ErasureRepository
from .errors import InvalidCredentials
from .export_repository import ExportRepository
from .mail_repository import MailRepository
from .models import Erasure, ErasureProof, Idempotency, User
from .passwords import Passwords
from .rating_repository import RatingRepository
from .repository import AuditRepository, UserRepository
from .rules import DELETED_NAME, MAX_PASSWORD, Role, SkillLevel, normalised_password
from .sessions import Sessions

logger = structlog.get_logger(__name__)

SUBGRAPHS = frozenset({"users", "questions", "matching", "collaboration"})
"""All that must prove an erasure: everyone who keeps data of people."""


@dataclass(frozen=True, slots=True)
class ErasureState:
    """How far the erasure of an account has come."""

    erasure: Erasure
    proofs: tuple[ErasureProof, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The subgraphs whose proof is still awaited."""
        return tuple(sorted(SUBGRAPHS - {proof.subgraph for proof in self.proofs}))


@dataclass(frozen=True, slots=True)
class ErasureService:
    """Owns the transactions around deleting accounts."""

    database: Database
    outbox: Outbox
    accounts: Accounts
    sessions: Sessions
    passwords: Passwords
    allowances: Allowances

    async def delete_own_account(self, viewer: Viewer, password: str | None) -> ErasureState:
        """Erase oneself, now and for good. People who have a password say it again. Raises InvalidCredentials, LastAdmin."""
        limits = {allowance_key("password", str(viewer.require_user())): PASSWORD_LIMIT}
        await self.allowances.take(limits, PASSWORD_WINDOW, "Too many tries; wait a little.")
        async with self.database.transaction() as session:
            found = await self.accounts.require(session, viewer)
        given = normalised_password((password or "")[:MAX_PASSWORD])
        if found.password_hash is not None and not await self.passwords.is_match(found.password_hash, given):
            raise InvalidCredentials
        async with self.database.transaction() as session:
            await guard_last_admin(session, found.id)
            user = await self.accounts.require(session, viewer, for_update=True)
            state = await self._erase(session, user)
        self.outbox.wake()
        return state

    async def delete_account(self, viewer: Viewer, user_id: UUID) -> ErasureState:
        """An admin erases somebody. Raises NotFound, NotAllowed or LastAdmin."""
        async with self.database.transaction() as session:
            admin = await self.accounts.require_role(session, viewer, Role.ADMIN)
            await guard_last_admin(session, user_id)
            user = await UserRepository(session).get_for_update(user_id)
            if user is None or user.deleted_at is not None:
                raise NotFound("There is no such user.", field="userId")
            AuditRepository(session).add(actor_id=admin.id, action="user_deleted", user_id=user_id, details={})
            state = await self._erase(session, user)
        self.outbox.wake()
        return state

    async def state_by_receipt(self, receipt: UUID) -> ErasureState:
        """How far an erasure has come, for whoever holds its receipt. Raises NotFound."""
        async with self.database.session() as session:
            repository = ErasureRepository(session)
            erasure = await repository.find_by_receipt(receipt)
            if erasure is None:
                raise NotFound("There is no erasure with this receipt.", field="receipt")
            return ErasureState(erasure, tuple(await repository.proofs_of(erasure.user_id)))

    async def unfinished(self, viewer: Viewer, before: datetime, limit: int = 100) -> list[ErasureState]:
        """Erasures that take too long, for admins. Raises NotAllowed."""
        async with self.database.transaction() as session:
            await self.accounts.require_role(session, viewer, Role.ADMIN)
            repository = ErasureRepository(session)
            erasures = await repository.list_unfinished(before, limit)
            proofs = await repository.proofs_of_many([one.user_id for one in erasures])
            return [ErasureState(one, proofs[one.user_id]) for one in erasures]

    async def user_erased(self, session: AsyncSession, event: Event) -> None:
        """Keep a subgraph's proof (the handler of `user.erased`)."""
        subgraph = str(event.data.get("subgraph", ""))
        try:
            user_id = UUID(str(event.data.get("user_id", event.subject)))
        except ValueError:
            logger.exception("erasure.malformed_proof", event_id=str(event.id))
            return
        if subgraph in SUBGRAPHS:
            await self._prove(session, user_id, subgraph, event.occurred_at)

    async def _erase(self, session: AsyncSession, user: User) -> ErasureState:
        """Leave nothing of the person but the id, which the histories of others refer to."""
        now = self.sessions.clock()
        await self.sessions.end(session, user.id, "account_deleted")
        await MailRepository(session).erase(user.id, user.email)
        await RatingRepository(session).erase(user.id)
        await ExportRepository(session).erase(user.id)
        await IdempotencyKeys(Idempotency).forget(session, user.id)
        repository = ErasureRepository(session)
        await repository.delete_sessions(user.id)
        for column, value in _erased_columns(user.id, now).items():
            setattr(user, column, value)
        user.version += 1
        erasure = await repository.add(Erasure(user_id=user.id, requested_at=now))
        self.outbox.add(session, Event("user.deleted", str(user.id), {"user_id": str(user.id)}))
        await self._prove(session, user.id, "users", now)
        return ErasureState(erasure, tuple(await repository.proofs_of(user.id)))

    async def _prove(self, session: AsyncSession, user_id: UUID, subgraph: str, erased_at: datetime) -> None:
        repository = ErasureRepository(session)
        erasure = await repository.get_for_update(user_id)
        if erasure is None:
            return
        await repository.add_proof(user_id, subgraph, erased_at)
        proved = {proof.subgraph for proof in await repository.proofs_of(user_id)}
        if proved >= SUBGRAPHS and erasure.completed_at is None:
            erasure.completed_at = self.sessions.clock()


def _erased_columns(user_id: UUID, now: datetime) -> dict[str, object]:
    return {
        "email": f"{user_id}@deleted.invalid",
        "name": DELETED_NAME,
        "role": Role.USER,
        "skill_level": SkillLevel.BEGINNER,
        "self_assessment": None,
        "password_hash": None,
        "email_verified_at": None,
        "bio": "",
        "avatar_url": None,
        "time_zone": None,
        "preferred_languages": [],
        "preferred_topics": [],
        "links": [],
        "suspended_at": None,
        "suspension_reason": None,
        "deleted_at": now,
    }
