"""How sessions look to GraphQL: the session, its people, its chat and its document; stubs of the entities of others."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet
from strawberry.scalars import Base64
from strawberry.types import Info

from ..kit.connections import Connection
from ..kit.context import RequestContext
from ..kit.errors import InvalidInput
from ..kit.pagination import DEFAULT_PAGE_SIZE, PageRequest
from . import rules
from .document_service import LoadedDocument
from .live_service import IceServer as IceServerValue
from .loaders import log_loader, message_of, participants_loader, presence_loader, session_loader
from .models import MessageRow, ParticipantRow, SessionRow

if TYPE_CHECKING:
    from .practice_types import InterviewMaterial, Notes, SessionFeedback
    from .run_types import Run

Context = RequestContext[Any]


@strawberry.enum(description="A language that solutions can be written in.")
class Language(Enum):
    PYTHON = "PYTHON"
    JAVASCRIPT = "JAVASCRIPT"
    JAVA = "JAVA"
    CPP = "CPP"
    C = "C"

    def to_rules(self) -> rules.Language:
        return rules.Language[self.name]


@strawberry.enum(description="Whether a session still runs.")
class SessionStatus(Enum):
    ACTIVE = "active"
    ENDED = "ended"


@strawberry.enum(description="What somebody is in a session.")
class SessionRole(Enum):
    PEER = "peer"
    INTERVIEWER = "interviewer"
    CANDIDATE = "candidate"
    VIEWER = "viewer"


@strawberry.enum(description="What the two are doing.")
class SessionPhase(Enum):
    INTRODUCTION = "introduction"
    SOLVING = "solving"
    REVIEW = "review"
    FEEDBACK = "feedback"

    def to_rules(self) -> rules.Phase:
        return rules.Phase(self.value)


@strawberry.enum(description="Why a session ended.")
class SessionEndReason(Enum):
    FINISHED = strawberry.enum_value("finished", description="One of the two ended it.")
    ABANDONED = strawberry.enum_value("abandoned", description="Both left and did not come back.")
    IDLE = strawberry.enum_value("idle", description="Nothing happened for long.")
    MATCH_ENDED = strawberry.enum_value("match_ended", description="The match was ended.")
    USER_DELETED = strawberry.enum_value("user_deleted", description="One of the two deleted the account.")


@strawberry.federation.type(keys=[Key(fields=FieldSet("id"), resolvable=False)])
class User:
    id: strawberry.ID


@strawberry.federation.type(keys=[Key(fields=FieldSet("id"), resolvable=False)])
class Question:
    id: strawberry.ID


@strawberry.federation.type(keys=[Key(fields=FieldSet("id"), resolvable=False)])
class Match:
    id: strawberry.ID


@strawberry.type(description="Somebody who takes part in a session.")
class Participant:
    user_id: strawberry.ID = strawberry.field(description="Who it is.")
    role: SessionRole = strawberry.field(description="What he is here.")
    color: str = strawberry.field(description="The colour of his cursor, as #RRGGBB.")
    joined_at: datetime | None = strawberry.field(description="When he was there for the first time.")
    session_id: strawberry.Private[UUID]

    @strawberry.field(description="Who it is.")
    def user(self) -> User:
        return User(id=self.user_id)

    @strawberry.field(description="Whether he follows the session right now.")
    async def is_online(self, info: Info[Context, None]) -> bool:
        online = await presence_loader(info.context).load(self.session_id)
        return UUID(str(self.user_id)) in online

    @classmethod
    def from_model(cls, row: ParticipantRow) -> Participant:
        return cls(
            user_id=strawberry.ID(str(row.user_id)),
            role=SessionRole(row.role),
            color=row.color,
            joined_at=row.joined_at,
            session_id=row.session_id,
        )


@strawberry.type(description="A chat message.")
class SessionMessage:
    id: strawberry.ID = strawberry.field(description="Its id.")
    message: str = strawberry.field(description="The text; empty when the message was deleted.")
    created_at: datetime = strawberry.field(description="When it was sent.")
    edited_at: datetime | None = strawberry.field(description="When it was last changed.")
    deleted_at: datetime | None = strawberry.field(description="When it was taken back.")
    nonce: str | None = strawberry.field(description="What its sender called it, to know it again.")
    user_id: strawberry.Private[UUID | None]
    reply_to_id: strawberry.Private[UUID | None]

    @strawberry.field(description="Who sent it; null when the account was deleted since.")
    def author(self) -> User | None:
        return None if self.user_id is None else User(id=strawberry.ID(str(self.user_id)))

    @strawberry.field(description="The message that this one answers.")
    async def reply_to(self, info: Info[Context, None]) -> SessionMessage | None:
        if self.reply_to_id is None:
            return None
        row = await message_of(info.context, self.reply_to_id)
        return None if row is None else SessionMessage.from_model(row)

    @classmethod
    def from_model(cls, row: MessageRow) -> SessionMessage:
        return cls(
            id=strawberry.ID(str(row.id)),
            message=row.message,
            created_at=row.created_at,
            edited_at=row.edited_at,
            deleted_at=row.deleted_at,
            nonce=row.nonce,
            user_id=row.user_id,
            reply_to_id=row.reply_to_id,
        )


@strawberry.federation.type(keys=["id"], description="Two people practising together; seen by those who take part.")
class Session:
    id: strawberry.ID = strawberry.field(description="Its id.")
    status: SessionStatus = strawberry.field(description="Whether it still runs.")
    language: Language = strawberry.field(description="The language that is written right now.")
    text_name: str = strawberry.field(description="The name of the Y.Text that holds the code of this language.")
    round: int = strawberry.field(description="1 for the first question, 2 after roles were swapped with a second one.")
    phase: SessionPhase = strawberry.field(description="What the two are doing.")
    phase_ends_at: datetime | None = strawberry.field(description="When the timer of this phase runs out.")
    created_at: datetime = strawberry.field(description="When it was made.")
    started_at: datetime | None = strawberry.field(description="When somebody was there for the first time.")
    ended_at: datetime | None = strawberry.field(description="When it ended.")
    end_reason: SessionEndReason | None = strawberry.field(description="Why it ended.")
    row: strawberry.Private[SessionRow]

    @strawberry.field(description="The code as readable text, as of now.")
    async def code(self, info: Info[Context, None]) -> str:
        log = await log_loader(info.context).load(self.row.id)
        codes = await info.context.services.documents.code_of([self.row], {self.row.id: log} if log else {})
        return str(codes[self.row.id])

    @strawberry.field(description="Those who take part, in the order of their seats.")
    async def participants(self, info: Info[Context, None]) -> list[Participant]:
        return [Participant.from_model(row) for row in await participants_loader(info.context).load(self.row.id)]

    @strawberry.field(description="What you are in this session; null for who looks from outside.")
    async def my_role(self, info: Info[Context, None]) -> SessionRole | None:
        return await my_role_in(info, self.row.id)

    @strawberry.field(description="What is being solved.")
    def question(self) -> Question | None:
        return None if self.row.question_id is None else Question(id=strawberry.ID(str(self.row.question_id)))

    @strawberry.field(description="The match it was made from; null when it began with an invitation.")
    def match(self) -> Match | None:
        return None if self.row.match_id is None else Match(id=strawberry.ID(str(self.row.match_id)))

    @strawberry.field(description="The epoch of its log: numbers of two epochs say nothing about each other.")
    async def epoch(self, info: Info[Context, None]) -> strawberry.ID:
        log = await log_loader(info.context).load(self.row.id)
        return strawberry.ID(str(log.epoch) if log else "")

    @strawberry.field(description="Your private notes; nobody else can read them.")
    async def my_notes(self, info: Info[Context, None]) -> Annotated[Notes, strawberry.lazy(".practice_types")]:
        from .practice_types import Notes

        user_id = info.context.viewer.require_user()
        return Notes.from_model(await info.context.services.notes.read(user_id, self.row.id))

    @strawberry.field(description="Hints and solution; null for everybody but the interviewer.")
    async def interview_material(
        self, info: Info[Context, None]
    ) -> Annotated[InterviewMaterial, strawberry.lazy(".practice_types")] | None:
        from .practice_types import InterviewMaterial

        mine = await my_role_in(info, self.row.id)
        role = rules.Role(mine.value) if mine else None
        value = await info.context.services.notes.material(role, self.row)
        return None if value is None else InterviewMaterial.from_value(value)

    @strawberry.field(description="What the two said of each other, as you may see it.")
    async def feedback(
        self, info: Info[Context, None]
    ) -> Annotated[SessionFeedback, strawberry.lazy(".practice_types")]:
        from .practice_types import Feedback, SessionFeedback

        given, received = await info.context.services.feedback.seen_by(info.context.viewer.require_user(), self.row)
        return SessionFeedback(
            given=Feedback.from_model(given) if given else None,
            received=Feedback.from_model(received) if received else None,
        )

    @strawberry.field(description="The newest runs of the code, newest first.")
    async def runs(
        self, info: Info[Context, None], first: int = DEFAULT_PAGE_SIZE
    ) -> list[Annotated[Run, strawberry.lazy(".run_types")]]:
        from .run_types import Run

        rows = await info.context.services.execution.runs(self.row.id, PageRequest(first).first)
        return [Run.from_model(row) for row in rows]

    @strawberry.field(description="The chat, oldest first.")
    async def messages(
        self, info: Info[Context, None], first: int = DEFAULT_PAGE_SIZE, after: str | None = None
    ) -> Connection[SessionMessage]:
        chat, session_id = info.context.services.chat, self.row.id
        page = await chat.page(session_id, PageRequest(first, after))
        return Connection.from_page(page, SessionMessage.from_model, lambda: chat.count(session_id))

    @classmethod
    def from_model(cls, row: SessionRow) -> Session:
        return cls(
            id=strawberry.ID(str(row.id)),
            status=SessionStatus(row.status),
            language=Language[rules.Language(row.language).name],
            text_name=row.text_name,
            round=row.round,
            phase=SessionPhase(row.phase),
            phase_ends_at=row.phase_ends_at,
            created_at=row.created_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
            end_reason=SessionEndReason(row.end_reason) if row.end_reason else None,
            row=row,
        )

    @classmethod
    async def resolve_reference(cls, info: Info[Context, None], id: strawberry.ID) -> Session | None:
        try:
            session_id = UUID(id)
        except ValueError:
            return None
        row = await session_loader(info.context).load(session_id)
        return None if row is None else cls.from_model(row)


@strawberry.type(description="The shared document: apply `updates` in order, then follow the events after `seq`.")
class Document:
    session_id: strawberry.ID = strawberry.field(description="The session it belongs to.")
    epoch: strawberry.ID = strawberry.field(description="The epoch to push with.")
    seq: int = strawberry.field(description="The number of the last event that is contained.")
    text_name: str = strawberry.field(description="The name of the Y.Text to show.")
    language: Language = strawberry.field(description="The language of that text.")
    updates: list[Base64] = strawberry.field(description="Yjs updates (version 1): the merged past, then the rest raw.")

    @classmethod
    def from_loaded(cls, document: LoadedDocument) -> Document:
        row = document.session
        return cls(
            session_id=strawberry.ID(str(row.id)),
            epoch=strawberry.ID(str(document.epoch)),
            seq=document.seq,
            text_name=row.text_name,
            language=Language[rules.Language(row.language).name],
            updates=[Base64(update) for update in document.updates],
        )


@strawberry.type(description="A STUN or TURN server for WebRTC.")
class IceServer:
    urls: list[str] = strawberry.field(description="Its addresses.")
    username: str | None = strawberry.field(description="For TURN; ends with the credential.")
    credential: str | None = strawberry.field(description="For TURN; short-lived.")
    expires_at: datetime | None = strawberry.field(description="Until when the credential is good.")

    @classmethod
    def from_value(cls, value: IceServerValue) -> IceServer:
        expires_at = datetime.fromtimestamp(value.expires_at).astimezone() if value.expires_at else None
        return cls(urls=list(value.urls), username=value.username, credential=value.credential, expires_at=expires_at)


async def my_role_in(info: Info[Context, None], session_id: UUID) -> SessionRole | None:
    """What the viewer is in a session; None when he takes no part."""
    for row in await participants_loader(info.context).load(session_id):
        if row.user_id == info.context.viewer.user_id:
            return SessionRole(row.role)
    return None


def uuid_from(value: str, field: str) -> UUID:
    """The UUID in an ID. Raises InvalidInput when it is none."""
    try:
        return UUID(value)
    except ValueError as error:
        raise InvalidInput(f"{value!r} is not an id; ids are UUIDs.", field=field) from error


def optional_uuid_from(value: str | None, field: str) -> UUID | None:
    """As `uuid_from`, for what may be left out."""
    return None if value is None else uuid_from(value, field)
