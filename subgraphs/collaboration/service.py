"""Use cases of a session's life: created from a match, language and roles and phases changed, ended once for both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from ..kit.auth import Viewer
from ..kit.database import Database
from ..kit.driver_session import driver_statement
from ..kit.errors import InvalidInput, NotAllowed
from ..kit.events import Event, JsonObject, Outbox
from ..kit.pagination import Page, PageRequest
from .access import Access
from .document_text import first_update
from .errors import SessionNotFound
from .log_events import EventKind
from .log_repository import LogRepository
from .models import LogRow, ParticipantRow, SessionRow
from .opening import open_session
from .question_source import QuestionSource, require_question, starter_code
from .repository import SessionRepository
from .rules import (
    MAX_PHASE_MINUTES,
    EndReason,
    Language,
    Phase,
    Role,
    require_lead,
    require_writer,
    seats_for,
    text_name_for,
)
from .writing import SessionWriter, Writing

logger = structlog.get_logger(__name__)


class SessionService:
    """Sessions as a whole; the document, the chat and the rest have services of their own."""

    def __init__(
        self, database: Database, writer: SessionWriter, outbox: Outbox, questions: QuestionSource, access: Access
    ) -> None:
        self._database = database
        self._writer = writer
        self._outbox = outbox
        self._questions = questions
        self._access = access

    async def create_for_match(self, event: Event) -> bool:
        """Handle match.created: one session per match, whose first update is the starter code, and session.created."""
        data = event.data
        users = [UUID(data["user1_id"]), UUID(data["user2_id"])]
        interviewer_id = UUID(data["interviewer_id"]) if data.get("interviewer_id") else None
        language = Language(str(data["language"]).lower())
        row = SessionRow(
            id=uuid4(),
            match_id=UUID(data["match_id"]),
            question_id=UUID(data["question_id"]) if data.get("question_id") else None,
            language=language.value,
            text_name=text_name_for(language, 1),
            difficulty=data.get("difficulty"),
            topics=list(data.get("topics") or ()),
        )
        row.code = await starter_code(self._questions, row.question_id, language)
        async with driver_statement(self._database) as driver:
            is_new, is_opened = await open_session(driver, row, seats_for(users, interviewer_id), handled=event)
        if is_new and not is_opened:
            logger.info("session.not_opened", match_id=data["match_id"])
        return is_new

    async def end_for_match(self, session: AsyncSession, event: Event) -> None:
        """Handle match.ended: a session that still runs ends with its match."""
        match_id = UUID(event.data["match_id"])
        row = (await SessionRepository(session).by_match([match_id])).get(match_id)
        if row is not None and row.status == "active":
            await self.end_by_system(row.id, EndReason.MATCH_ENDED)

    async def after_event(self, event: Event) -> None:
        """What a handled event put into the outbox goes out at once."""
        self._outbox.wake()

    async def after_commit(self) -> None:
        """What was put into the outbox goes out at once."""
        self._outbox.wake()

    async def get(self, viewer: Viewer, session_id: UUID) -> SessionRow:
        """Raises SessionNotFound unless the viewer takes part in it, or is an admin or a service."""
        found = await self.get_many(viewer, [session_id])
        if session_id not in found:
            raise SessionNotFound(session_id)
        return found[session_id]

    async def get_many(self, viewer: Viewer, session_ids: Iterable[UUID]) -> dict[UUID, SessionRow]:
        """The sessions among these that the viewer may see, by id."""
        async with self._database.session() as session:
            sessions = SessionRepository(session)
            found = await sessions.get_many(session_ids)
            participants = await sessions.participants(found)
        if viewer.service is not None or viewer.has_role("admin"):
            return found
        return {
            id: row
            for id, row in found.items()
            if any(participant.user_id == viewer.user_id for participant in participants.get(id, ()))
        }

    async def participants(self, session_ids: Iterable[UUID]) -> dict[UUID, list[ParticipantRow]]:
        async with self._database.session() as session:
            return await SessionRepository(session).participants(session_ids)

    async def page_of_user(self, user_id: UUID, request: PageRequest) -> Page[SessionRow]:
        """The person's sessions, newest first."""
        async with self._database.session() as session:
            return await SessionRepository(session).page_of_user(user_id, request)

    async def count_of_user(self, user_id: UUID) -> int:
        async with self._database.session() as session:
            return await SessionRepository(session).count_of_user(user_id)

    async def logs(self, session_ids: Iterable[UUID]) -> dict[UUID, LogRow]:
        async with self._database.session() as session:
            return await LogRepository(session).get_many(session_ids)

    async def change_language(self, user_id: UUID, session_id: UUID, language: Language) -> SessionRow:
        """Open the text of another language, with starter code when it is opened for the first time."""
        while True:
            known = await self._known(session_id)
            starter = await starter_code(self._questions, known.question_id, language)
            async with self._writer.write(session_id, user_id) as writing:
                require_writer(writing.role)
                if writing.row.language == language:
                    return writing.row
                if writing.row.question_id == known.question_id:
                    name = text_name_for(language, writing.row.round)
                    current = await writing.sessions.newest_text(session_id, name) or name
                    await open_text(writing, current, language, starter)
                    await show_text(writing, current, language, "language")
                    return writing.row
            # A second question began meanwhile, which has a starter code of its own.

    async def set_phase(self, user_id: UUID, session_id: UUID, phase: Phase, minutes: int | None) -> SessionRow:
        """Begin a phase; with `minutes`, its timer runs for both."""
        if minutes is not None and not 1 <= minutes <= MAX_PHASE_MINUTES:
            raise InvalidInput(
                f"minutes is {minutes}; it must be from 1 to {MAX_PHASE_MINUTES}, or left out.", field="input.minutes"
            )
        async with self._writer.write(session_id, user_id) as writing:
            require_lead(writing.role)
            row = writing.row
            row.phase = phase.value
            row.phase_started_at = writing.now
            row.phase_ends_at = writing.now + timedelta(minutes=minutes) if minutes is not None else None
            ends_at = row.phase_ends_at.isoformat() if row.phase_ends_at else None
            await writing.append(EventKind.PHASE_CHANGED, {"phase": row.phase, "ends_at": ends_at})
        return writing.row

    async def swap_roles(self, user_id: UUID, session_id: UUID, next_question_id: UUID | None) -> SessionRow:
        """Interviewer and candidate change places; of two peers, who asks becomes the interviewer. A second question may come with it.

        Raises InvalidInput for a question that does not exist, Unavailable when nobody knows.
        """
        if next_question_id is not None:
            await require_question(self._questions, next_question_id, "input.nextQuestionId")
        while True:
            known = await self._known(session_id)
            starter = await starter_code(self._questions, next_question_id, Language(known.language))
            async with self._writer.write(session_id, user_id) as writing:
                # The interviewer's to decide: the candidate would see hints and solution by it.
                require_lead(writing.role)
                if next_question_id is None or writing.row.language == known.language:
                    for participant in writing.participants:
                        participant.role = _swapped(Role(participant.role), participant.user_id == user_id).value
                    await writing.append(EventKind.ROLES_CHANGED, {})
                    if next_question_id is not None:
                        await _begin_round(writing, next_question_id, starter)
                    return writing.row
            # The language was changed meanwhile: the starter code is that of another one.

    async def end(self, user_id: UUID, session_id: UUID) -> SessionRow:
        """End the session for both; to end it a second time changes nothing."""
        async with self._writer.write(session_id, user_id, may_be_closed=True) as writing:
            require_writer(writing.role)
            await self._close(writing, EndReason.FINISHED)
        return writing.row

    async def end_by_system(
        self,
        session_id: UUID,
        reason: EndReason,
        is_due: Callable[[SessionRepository], Awaitable[bool]] | None = None,
    ) -> None:
        """End it without anybody asking; with `is_due`, only if that still holds when nobody can come in between."""
        async with self._writer.write(session_id, None, may_be_closed=True) as writing:
            if is_due is None or await is_due(writing.sessions):
                await self._close(writing, reason)

    async def remove_participant(self, user_id: UUID, session_id: UUID, removed_id: UUID) -> SessionRow:
        """Send a viewer away. The two people of a session cannot remove each other."""
        async with self._writer.write(session_id, user_id) as writing:
            require_lead(writing.role)
            removed = next((item for item in writing.participants if item.user_id == removed_id), None)
            if removed is None:
                raise InvalidInput(f"{removed_id} takes no part in this session.", field="input.userId")
            if removed.role != Role.VIEWER:
                raise NotAllowed("Only viewers can be removed; to leave your partner, end the session.")
            removed.removed_at = writing.now
        await self._access.look_again(session_id)
        return writing.row

    async def _known(self, session_id: UUID) -> SessionRow:
        """The session as it is now, not locked; whether the caller takes part in it is settled later."""
        async with self._database.session() as session:
            row = await SessionRepository(session).get(session_id)
        if row is None:
            raise SessionNotFound(session_id)
        return row

    async def _close(self, writing: Writing, reason: EndReason) -> None:
        row = writing.row
        if row.status == "ended":
            return
        row.status = "ended"
        row.ended_at = writing.now
        row.end_reason = reason.value
        row.ended_by = writing.me.user_id if writing.me else None
        await writing.append(EventKind.ENDED, {"reason": reason.value})
        await writing.log.close(row.id)
        writing.tell(Event("session.ended", str(row.id), ended_data(row, writing.writer_ids, writing.now)))


