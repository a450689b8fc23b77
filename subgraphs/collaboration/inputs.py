"""The inputs of the mutations."""

from __future__ import annotations

import strawberry
from strawberry.scalars import Base64

from .event_types import SignalKind
from .types import Language, SessionPhase

SESSION = "The session it is about."


@strawberry.input(description="What a client wrote in the document.")
class PushUpdatesInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)
    epoch: strawberry.ID | None = strawberry.field(
        default=None, description="The epoch the client knows; a push for another epoch is refused."
    )
    updates: list[Base64] = strawberry.field(description="Yjs updates (version 1), in the order they were made.")
    client_id: str | None = strawberry.field(
        default=None,
        description="Any name of this provider, e.g. a random one per page. With clientSeq, a push sent twice counts once.",
    )
    client_seq: int | None = strawberry.field(default=None, description="The number of this push of that provider.")


@strawberry.input(description="A chat message to send.")
class SendMessageInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)
    message: str = strawberry.field(description="The text, up to 4000 characters.")
    nonce: str | None = strawberry.field(
        default=None, description="Any name for this message; the same one is sent once, however often it is asked for."
    )
    reply_to_id: strawberry.ID | None = strawberry.field(default=None, description="The message it answers.")


@strawberry.input(description="A change of an own message.")
class EditMessageInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)
    message_id: strawberry.ID = strawberry.field(description="The message.")
    message: str = strawberry.field(description="Its new text, up to 4000 characters.")


@strawberry.input(description="An own message to take back.")
class DeleteMessageInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)
    message_id: strawberry.ID = strawberry.field(description="The message.")


@strawberry.input(description="Whether you are writing a message.")
class SetTypingInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)
    is_typing: bool = strawberry.field(description="True while you write.")


@strawberry.input(description="The language to go on in.")
class ChangeLanguageInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)
    language: Language = strawberry.field(description="The language.")


@strawberry.input(description="Where your cursor is.")
class SetAwarenessInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)
    update: Base64 = strawberry.field(
        description="What encodeAwarenessUpdate of y-protocols made, for your own client."
    )


@strawberry.input(description="A WebRTC signal for the other participant.")
class SendSignalInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)
    to_user_id: strawberry.ID = strawberry.field(description="The other participant.")
    kind: SignalKind = strawberry.field(description="What it is.")
    payload: str = strawberry.field(description="SDP, or an ICE candidate as JSON; up to 64 KiB.")


@strawberry.input(description="A phase to begin.")
class SetPhaseInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)
    phase: SessionPhase = strawberry.field(description="What comes now.")
    minutes: int | None = strawberry.field(
        default=None, description="How long; a timer runs for both when it is given."
    )


@strawberry.input(description="A session to end.")
class EndSessionInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)


@strawberry.input(description="Code to run.")
class RunCodeInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)
    cases: list[str] | None = strawberry.field(
        default=None,
        description="Own cases: each the arguments as a JSON array. Left out: the samples of the question.",
    )
    stdin: str | None = strawberry.field(
        default=None, description="Run the code as a program of its own with this standard input instead."
    )


@strawberry.input(description="A solution to be judged.")
class SubmitSolutionInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)
