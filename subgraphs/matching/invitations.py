"""Private matches: an invitation by link for whoever holds it, or a rematch for one past partner."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.database import Database
from ..kit.idempotency import IdempotencyKeys, IdempotentCall, idempotent_call
from .errors import (
    AlreadyInMatch,
    Barred,
    Blocked,
    InvitationNotFound,
    InvitationNotOpen,
    MatchNotFound,
    PartnerBusy,
    TooManyInvitations,
)
from .invitation_repository import InvitationRepository
from .match_repository import MatchRepository
from .models import LIVE_TICKET, Invitation, InvitationStatus, Match, MatchStatus, TicketStatus
from .pairing import FIRST_ATTEMPT, lock_line
from .people_repository import PeopleRepository
from .repository import TicketRepository, lock_people, present_of, time_of
from .rules import Difficulty, Language, Role
from .settings import MatchingSettings
from .streams import EventType
from .topics import checked_topics
from .work import UnitOfWork, UnitsOfWork

TOKEN_BYTES = 24
MAX_OPEN = 20  # invitations one person may have open


@dataclass(frozen=True, slots=True)
class Issued:
    """A new invitation with its token, which is told only now: the database keeps a hash."""

    invitation: Invitation
    token: str


class Invitations:
    """The use cases of private matches."""

    def __init__(
        self, database: Database, units: UnitsOfWork, idempotency: IdempotencyKeys, settings: MatchingSettings
    ) -> None:
        self._database = database
        self._units = units
        self._idempotency = idempotency
        self._settings = settings

    async def create(
        self,
        user_id: UUID,
        language: Language,
        difficulty: Difficulty,
        topics: Sequence[str],
        role: Role,
        idempotency_key: str | None = None,
    ) -> Issued:
        """An invitation for whoever holds its link; the same call under the same key gives the same one with a new link.

        Raises Barred, TooManyInvitations, IdempotencyKeyReused, and InvitationNotOpen when it was used meanwhile.
        """
        wish = {"language": language, "difficulty": difficulty, "topics": list(topics), "role": role}
        call = idempotent_call(idempotency_key, owner=user_id, operation="createMatchInvitation", request=wish)
        async with self._units.begin() as unit:
            again = await self._again(unit, call)
            if again is not None:
                return again
            issued = await self._issue(unit, user_id, None, language, difficulty, checked_topics(topics), role)
            await self._idempotency.remember(unit.session, call, {"id": str(issued.invitation.id)})
        return issued

    async def request_rematch(self, user_id: UUID, match_id: UUID, idempotency_key: str | None = None) -> Issued:
        """Invite the partner of a past match to another one like it; the partner is told at once, and once under the same key.

        Raises what `create` raises, MatchNotFound and Blocked.
        """
        call = idempotent_call(idempotency_key, owner=user_id, operation="requestRematch", request={"match": match_id})
        async with self._units.begin() as unit:
            again = await self._again(unit, call)
            if again is not None:
                return again
            # People first, then the match: in the same order as a suspension. Locked, so that nobody is invited who is being erased.
            await lock_people(unit.session, [user_id])
            match = await MatchRepository(unit.session).locked(match_id)
            if match is None or user_id not in match.user_ids:
                raise MatchNotFound
            partner_id = match.partner_of(user_id)
            # Who turned a proposal down, or never came to the session, is no past partner.
            if partner_id is None or match.session_id is None:
                raise MatchNotFound
            if await PeopleRepository(unit.session).are_blocked(user_id, partner_id):
                raise Blocked
            language, difficulty = Language(match.language), Difficulty(match.difficulty)
            # Roles swap: whoever interviewed is the candidate this time.
            role = Role.ANY
            if match.interviewer_id is not None:
                role = Role.CANDIDATE if match.interviewer_id == user_id else Role.INTERVIEWER
            issued = await self._issue(unit, user_id, partner_id, language, difficulty, tuple(match.topics), role)
            unit.tell(partner_id, EventType.INVITED, invitation_id=issued.invitation.id)
            await self._idempotency.remember(unit.session, call, {"id": str(issued.invitation.id)})
        return issued

    async def accept(self, user_id: UUID, *, token: str | None = None, invitation_id: UUID | None = None) -> Match:
        """Make the match. Both must be free; live tickets of both leave the line.

        Raises InvitationNotFound, InvitationNotOpen, Blocked, Barred, AlreadyInMatch (oneself) and PartnerBusy (the other).
        """
        async with self._units.begin() as unit:
            invitation = await self._for_guest(unit.session, user_id, token, invitation_id)
            inviter_id = invitation.inviter_id
            await self._require_both_free(unit.session, user_id, inviter_id)
            await self._leave_line(unit, [user_id, inviter_id])
            # Whoever of the two was being paired when the line was left is in a match now.
            await self._require_both_free(unit.session, user_id, inviter_id)
            # Not of the transaction's begin: whoever waited for a lock may have left another match meanwhile.
            now = await present_of(unit.session)
            if invitation.expires_at <= now:
                raise InvitationNotOpen(InvitationStatus.EXPIRED)
            role = Role(invitation.inviter_role)
            interviewer_id = {Role.INTERVIEWER: inviter_id, Role.CANDIDATE: user_id, Role.ANY: None}[role]
            match = await MatchRepository(unit.session).create(
                Match(
                    user1_id=inviter_id,
                    user2_id=user_id,
                    status=MatchStatus.FORMING,
                    language=invitation.language,
                    difficulty=invitation.difficulty,
                    difficulties=[invitation.difficulty],
                    topics=invitation.topics,
                    interviewer_id=interviewer_id,
                    next_attempt_at=now + FIRST_ATTEMPT,
                    created_at=now,
                )
            )
            invitation.status = InvitationStatus.ACCEPTED
            invitation.match_id = match.id
            await unit.session.flush()
            unit.forming.append(match.id)
        return match

    async def close(self, user_id: UUID, invitation_id: UUID) -> Invitation:
        """Withdraw one's own invitation, or decline one that is meant for oneself."""
        async with self._units.begin() as unit:
            invitation = await InvitationRepository(unit.session).locked(invitation_id)
            if invitation is None or user_id not in (invitation.inviter_id, invitation.invitee_id):
                raise InvitationNotFound
            if invitation.status != InvitationStatus.OPEN:
                raise InvitationNotOpen(invitation.status)
            is_own = invitation.inviter_id == user_id
            invitation.status = InvitationStatus.WITHDRAWN if is_own else InvitationStatus.DECLINED
            await unit.session.flush()
        return invitation

    async def open_of(self, user_id: UUID) -> list[Invitation]:
        """The open invitations that this person made or got, newest first."""
        async with self._database.session() as session:
            return list(await InvitationRepository(session).open_of(user_id))

    async def by_id(self, ids: Sequence[UUID]) -> dict[UUID, Invitation]:
        async with self._database.session() as session:
            return await InvitationRepository(session).get_many(ids)

    async def expire(self) -> None:
        """Close invitations whose time is up."""
        async with self._units.begin() as unit:
            await InvitationRepository(unit.session).expire_due()

    async def _again(self, unit: UnitOfWork, call: IdempotentCall | None) -> Issued | None:
        """The invitation that the same call made before, with a new link: the old one is not known here."""
        known = await self._idempotency.recall(unit.session, call)
        if known is None:
            return None
        invitation = await InvitationRepository(unit.session).locked(UUID(known["id"]))
        if invitation is None or invitation.status != InvitationStatus.OPEN:
            raise InvitationNotOpen(invitation.status if invitation is not None else InvitationStatus.EXPIRED)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        invitation.token_hash = _hash(token)
        await unit.session.flush()
        return Issued(invitation, token)

    async def _issue(
        self,
        unit: UnitOfWork,
        inviter_id: UUID,
        invitee_id: UUID | None,
        language: Language,
        difficulty: Difficulty,
        topics: tuple[str, ...],
        role: Role,
    ) -> Issued:
        invitations = InvitationRepository(unit.session)
        await lock_people(unit.session, [inviter_id])
        if await PeopleRepository(unit.session).is_barred(inviter_id):
            raise Barred
        if await invitations.count_open(inviter_id) >= MAX_OPEN:
            raise TooManyInvitations(MAX_OPEN)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = await time_of(unit.session)
        invitation = await invitations.add(
            Invitation(
                token_hash=_hash(token),
                inviter_id=inviter_id,
                invitee_id=invitee_id,
                language=language.value,
                difficulty=difficulty.value,
                topics=list(topics),
                inviter_role=role.value,
                status=InvitationStatus.OPEN,
                created_at=now,
                expires_at=now + self._settings.invitation_lifetime,
            )
        )
        return Issued(invitation, token)

    async def _for_guest(
        self, session: AsyncSession, user_id: UUID, token: str | None, invitation_id: UUID | None
    ) -> Invitation:
        invitations = InvitationRepository(session)
        found_id = await invitations.id_of(_hash(token)) if token is not None else invitation_id
        found = await invitations.get(found_id) if found_id is not None else None
        # Without the token only the one it is meant for may accept.
        if found is None or (token is None and found.invitee_id != user_id):
            raise InvitationNotFound
        # People first, then the invitation: in the same order as an erasure.
        await lock_people(session, [user_id, found.inviter_id])
        invitation = await invitations.locked(found.id)
        if invitation is None or (token is not None and invitation.token_hash != _hash(token)):
            raise InvitationNotFound
        if invitation.invitee_id not in (None, user_id) or invitation.inviter_id == user_id:
            raise InvitationNotFound
        if invitation.status != InvitationStatus.OPEN:
            raise InvitationNotOpen(invitation.status)
        if invitation.expires_at <= await present_of(session):
            raise InvitationNotOpen(InvitationStatus.EXPIRED)
        return invitation

    async def _require_both_free(self, session: AsyncSession, user_id: UUID, inviter_id: UUID) -> None:
        people, matches = PeopleRepository(session), MatchRepository(session)
        if await people.is_barred(user_id):
            raise Barred
        if await people.are_blocked(user_id, inviter_id) or await people.is_barred(inviter_id):
            raise Blocked
        own = await matches.live_of(user_id)
        if own is not None:
            raise AlreadyInMatch(own.id)
        if await matches.live_of(inviter_id) is not None:
            raise PartnerBusy

    async def _leave_line(self, unit: UnitOfWork, user_ids: Sequence[UUID]) -> None:
        tickets = TicketRepository(unit.session)
        await self._lock_lines(unit.session, user_ids)
        for user_id in sorted(user_ids):
            live = await tickets.live_of(user_id, lock=True)
            if live is not None:
                await tickets.close([live.id], TicketStatus.CANCELLED, only=LIVE_TICKET)
                unit.tell(user_id, EventType.CANCELLED, ticket_id=live.id, reason="MATCHED_PRIVATELY")

    async def _lock_lines(self, session: AsyncSession, user_ids: Sequence[UUID]) -> None:
        """Keep pairing from passing over these people's tickets, which stay in line when the other one turns out to be matched."""
        live = [await TicketRepository(session).live_of(user_id) for user_id in user_ids]
        for language in sorted({ticket.preferred_language for ticket in live if ticket is not None}):
            await lock_line(session, Language(language))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