async def open_text(writing: Writing, name: str, language: Language, content: str) -> None:
    """Write the first content of a text, unless it was written before."""
    if await writing.sessions.open_text(writing.row.id, name, language.value):
        await writing.append_server_update(*first_update(name, content))


def ended_data(row: SessionRow, user_ids: Iterable[UUID], ended_at: datetime) -> JsonObject:
    """The data of session.ended."""
    return {
        "session_id": str(row.id),
        "match_id": _text(row.match_id),
        "user_ids": [str(user_id) for user_id in user_ids],
        "question_id": _text(row.question_id),
        "reason": row.end_reason,
        "ended_at": ended_at.isoformat(),
    }


async def show_text(writing: Writing, name: str, language: Language, cause: str) -> None:
    """Make a text the one that both see."""
    writing.row.language = language.value
    writing.row.text_name = name
    writing.row.code_seq = 0  # the readable text is that of another Y.Text now
    await writing.append(EventKind.TEXT_CHANGED, {"language": language.name, "text_name": name, "cause": cause})


async def _begin_round(writing: Writing, question_id: UUID, starter: str) -> None:
    row = writing.row
    row.round += 1
    row.question_id = question_id
    language = Language(row.language)
    name = text_name_for(language, row.round)
    await open_text(writing, name, language, starter)
    await writing.append(EventKind.QUESTION_CHANGED, {"question_id": str(question_id), "round": row.round})
    await show_text(writing, name, language, "question")


def _swapped(role: Role, is_asking: bool) -> Role:
    match role:
        case Role.INTERVIEWER:
            return Role.CANDIDATE
        case Role.CANDIDATE:
            return Role.INTERVIEWER
        case Role.PEER:
            return Role.INTERVIEWER if is_asking else Role.CANDIDATE
        case Role.VIEWER:
            return Role.VIEWER


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
