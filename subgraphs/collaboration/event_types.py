"""How the events of a session look to GraphQL: one interface, one type per kind, built from the stream's own values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum
from uuid import UUID

import strawberry
from strawberry.scalars import Base64
from strawberry.types import Info

from . import rules
from .errors import SessionNotFound
from .loaders import message_of, participants_loader, run_of, session_loader
from .log_events import EventKind, LiveEvent, LiveKind, LogEvent
from .run_types import Run
from .stream import Hello, Resync, StreamItem
from .types import (
    Context,
    Language,
    Participant,
    Question,
    Session,
    SessionEndReason,
    SessionMessage,
    SessionPhase,
    SessionRole,
    SessionStatus,
)

MAX_GROUPED_BYTES = 64 * 1024  # of updates put into one event


@strawberry.interface(description="Something that happened in a session.")
class SessionEvent:
    seq: int | None = strawberry.field(
        description="Its number, rising by commit order; resume with the last one seen. Null for what only matters now."
    )
    at: datetime = strawberry.field(description="When it happened.")


@strawberry.type(description="The first event of every subscription: where the log stands and what you are here.")
class SessionHello(SessionEvent):
    epoch: strawberry.ID = strawberry.field(description="The epoch of the log; give it back when you resume.")
    head_seq: int = strawberry.field(description="The number of the newest event.")
    resumed_from: int | None = strawberry.field(description="Events after this number follow; null: only new ones.")
    status: SessionStatus = strawberry.field(description="Whether the session still runs.")
    role: SessionRole = strawberry.field(description="What you are here.")
    is_polite: bool = strawberry.field(description="Whether you give way when both make a WebRTC offer at once.")
    language: Language = strawberry.field(description="The language that is written right now.")
    text_name: str = strawberry.field(description="The name of the Y.Text to show.")
    online_user_ids: list[strawberry.ID] = strawberry.field(description="Who is there.")
    awareness: list[Base64] = strawberry.field(description="Awareness messages of those who are there.")
    session: Session = strawberry.field(description="The session.")


@strawberry.type(description="What was missed cannot be replayed: load the document and the chat again.")
class SessionResync(SessionEvent):
    reason: SessionResyncReason = strawberry.field(description="Why.")
    epoch: strawberry.ID = strawberry.field(description="The epoch of the log.")
    head_seq: int = strawberry.field(description="Events after this number follow.")


@strawberry.enum(description="Why a stream cannot be resumed.")
class SessionResyncReason(Enum):
    EPOCH_CHANGED = "epoch_changed"
    TOO_FAR_BEHIND = "too_far_behind"
    UNKNOWN_POSITION = "unknown_position"


@strawberry.type(description="Somebody wrote in the document. `seq` is the number of the last of the updates.")
class DocumentUpdated(SessionEvent):
    user_id: strawberry.ID | None = strawberry.field(description="Who; null for the server (starter code).")
    updates: list[Base64] = strawberry.field(description="Yjs updates (version 1), as they were sent.")


@strawberry.type(description="The chat changed: a message was posted, edited or deleted.")
class SessionMessageChanged(SessionEvent):
    change: SessionMessageChange = strawberry.field(description="What happened to it.")
    message_id: strawberry.ID = strawberry.field(description="Which message.")

    @strawberry.field(description="The message as it is now.")
    async def message(self, info: Info[Context, None]) -> SessionMessage | None:
        row = await message_of(info.context, UUID(str(self.message_id)))
        return None if row is None else SessionMessage.from_model(row)


@strawberry.enum(description="What happened to a chat message.")
class SessionMessageChange(Enum):
    POSTED = "message_posted"
    EDITED = "message_edited"
    DELETED = "message_deleted"


@strawberry.type(description="Another Y.Text is shown: the language changed, a version was restored, a question began.")
class DocumentTextChanged(SessionEvent):
    language: Language = strawberry.field(description="The language of the text.")
    text_name: str = strawberry.field(description="The name of the Y.Text to show.")
    cause: str = strawberry.field(description="language, restore or question.")
    user_id: strawberry.ID | None = strawberry.field(description="Who changed it.")


@strawberry.type(description="Roles were swapped.")
class SessionRolesChanged(SessionEvent):
    session_id: strawberry.Private[UUID]

    @strawberry.field(description="Those who take part, with their roles as they are now.")
    async def participants(self, info: Info[Context, None]) -> list[Participant]:
        return [Participant.from_model(row) for row in await participants_loader(info.context).load(self.session_id)]


@strawberry.type(description="A further question began.")
class SessionQuestionChanged(SessionEvent):
    round: int = strawberry.field(description="The number of the question in this session.")
    question: Question = strawberry.field(description="The question.")


@strawberry.type(description="A phase began.")
class SessionPhaseChanged(SessionEvent):
    phase: SessionPhase = strawberry.field(description="What the two are doing now.")
    ends_at: datetime | None = strawberry.field(description="When its timer runs out.")


@strawberry.type(description="The timer of the phase has run out.")
class SessionTimerElapsed(SessionEvent):
    phase: SessionPhase = strawberry.field(description="The phase it was for.")


@strawberry.type(description="Who is there has changed.")
class SessionPresenceChanged(SessionEvent):
    online_user_ids: list[strawberry.ID] = strawberry.field(description="Everybody who is there now.")


@strawberry.type(description="Cursors moved. Give `update` to applyAwarenessUpdate of y-protocols.")
class SessionAwarenessChanged(SessionEvent):
    user_id: strawberry.ID | None = strawberry.field(description="Whose; null when the server removed silent clients.")
    update: Base64 = strawberry.field(description="An awareness message of y-protocols.")


@strawberry.type(description="Somebody began or stopped to write a message.")
class SessionTypingChanged(SessionEvent):
    user_id: strawberry.ID | None = strawberry.field(description="Who.")
    is_typing: bool = strawberry.field(description="Whether he writes.")


@strawberry.type(description="A WebRTC signal, for you only.")
class SessionSignalReceived(SessionEvent):
    from_user_id: strawberry.ID = strawberry.field(description="Who sent it.")
    kind: SignalKind = strawberry.field(description="What it is.")
    payload: str = strawberry.field(description="As it was sent: SDP, or an ICE candidate as JSON.")


@strawberry.enum(description="What a WebRTC signal is.")
class SignalKind(Enum):
    OFFER = "offer"
    ANSWER = "answer"
    CANDIDATE = "candidate"
    HANG_UP = "hang_up"


@strawberry.type(description="A run of the code began or ended.")
class SessionRunChanged(SessionEvent):
    run_id: strawberry.ID = strawberry.field(description="Which run.")
    is_finished: bool = strawberry.field(description="False when it began, true when it ended.")

    @strawberry.field(description="The run as it is now.")
    async def run(self, info: Info[Context, None]) -> Run | None:
        row = await run_of(info.context, UUID(str(self.run_id)))
        return None if row is None else Run.from_model(row)


@strawberry.type(description="The session has ended; nothing follows.")
class SessionEnded(SessionEvent):
    end_reason: SessionEndReason = strawberry.field(description="Why.")
    user_id: strawberry.ID | None = strawberry.field(description="Who ended it; null when it ended by itself.")
    session_id: strawberry.Private[UUID]

    @strawberry.field(description="The session as it is now.")
    async def session(self, info: Info[Context, None]) -> Session:
        row = await session_loader(info.context).load(self.session_id)
        if row is None:
            raise SessionNotFound(self.session_id)
        return Session.from_model(row)


EVENT_TYPES = (
    SessionHello,
    SessionResync,
    DocumentUpdated,
    SessionMessageChanged,
    DocumentTextChanged,
    SessionRolesChanged,
    SessionQuestionChanged,
    SessionPhaseChanged,
    SessionTimerElapsed,
    SessionPresenceChanged,
    SessionAwarenessChanged,
    SessionTypingChanged,
    SessionSignalReceived,
    SessionRunChanged,
    SessionEnded,
)


def events_from(items: Iterable[StreamItem]) -> list[SessionEvent]:
    """The GraphQL events of a batch; updates of one person that follow each other become one event."""
    events: list[SessionEvent] = []
    grouped_bytes = 0
    for item in items:
        match item:
            case Hello():
                events.append(_hello(item))
            case Resync():
                events.append(
                    SessionResync(
                        seq=None,
                        at=datetime.now(UTC),
                        reason=SessionResyncReason(item.reason.value),
                        epoch=strawberry.ID(str(item.epoch)),
                        head_seq=item.head_seq,
                    )
                )
            case LogEvent(kind=EventKind.UPDATE):
                update = item.update or b""
                last = events[-1] if events else None
                grouped_bytes += len(update)
                is_same = isinstance(last, DocumentUpdated) and last.user_id == _id(item.user_id)
                if isinstance(last, DocumentUpdated) and is_same and grouped_bytes <= MAX_GROUPED_BYTES:
                    last.seq, last.at = item.seq, item.at
                    last.updates.append(Base64(update))
                else:
                    grouped_bytes = len(update)
                    events.append(
                        DocumentUpdated(seq=item.seq, at=item.at, user_id=_id(item.user_id), updates=[Base64(update)])
                    )
            case LogEvent():
                events.append(_from_log(item))
            case LiveEvent():
                events += _from_live(item)
    return events


def _hello(item: Hello) -> SessionHello:
    return SessionHello(
        seq=None,
        at=datetime.now(UTC),
        epoch=strawberry.ID(str(item.epoch)),
        head_seq=item.head_seq,
        resumed_from=item.resumed_from,
        status=SessionStatus(item.session.status),
        role=SessionRole(item.me.role),
        is_polite=item.me.is_polite,
        language=Language[rules.Language(item.session.language).name],
        text_name=item.session.text_name,
        online_user_ids=[strawberry.ID(str(user_id)) for user_id in sorted(item.online)],
        awareness=[Base64(update) for update in item.awareness],
        session=Session.from_model(item.session),
    )


def _from_log(event: LogEvent) -> SessionEvent:
    seq, at, data = event.seq, event.at, event.data
    match event.kind:
        case EventKind.MESSAGE_POSTED | EventKind.MESSAGE_EDITED | EventKind.MESSAGE_DELETED:
            return SessionMessageChanged(
                seq=seq,
                at=at,
                change=SessionMessageChange(event.kind.value),
                message_id=strawberry.ID(data["message_id"]),
            )
        case EventKind.TEXT_CHANGED:
            return DocumentTextChanged(
                seq=seq,
                at=at,
                language=Language[data["language"]],
                text_name=data["text_name"],
                cause=data["cause"],
                user_id=_id(event.user_id),
            )
        case EventKind.ROLES_CHANGED:
            return SessionRolesChanged(seq=seq, at=at, session_id=event.session_id)
        case EventKind.QUESTION_CHANGED:
            question = Question(id=strawberry.ID(data["question_id"]))
            return SessionQuestionChanged(seq=seq, at=at, round=data["round"], question=question)
        case EventKind.PHASE_CHANGED:
            ends_at = datetime.fromisoformat(data["ends_at"]) if data["ends_at"] else None
            return SessionPhaseChanged(seq=seq, at=at, phase=SessionPhase(data["phase"]), ends_at=ends_at)
        case EventKind.TIMER_ELAPSED:
            return SessionTimerElapsed(seq=seq, at=at, phase=SessionPhase(data["phase"]))
        case EventKind.RUN_STARTED | EventKind.RUN_FINISHED:
            is_finished = event.kind is EventKind.RUN_FINISHED
            return SessionRunChanged(seq=seq, at=at, run_id=strawberry.ID(data["run_id"]), is_finished=is_finished)
        case EventKind.ENDED:
            return SessionEnded(
                seq=seq,
                at=at,
                end_reason=SessionEndReason(data["reason"]),
                user_id=_id(event.user_id),
                session_id=event.session_id,
            )
        case _:
            raise ValueError(f"{event.kind} has no GraphQL type")


def _from_live(event: LiveEvent) -> list[SessionEvent]:
    match event.kind:
        case LiveKind.AWARENESS:
            return [
                SessionAwarenessChanged(
                    seq=None, at=event.at, user_id=_id(event.user_id), update=Base64(event.update or b"")
                )
            ]
        case LiveKind.PRESENCE:
            online = [strawberry.ID(user_id) for user_id in event.data["online"]]
            return [SessionPresenceChanged(seq=None, at=event.at, online_user_ids=online)]
        case LiveKind.TYPING if event.user_id is not None:
            user_id = strawberry.ID(str(event.user_id))
            return [SessionTypingChanged(seq=None, at=event.at, user_id=user_id, is_typing=event.data["is_typing"])]
        case LiveKind.SIGNAL if event.user_id is not None:
            return [
                SessionSignalReceived(
                    seq=None,
                    at=event.at,
                    from_user_id=strawberry.ID(str(event.user_id)),
                    kind=SignalKind(event.data["signal"]),
                    payload=event.data["payload"],
                )
            ]
        case _:
            return []


def _id(user_id: UUID | None) -> strawberry.ID | None:
    return None if user_id is None else strawberry.ID(str(user_id))
