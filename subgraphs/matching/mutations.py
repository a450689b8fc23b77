"""Root mutation fields of the matching subgraph: one call to a service each; expected failures are members of the result."""

from __future__ import annotations

from typing import Annotated

import strawberry

from .context import Info
from .inputs import AcceptMatchInvitationInput, CreateMatchInvitationInput, RequestMatchInput
from .results import (
    AcceptMatchInvitationResult,
    AlreadyQueued,
    BlockedUsers,
    BlockUserResult,
    CancelMatchResult,
    ExtendTicketResult,
    MatchInvitationResult,
    RequestMatchResult,
    RespondToMatchResult,
)
from .types import Match, MatchInvitation, MatchTicket, User, uuid_from

MatchId = Annotated[strawberry.ID, strawberry.argument(description="One of your matches.")]
PersonId = Annotated[strawberry.ID, strawberry.argument(description="The other person.")]


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description="Wait for a partner. Asking again while you wait answers AlreadyQueued with your ticket."
    )
    async def request_match(self, info: Info, input: RequestMatchInput) -> RequestMatchResult:
        user_id = info.context.viewer.require_user()
        queued = await info.context.services.matching.request_match(user_id, input.to_wish())
        ticket = MatchTicket.from_model(queued.ticket)
        return ticket if queued.is_new else AlreadyQueued.with_ticket(ticket)

    @strawberry.mutation(description="Stop waiting.")
    async def cancel_match(self, info: Info) -> CancelMatchResult:
        return MatchTicket.from_model(await info.context.services.matching.cancel(info.context.viewer.require_user()))

    @strawberry.mutation(description="Wait longer, at the same place in line.")
    async def extend_ticket(self, info: Info) -> ExtendTicketResult:
        return MatchTicket.from_model(await info.context.services.matching.extend(info.context.viewer.require_user()))

    @strawberry.mutation(description="Say that you are there, when matches are proposed first.")
    async def accept_match(self, info: Info, match_id: MatchId) -> RespondToMatchResult:
        user_id = info.context.viewer.require_user()
        match = await info.context.services.ready_check.accept(user_id, uuid_from(match_id, "matchId"))
        return Match.from_model(match, user_id)

    @strawberry.mutation(description="Turn a proposal down and stop waiting; the other one keeps the place in line.")
    async def decline_match(self, info: Info, match_id: MatchId) -> RespondToMatchResult:
        user_id = info.context.viewer.require_user()
        match = await info.context.services.ready_check.decline(user_id, uuid_from(match_id, "matchId"))
        return Match.from_model(match, user_id)

    @strawberry.mutation(description="End a match of yours that is open, at whatever point it is.")
    async def leave_match(self, info: Info, match_id: MatchId) -> RespondToMatchResult:
        user_id = info.context.viewer.require_user()
        match = await info.context.services.matching.leave_match(user_id, uuid_from(match_id, "matchId"))
        return Match.from_model(match, user_id)

    @strawberry.mutation(
        description="Ask a past partner for another match; they are told and accept by the invitation's id. "
        "Takes an Idempotency-Key header."
    )
    async def request_rematch(self, info: Info, match_id: MatchId) -> MatchInvitationResult:
        user_id = info.context.viewer.require_user()
        issued = await info.context.services.invitations.request_rematch(
            user_id, uuid_from(match_id, "matchId"), info.context.idempotency_key
        )
        return MatchInvitation.from_model(issued.invitation, issued.token)

    @strawberry.mutation(
        description="Make a private match for whoever you give the token to. Takes an Idempotency-Key header; the same call under "
        "the same key gives the same invitation with a new token."
    )
    async def create_match_invitation(self, info: Info, input: CreateMatchInvitationInput) -> MatchInvitationResult:
        user_id = info.context.viewer.require_user()
        issued = await info.context.services.invitations.create(
            user_id, input.language, input.difficulty, input.topics, input.role, info.context.idempotency_key
        )
        return MatchInvitation.from_model(issued.invitation, issued.token)

    @strawberry.mutation(description="Start a private match; both of you leave the line.")
    async def accept_match_invitation(
        self, info: Info, input: AcceptMatchInvitationInput
    ) -> AcceptMatchInvitationResult:
        user_id = info.context.viewer.require_user()
        token, invitation_id = input.to_reference()
        match = await info.context.services.invitations.accept(user_id, token=token, invitation_id=invitation_id)
        return Match.from_model(match, user_id)

    @strawberry.mutation(description="Withdraw an invitation you made, or decline one that you got.")
    async def close_match_invitation(self, info: Info, id: strawberry.ID) -> MatchInvitationResult:
        user_id = info.context.viewer.require_user()
        return MatchInvitation.from_model(await info.context.services.invitations.close(user_id, uuid_from(id, "id")))

    @strawberry.mutation(
        description="Never be matched with this person again; a match of you two without a session ends. They are not told."
    )
    async def block_user(self, info: Info, user_id: PersonId) -> BlockUserResult:
        viewer_id = info.context.viewer.require_user()
        await info.context.services.matching.block(viewer_id, uuid_from(user_id, "userId"))
        return await _blocked_users(info)

    @strawberry.mutation(description="Be open to this person again.")
    async def unblock_user(self, info: Info, user_id: PersonId) -> BlockUserResult:
        viewer_id = info.context.viewer.require_user()
        await info.context.services.matching.unblock(viewer_id, uuid_from(user_id, "userId"))
        return await _blocked_users(info)


async def _blocked_users(info: Info) -> BlockedUsers:
    ids = await info.context.services.matching.blocked_by(info.context.viewer.require_user())
    return BlockedUsers(users=[User(id=strawberry.ID(str(user_id))) for user_id in ids])
