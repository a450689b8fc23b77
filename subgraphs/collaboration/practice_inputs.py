"""The inputs of roles, notes, feedback, invitations and history."""

from __future__ import annotations

import strawberry

from .inputs import SESSION
from .types import Language, SessionRole


@strawberry.input(description="A swap of roles.")
class SwapRolesInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)
    next_question_id: strawberry.ID | None = strawberry.field(
        default=None, description="A second question to go on with, with a text of its own."
    )


@strawberry.input(description="Your private notes.")
class SaveNotesInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)
    text: str = strawberry.field(description="All of the notes, up to 50,000 characters.")
    expected_version: int | None = strawberry.field(
        default=None, description="Save only when they are still at this version (0: none yet)."
    )


@strawberry.input(description="The rating of one axis.")
class RubricScoreInput:
    axis: str = strawberry.field(description="framing, trade_offs, correctness, code_quality or communication.")
    score: int = strawberry.field(description="From 1 to 5.")


@strawberry.input(description="What you say of your partner.")
class GiveFeedbackInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)
    rating: int = strawberry.field(description="From 1 to 5.")
    has_solved: bool | None = strawberry.field(default=None, description="Whether your partner solved the question.")
    rubric: list[RubricScoreInput] = strawberry.field(default_factory=list, description="The axes you rate.")
    comment: str = strawberry.field(default="", description="In words.")


@strawberry.input(description="An invitation of a partner to a new session.")
class InvitePartnerInput:
    language: Language = strawberry.field(description="The language to begin with.")
    question_id: strawberry.ID | None = strawberry.field(default=None, description="What to solve.")
    role: SessionRole = strawberry.field(default=SessionRole.PEER, description="What the guest will be; not VIEWER.")


@strawberry.input(description="An invitation to watch a session.")
class InviteViewerInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)


@strawberry.input(description="An invitation to accept.")
class AcceptInvitationInput:
    code: str = strawberry.field(description="The code of the invitation.")


@strawberry.input(description="A viewer to send away.")
class RemoveViewerInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)
    user_id: strawberry.ID = strawberry.field(description="The viewer.")


@strawberry.input(description="A version to go back to.")
class RestoreVersionInput:
    session_id: strawberry.ID = strawberry.field(description=SESSION)
    seq: int = strawberry.field(description="The number of the event after which the text was as wanted.")
