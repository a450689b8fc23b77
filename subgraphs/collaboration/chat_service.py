"""The chat of a session: send once, edit, delete, reply, read back."""

from __future__ import annotations

import time
from collections.abc import Iterable
from uuid import UUID, uuid4

from ..kit.database import Database
from ..kit.errors import Conflict, InvalidInput, NotAllowed, NotFound
from ..kit.pagination import Page, PageRequest
from .log_events import EventKind
from .models import MessageRow
from .repository import MessageRepository
from .rules import EDIT_WINDOW, MAX_MESSAGE_LENGTH, PersonalCaps, check_name, check_text, require_writer
from .writing import SessionWriter, Writing

MESSAGES_PER_SECOND, MESSAGE_BURST = 2.0, 10.0


class ChatService:
    """One per process."""

    def __init__(self, database: Database, writer: SessionWriter) -> None:
        self._database = database
        self._writer = writer
        self._caps = PersonalCaps(MESSAGES_PER_SECOND, MESSAGE_BURST, "messages")

    async def send(
        self, user_id: UUID, session_id: UUID, text: str, *, nonce: str | None, reply_to_id: UUID | None
    ) -> MessageRow:
        """Send a message; the same `nonce` from the same person sends it once, however often it is asked for."""
        text = check_text(text, MAX_MESSAGE_LENGTH, "input.message")
        check_name(nonce, "input.nonce")
        self._caps.take(user_id, time.monotonic())
        async with self._writer.write(session_id, user_id) as writing:
            require_writer(writing.role)
            messages = MessageRepository(writing.session)
            if reply_to_id is not None:
                replied = await messages.get(reply_to_id)
                if replied is None or replied.session_id != session_id:
                    raise InvalidInput("replyToId is not a message of this session.", field="input.replyToId")
            row = await messages.insert_once(
                {
                    "id": uuid4(),
                    "session_id": session_id,
                    "user_id": user_id,
                    "message": text,
                    "nonce": nonce,
                    "reply_to_id": reply_to_id,
                    "created_at": writing.now,
                }
            )
            if row is None:
                known = await messages.by_nonce(session_id, user_id, str(nonce))
                if known is None:
                    raise Conflict("The message was sent and deleted meanwhile.")
                return known
            # Only the id goes into the log: what is edited, deleted or anonymised later must not live on there.
            await writing.append(EventKind.MESSAGE_POSTED, {"message_id": str(row.id)})
        return row

    async def edit(self, user_id: UUID, session_id: UUID, message_id: UUID, text: str) -> MessageRow:
        """Change an own message, in the first minutes."""
        text = check_text(text, MAX_MESSAGE_LENGTH, "input.message")
        self._caps.take(user_id, time.monotonic())
        async with self._writer.write(session_id, user_id) as writing:
            row = await self._own_message(writing, message_id)
            if writing.now - row.created_at > EDIT_WINDOW:
                raise NotAllowed(f"A message can be changed for {EDIT_WINDOW.seconds // 60} minutes.")
            row.message = text
            row.edited_at = writing.now
            await writing.append(EventKind.MESSAGE_EDITED, {"message_id": str(row.id)})
        return row

    async def delete(self, user_id: UUID, session_id: UUID, message_id: UUID) -> MessageRow:
        """Take back an own message: its place stays, its text goes."""
        self._caps.take(user_id, time.monotonic())
        async with self._writer.write(session_id, user_id) as writing:
            row = await self._own_message(writing, message_id)
            row.message = ""
            row.deleted_at = writing.now
            await writing.append(EventKind.MESSAGE_DELETED, {"message_id": str(row.id)})
        return row

    async def page(self, session_id: UUID, request: PageRequest) -> Page[MessageRow]:
        """The messages, oldest first. Whether the caller may read them is settled before."""
        async with self._database.session() as session:
            return await MessageRepository(session).page(session_id, request)

    async def count(self, session_id: UUID) -> int:
        async with self._database.session() as session:
            return await MessageRepository(session).count(session_id)

    async def get_many(self, ids: Iterable[UUID]) -> dict[UUID, MessageRow]:
        async with self._database.session() as session:
            return await MessageRepository(session).get_many(ids)

    async def _own_message(self, writing: Writing, message_id: UUID) -> MessageRow:
        require_writer(writing.role)
        row = await MessageRepository(writing.session).get(message_id)
        if row is None or row.session_id != writing.row.id or row.deleted_at is not None:
            raise NotFound(f"There is no message {message_id} in this session.")
        if writing.me is None or row.user_id != writing.me.user_id:
            raise NotAllowed("Only who wrote a message may change it.")
        return row
