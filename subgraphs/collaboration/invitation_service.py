"""Sessions without a match: a link for a partner to a new session, or for a viewer to one that runs."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from ..kit.database import Database
from ..kit.driver_session import DriverSession, driver_connection
from ..kit.errors import Conflict, NotFound, RateLimited
from ..kit.idempotency import IdempotencyKeys, IdempotentCall, idempotent_call
from .models import InvitationRow, ParticipantRow, SessionRow
from .opening import open_session
from .people_repository import InvitationRepository
from .question_source import QuestionSource, require_question, starter_code
from .repository import SessionRepository
from .rules import COLORS, Language, Role, require_writer, seats_for, text_name_for
from .service import SessionService
from .writing import SessionWriter

GOOD_FOR = timedelta(hours=24)
MAX_OPEN = 20  # invitations of one person that are neither accepted nor expired
MAX_VIEWERS = 10
SENT_AWAY = "You were sent away from this session."


class InvitationService:
    """One per process. Only a hash of each code is stored: who reads the database cannot use them."""

    def __init__(
        self,
        database: Database,
        writer: SessionWriter,
        sessions: SessionService,
        questions: QuestionSource,
        idempotency: IdempotencyKeys,
    ) -> None:
        self._database = database
        self._writer = writer
        self._sessions = sessions
        self._questions = questions
        self._idempotency = idempotency

    async def invite_partner(
        self,
        user_id: UUID,
        question_id: UUID | None,
        language: Language,
        role: Role,
        idempotency_key: str | None = None,
    ) -> tuple[InvitationRow, str]:
        """An invitation to a new session, in which the guest has this role; and its code, which is told only now.

        Sent again under its key, it is the same invitation with a new code: nobody knows the old one any more. Raises
        IdempotencyKeyReused, Conflict when it was accepted meanwhile, RateLimited, InvalidInput for a question that does not exist.
        """
        if question_id is not None:
            await require_question(self._questions, question_id, "input.questionId")
        request = {"question": question_id, "language": language.value, "role": role.value}
        call = idempotent_call(idempotency_key, owner=user_id, operation="invitePartner", request=request)
        return await self._invite(user_id, None, question_id, language, role, call)

    async def invite_viewer(
        self, user_id: UUID, session_id: UUID, idempotency_key: str | None = None
    ) -> tuple[InvitationRow, str]:
        """An invitation to watch a session that runs; sent again, as with `invite_partner`."""
        call = idempotent_call(
            idempotency_key, owner=user_id, operation="inviteViewer", request={"session": session_id}
        )
        async with self._writer.write(session_id, user_id) as writing:
            require_writer(writing.role)
            row = writing.row
        return await self._invite(user_id, session_id, None, Language(row.language), Role.VIEWER, call)

    async def accept(self, user_id: UUID, code: str) -> SessionRow:
        """Join; the session begins with it. The same person may ask again and gets the same session."""
        async with self._database.transaction() as session:
            invitations = InvitationRepository(session)
            invitation = await invitations.lock(_hash(code))
            if invitation is None or (invitation.accepted_by is None and invitation.expires_at < datetime.now(UTC)):
                raise NotFound("There is no such invitation, or it has expired; ask for a new one.")
            if invitation.inviter_id == user_id:
                raise Conflict("This is your own invitation; send it to somebody else.")
            if invitation.accepted_by not in (None, user_id):
                raise Conflict("Somebody else has accepted this invitation.")
            if invitation.accepted_by == user_id and invitation.session_id is not None:
                if await SessionRepository(session).participant(invitation.session_id, user_id) is None:
                    raise Conflict(SENT_AWAY)
                return await session.get_one(SessionRow, invitation.session_id)
            invitation.accepted_by, invitation.accepted_at = user_id, datetime.now(UTC)
            if invitation.session_id is not None:
                row = await session.get_one(SessionRow, invitation.session_id)
                await self._add_viewer(SessionRepository(session), row, user_id)
                return row
            row = await self._begin(SessionRepository(session), invitation, user_id)
            invitation.session_id = row.id
        await self._sessions.after_commit()
        return row

    async def _invite(
        self,
        user_id: UUID,
        session_id: UUID | None,
        question_id: UUID | None,
        language: Language,
        role: Role,
        call: IdempotentCall | None,
    ) -> tuple[InvitationRow, str]:
        code = secrets.token_urlsafe(18)
        async with self._database.transaction() as session:
            known = await self._idempotency.recall(session, call)
            if known is not None:
                row = await session.get_one(InvitationRow, UUID(known["id"]), with_for_update=True)
                if row.accepted_by is not None:
                    raise Conflict("This invitation has been accepted; take a new key for a new one.")
                row.code_hash = _hash(code)
                return row, code
            invitations = InvitationRepository(session)
            if await invitations.count_open(user_id) >= MAX_OPEN:
                raise RateLimited(f"You have {MAX_OPEN} open invitations; wait until some expire.", retry_after=3600.0)
            row = InvitationRow(
                id=uuid4(),
                code_hash=_hash(code),
                inviter_id=user_id,
                session_id=session_id,
                question_id=question_id,
                language=language.value,
                role=role.value,
                created_at=datetime.now(UTC),
                expires_at=datetime.now(UTC) + GOOD_FOR,
            )
            session.add(row)
            await self._idempotency.remember(session, call, {"id": str(row.id)})
        return row, code

    async def _begin(self, sessions: SessionRepository, invitation: InvitationRow, guest_id: UUID) -> SessionRow:
        language, role = Language(invitation.language), Role(invitation.role)
        users = [invitation.inviter_id, guest_id]
        interviewer = {Role.INTERVIEWER: guest_id, Role.CANDIDATE: invitation.inviter_id}.get(role)
        row = SessionRow(
            id=uuid4(),
            match_id=None,
            question_id=invitation.question_id,
            language=language.value,
            text_name=text_name_for(language, 1),
            topics=[],
        )
        row.code = await starter_code(self._questions, row.question_id, language)
        driver = DriverSession(await driver_connection(sessions.session))
        await open_session(driver, row, seats_for(users, interviewer))
        return await sessions.session.get_one(SessionRow, row.id)

    async def _add_viewer(self, sessions: SessionRepository, row: SessionRow, user_id: UUID) -> None:
        if row.status == "ended":
            raise Conflict("The session has ended.")
        there = (await sessions.participants([row.id])).get(row.id, [])
        if any(item.user_id == user_id for item in there):
            return
        if sum(item.role == Role.VIEWER for item in there) >= MAX_VIEWERS:
            raise Conflict(f"{MAX_VIEWERS} people watch this session already.")
        color = COLORS[len(there) % len(COLORS)]
        known = await sessions.session.get(ParticipantRow, (row.id, user_id))
        if known is not None:
            raise Conflict(SENT_AWAY)
        sessions.session.add(
            ParticipantRow(session_id=row.id, user_id=user_id, role=Role.VIEWER.value, color=color, is_polite=True)
        )


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
