"""What people see of logging in and of what becomes of accounts: tokens, sessions, erasure."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from . import models
from .context import Context
from .erasure_service import ErasureState
from .sessions import IssuedTokens
from .types import User


@strawberry.type(description="What a person gets who has signed up, logged in or refreshed.")
class AuthPayload:
    access_token: str = strawberry.field(description="Send it as `Authorization: Bearer ...`; lives 15 minutes.")
    refresh_token: str = strawberry.field(description="Good for one call of refreshTokens; keep it safe.")
    expires_at: datetime = strawberry.field(description="When the access token ends.")
    user: User = strawberry.field(description="Who is logged in.")

    @classmethod
    def from_tokens(cls, tokens: IssuedTokens) -> Self:
        return cls(
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            expires_at=tokens.expires_at,
            user=User.from_model(tokens.user, is_own=True),
        )


@strawberry.type(description="Sessions were ended.")
class LoggedOut:
    ended_sessions: int = strawberry.field(description="How many.")


@strawberry.type(description="A log-in on one device.")
class AuthSession:
    id: strawberry.ID = strawberry.field(description="Pass it to revokeSession.")
    created_at: datetime = strawberry.field(description="When the person logged in.")
    last_used_at: datetime = strawberry.field(description="When its tokens were last refreshed.")
    expires_at: datetime = strawberry.field(description="When it ends, used or not.")
    user_agent: str | None = strawberry.field(description="The browser or program, as it calls itself.")
    address: str | None = strawberry.field(description="The network address it was made from.")
    is_current: bool = strawberry.field(description="True for the session that asks.")

    @classmethod
    def from_model(cls, session: models.AuthSession, context: Context) -> Self:
        return cls(
            id=strawberry.ID(str(session.id)),
            created_at=session.created_at,
            last_used_at=session.last_used_at,
            expires_at=session.expires_at,
            user_agent=session.user_agent,
            address=session.address,
            is_current=str(session.id) == context.viewer.session_id,
        )


@strawberry.type(description="It was done.")
class Done:
    message: str = strawberry.field(description="What happens next, in one sentence for people.")


@strawberry.type(description="There may be a mail for you: the answer is the same whether the address is known or not.")
class CheckYourMail:
    message: str = strawberry.field(description="What to do, in one sentence for people.")


@strawberry.type(description="One subgraph's word that it has erased a person.")
class ErasureProof:
    subgraph: str = strawberry.field(description="Which.")
    erased_at: datetime = strawberry.field(description="When.")


@strawberry.type(description="How far the deletion of an account has come in all subgraphs.")
class AccountErasure:
    receipt: strawberry.ID = strawberry.field(description="Ask for accountErasure with it, without logging in.")
    requested_at: datetime = strawberry.field(description="When the account was deleted.")
    completed_at: datetime | None = strawberry.field(description="When the last proof came in.")
    proofs: list[ErasureProof] = strawberry.field(description="Who has proved it.")
    missing: list[str] = strawberry.field(description="Whose proof is awaited.")

    @classmethod
    def from_state(cls, state: ErasureState) -> Self:
        return cls(
            receipt=strawberry.ID(str(state.erasure.receipt)),
            requested_at=state.erasure.requested_at,
            completed_at=state.erasure.completed_at,
            proofs=[ErasureProof(subgraph=proof.subgraph, erased_at=proof.erased_at) for proof in state.proofs],
            missing=list(state.missing),
        )
