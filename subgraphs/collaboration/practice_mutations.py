"""Mutations beside the typing: roles, notes, feedback, invitations, going back to a version."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from ..kit.errors import InvalidInput as InvalidInputError
from ..kit.graphql_errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    RateLimited,
    Unavailable,
    VersionConflict,
)
from .error_types import ReadOnly, SessionClosed
from .feedback_service import GivenFeedback
from .practice_inputs import (
    AcceptInvitationInput,
    GiveFeedbackInput,
    InvitePartnerInput,
    InviteViewerInput,
    RemoveViewerInput,
    RestoreVersionInput,
    SaveNotesInput,
    SwapRolesInput,
)
from .practice_types import Feedback, Invitation, Notes
from .rules import Role
from .types import Context, Session, SessionRole, optional_uuid_from, uuid_from

SESSION_ID = "input.sessionId"

NotesResult = Annotated[
    Notes | NotAuthenticated | NotFound | InvalidInput | VersionConflict, strawberry.union("NotesResult")
]
FeedbackResult = Annotated[
    Feedback | ReadOnly | NotAuthenticated | NotFound | Conflict | InvalidInput, strawberry.union("FeedbackResult")
]
InvitationResult = Annotated[
    Invitation | ReadOnly | SessionClosed | NotAuthenticated | NotFound | Conflict | InvalidInput | RateLimited,
    strawberry.union("InvitationResult"),
]
AcceptInvitationResult = Annotated[
    Session | NotAuthenticated | NotFound | Conflict, strawberry.union("AcceptInvitationResult")
]
SessionResult = Annotated[
    Session | ReadOnly | SessionClosed | NotAuthenticated | NotAllowed | NotFound | InvalidInput | Unavailable,
    strawberry.union("SessionResult"),
]


@strawberry.type
class PracticeMutations:
    @strawberry.mutation(
        description="Change places: interviewer and candidate; of two peers you become the interviewer."
    )
    async def swap_roles(self, info: Info[Context, None], input: SwapRolesInput) -> SessionResult:
        row = await info.context.services.sessions.swap_roles(
            info.context.viewer.require_user(),
            uuid_from(input.session_id, SESSION_ID),
            optional_uuid_from(input.next_question_id, "input.nextQuestionId"),
        )
        return Session.from_model(row)

    @strawberry.mutation(description="Save your private notes.")
    async def save_notes(self, info: Info[Context, None], input: SaveNotesInput) -> NotesResult:
        row = await info.context.services.notes.save(
            info.context.viewer.require_user(),
            uuid_from(input.session_id, SESSION_ID),
            input.text,
            input.expected_version,
        )
        return Notes.from_model(row)

    @strawberry.mutation(
        description="Say once how it was with your partner, after the session. Sealed until both have."
    )
    async def give_feedback(self, info: Info[Context, None], input: GiveFeedbackInput) -> FeedbackResult:
        given = GivenFeedback(
            input.rating, input.has_solved, {item.axis: item.score for item in input.rubric}, input.comment.strip()
        )
        row = await info.context.services.feedback.give(
            info.context.viewer.require_user(), uuid_from(input.session_id, SESSION_ID), given
        )
        return Feedback.from_model(row)

    @strawberry.mutation(description="Invite somebody to a new session with you.")
    async def invite_partner(self, info: Info[Context, None], input: InvitePartnerInput) -> InvitationResult:
        user_id = info.context.viewer.require_user()
        if input.role is SessionRole.VIEWER:
            raise InvalidInputError("A partner is a peer, an interviewer or a candidate.", field="input.role")
        row, code = await info.context.services.invitations.invite_partner(
            user_id,
            optional_uuid_from(input.question_id, "input.questionId"),
            input.language.to_rules(),
            Role(input.role.value),
            info.context.idempotency_key,
        )
        return Invitation.from_model(row, code)

    @strawberry.mutation(description="Invite somebody to watch your session.")
    async def invite_viewer(self, info: Info[Context, None], input: InviteViewerInput) -> InvitationResult:
        row, code = await info.context.services.invitations.invite_viewer(
            info.context.viewer.require_user(), uuid_from(input.session_id, SESSION_ID), info.context.idempotency_key
        )
        return Invitation.from_model(row, code)

    @strawberry.mutation(description="Accept an invitation. Asking again gives the same session.")
    async def accept_invitation(
        self, info: Info[Context, None], input: AcceptInvitationInput
    ) -> AcceptInvitationResult:
        row = await info.context.services.invitations.accept(info.context.viewer.require_user(), input.code)
        return Session.from_model(row)

    @strawberry.mutation(description="Send a viewer away; he gets nothing more from that moment on.")
    async def remove_viewer(self, info: Info[Context, None], input: RemoveViewerInput) -> SessionResult:
        row = await info.context.services.sessions.remove_participant(
            info.context.viewer.require_user(),
            uuid_from(input.session_id, SESSION_ID),
            uuid_from(input.user_id, "input.userId"),
        )
        return Session.from_model(row)

    @strawberry.mutation(
        description="Go back to an earlier version. Nothing is lost: it is written as a text of its own."
    )
    async def restore_version(self, info: Info[Context, None], input: RestoreVersionInput) -> SessionResult:
        row = await info.context.services.history.restore(
            info.context.viewer.require_user(), uuid_from(input.session_id, SESSION_ID), input.seq
        )
        return Session.from_model(row)
