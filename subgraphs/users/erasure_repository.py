"""Every SQL statement on erasures and the proofs that they were done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from .models import AuthSession, Erasure, ErasureProof


class ErasureRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, erasure: Erasure) -> Erasure:
        self.session.add(erasure)
        await self.session.flush()
        await self.session.refresh(erasure)
        return erasure

    async def get_for_update(self, user_id: UUID) -> Erasure | None:
        return await self.session.get(Erasure, user_id, with_for_update=True)

    async def find_by_receipt(self, receipt: UUID) -> Erasure | None:
        return await self.session.scalar(select(Erasure).where(Erasure.receipt == receipt))

    async def list_unfinished(self, before: datetime, limit: int) -> list[Erasure]:
        """Erasures asked for before this time that some subgraph has not proved yet, oldest first."""
        statement = select(Erasure).where(Erasure.completed_at.is_(None), Erasure.requested_at < before)
        return list(await self.session.scalars(statement.order_by(Erasure.requested_at).limit(limit)))

    async def proofs_of(self, user_id: UUID) -> list[ErasureProof]:
        statement = select(ErasureProof).where(ErasureProof.user_id == user_id)
        return list(await self.session.scalars(statement.order_by(ErasureProof.subgraph)))

    async def proofs_of_many(self, user_ids: Sequence[UUID]) -> dict[UUID, tuple[ErasureProof, ...]]:
        """The proofs of each of these erasures, in one statement."""
        found: dict[UUID, list[ErasureProof]] = {user_id: [] for user_id in user_ids}
        statement = select(ErasureProof).where(ErasureProof.user_id.in_(found))
        for proof in await self.session.scalars(statement.order_by(ErasureProof.subgraph)):
            found[proof.user_id].append(proof)
        return {user_id: tuple(proofs) for user_id, proofs in found.items()}

    async def add_proof(self, user_id: UUID, subgraph: str, erased_at: datetime) -> None:
        """Keep a proof; a second one of the same subgraph changes nothing."""
        values = {"user_id": user_id, "subgraph": subgraph, "erased_at": erased_at}
        await self.session.execute(insert(ErasureProof).values(values).on_conflict_do_nothing())

    async def delete_sessions(self, user_id: UUID) -> None:
        await self.session.execute(delete(AuthSession).where(AuthSession.user_id == user_id))
