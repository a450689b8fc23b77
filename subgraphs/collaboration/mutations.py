"""The mutations of the collaboration subgraph: each one call to a service, answered by a union of success and typed errors."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from ..kit.graphql_errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    RateLimited,
    Unavailable,
)
from . import live_service
from .error_types import EpochChanged, ExecutionUnavailable, InvalidUpdate, ReadOnly, SessionClosed, UpdateTooLarge
from .inputs import (
    ChangeLanguageInput,
    DeleteMessageInput,
    EditMessageInput,
    EndSessionInput,
    PushUpdatesInput,
    RunCodeInput,
    SendMessageInput,
    SendSignalInput,
    SetAwarenessInput,
    SetPhaseInput,
    SetTypingInput,
    SubmitSolutionInput,
)
from .practice_mutations import PracticeMutations, SessionResult
from .run_types import Run
from .types import Context, Session, SessionMessage, optional_uuid_from, uuid_from

SESSION_ID = "input.sessionId"


@strawberry.type(description="The updates are on disk.")
class UpdatesAcknowledged:
    seq: int = strawberry.field(description="The number of the last of them in the log.")
    client_seq: int | None = strawberry.field(description="The number of the push, as it was given.")
    is_duplicate: bool = strawberry.field(description="True when this push had been stored before.")


@strawberry.type(description="It was passed on.")
class Delivered:
    ok: bool = strawberry.field(default=True, description="Always true.")


PushUpdatesResult = Annotated[
    UpdatesAcknowledged
    | EpochChanged
    | InvalidUpdate
    | UpdateTooLarge
    | ReadOnly
    | SessionClosed
    | NotAuthenticated
    | NotFound
    | InvalidInput
    | RateLimited
    | Unavailable,
    strawberry.union("PushUpdatesResult"),
]
DeliverResult = Annotated[
    Delivered | ReadOnly | SessionClosed | NotAuthenticated | NotFound | InvalidInput | RateLimited,
    strawberry.union("DeliverResult"),
]
MessageResult = Annotated[
    SessionMessage
    | ReadOnly
    | SessionClosed
    | NotAuthenticated
    | NotAllowed
    | NotFound
    | Conflict
    | InvalidInput
    | RateLimited,
    strawberry.union("MessageResult"),
]

RunResult = Annotated[
    Run
    | ExecutionUnavailable
    | ReadOnly
    | SessionClosed
    | NotAuthenticated
    | NotFound
    | Conflict
    | InvalidInput
    | RateLimited,
    strawberry.union("RunResult"),
]


@strawberry.type
class Mutation(PracticeMutations):
    @strawberry.mutation(description="Store what you wrote. It is acknowledged when it is on disk, not before.")
    async def push_updates(self, info: Info[Context, None], input: PushUpdatesInput) -> PushUpdatesResult:
        acknowledged = await info.context.services.documents.push(
            info.context.viewer.require_user(),
            uuid_from(input.session_id, SESSION_ID),
            input.updates,
            epoch=optional_uuid_from(input.epoch, "input.epoch"),
            client_id=input.client_id,
            client_seq=input.client_seq,
        )
        return UpdatesAcknowledged(
            seq=acknowledged.seq, client_seq=input.client_seq, is_duplicate=acknowledged.is_duplicate
        )

    @strawberry.mutation(description="Tell the others where your cursor is; at most 20 times a second.")
    async def set_awareness(self, info: Info[Context, None], input: SetAwarenessInput) -> DeliverResult:
        user_id = info.context.viewer.require_user()
        await info.context.services.live.set_awareness(user_id, uuid_from(input.session_id, SESSION_ID), input.update)
        return Delivered()

    @strawberry.mutation(description="Tell the others that you write a message.")
    async def set_typing(self, info: Info[Context, None], input: SetTypingInput) -> DeliverResult:
        user_id = info.context.viewer.require_user()
        await info.context.services.live.set_typing(user_id, uuid_from(input.session_id, SESSION_ID), input.is_typing)
        return Delivered()

    @strawberry.mutation(description="Send a WebRTC signal to the other participant.")
    async def send_signal(self, info: Info[Context, None], input: SendSignalInput) -> DeliverResult:
        await info.context.services.live.send_signal(
            info.context.viewer.require_user(),
            uuid_from(input.session_id, SESSION_ID),
            uuid_from(input.to_user_id, "input.toUserId"),
            live_service.SignalKind(input.kind.value),
            input.payload,
        )
        return Delivered()

    @strawberry.mutation(description="Send a chat message.")
    async def send_message(self, info: Info[Context, None], input: SendMessageInput) -> MessageResult:
        row = await info.context.services.chat.send(
            info.context.viewer.require_user(),
            uuid_from(input.session_id, SESSION_ID),
            input.message,
            nonce=input.nonce,
            reply_to_id=optional_uuid_from(input.reply_to_id, "input.replyToId"),
        )
        return SessionMessage.from_model(row)

    @strawberry.mutation(description="Change an own chat message, within 15 minutes.")
    async def edit_message(self, info: Info[Context, None], input: EditMessageInput) -> MessageResult:
        row = await info.context.services.chat.edit(
            info.context.viewer.require_user(),
            uuid_from(input.session_id, SESSION_ID),
            uuid_from(input.message_id, "input.messageId"),
            input.message,
        )
        return SessionMessage.from_model(row)

    @strawberry.mutation(description="Take back an own chat message.")
    async def delete_message(self, info: Info[Context, None], input: DeleteMessageInput) -> MessageResult:
        row = await info.context.services.chat.delete(
            info.context.viewer.require_user(),
            uuid_from(input.session_id, SESSION_ID),
            uuid_from(input.message_id, "input.messageId"),
        )
        return SessionMessage.from_model(row)

    @strawberry.mutation(description="Go on in another language; each language keeps its own text.")
    async def change_language(self, info: Info[Context, None], input: ChangeLanguageInput) -> SessionResult:
        row = await info.context.services.sessions.change_language(
            info.context.viewer.require_user(), uuid_from(input.session_id, SESSION_ID), input.language.to_rules()
        )
        return Session.from_model(row)

    @strawberry.mutation(description="Begin a phase; the interviewer's to do, or any of two peers'.")
    async def set_phase(self, info: Info[Context, None], input: SetPhaseInput) -> SessionResult:
        row = await info.context.services.sessions.set_phase(
            info.context.viewer.require_user(),
            uuid_from(input.session_id, SESSION_ID),
            input.phase.to_rules(),
            input.minutes,
        )
        return Session.from_model(row)

    @strawberry.mutation(description="Run the code; what comes of it arrives as SessionRunChanged, for both.")
    async def run_code(self, info: Info[Context, None], input: RunCodeInput) -> RunResult:
        row = await info.context.services.execution.run_code(
            info.context.viewer.require_user(),
            uuid_from(input.session_id, SESSION_ID),
            input.cases,
            input.stdin,
            info.context.idempotency_key,
        )
        return Run.from_model(row)

    @strawberry.mutation(description="Have the code judged on all cases; the verdict arrives as SessionRunChanged.")
    async def submit_solution(self, info: Info[Context, None], input: SubmitSolutionInput) -> RunResult:
        row = await info.context.services.execution.submit(
            info.context.viewer.require_user(), uuid_from(input.session_id, SESSION_ID), info.context.idempotency_key
        )
        return Run.from_model(row)

    @strawberry.mutation(description="End the session for both. Asking again changes nothing.")
    async def end_session(self, info: Info[Context, None], input: EndSessionInput) -> SessionResult:
        row = await info.context.services.sessions.end(
            info.context.viewer.require_user(), uuid_from(input.session_id, SESSION_ID)
        )
        return Session.from_model(row)
