"""Root mutation fields of the users subgraph: one call to a service each; expected failures are members of the result."""

from __future__ import annotations

from typing import Annotated

import strawberry

from .context import Info, device_of
from .inputs import LogInInput, RefreshTokensInput, SignUpInput, UpdateProfileInput
from .results import LogInResult, LogOutResult, RefreshTokensResult, SignUpResult, UpdateProfileResult
from .types import AuthPayload, LoggedOut, User


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Make an account and log in.")
    async def sign_up(self, info: Info, input: SignUpInput) -> SignUpResult:
        tokens = await info.context.services.users.sign_up(input.to_command(), device_of(info.context))
        return AuthPayload.from_tokens(tokens)

    @strawberry.mutation(description="Start a session on this device.")
    async def log_in(self, info: Info, input: LogInInput) -> LogInResult:
        tokens = await info.context.services.sessions.log_in(input.to_command(), device_of(info.context))
        return AuthPayload.from_tokens(tokens)

    @strawberry.mutation(
        description="Swap a refresh token for the next pair of tokens. Each is good for one call; if the answer is lost, "
        "the same call within 10 seconds gives the same refresh token again."
    )
    async def refresh_tokens(self, info: Info, input: RefreshTokensInput) -> RefreshTokensResult:
        return AuthPayload.from_tokens(await info.context.services.sessions.refresh(input.refresh_token))

    @strawberry.mutation(description="End this session, or all of the person's sessions on all devices.")
    async def log_out(
        self,
        info: Info,
        everywhere: Annotated[bool, strawberry.argument(description="True: on all devices.")] = False,
    ) -> LogOutResult:
        ended = await info.context.services.sessions.log_out(info.context.viewer, everywhere=everywhere)
        return LoggedOut(ended_sessions=ended)

    @strawberry.mutation(description="Change what others see of you; what is not given stays.")
    async def update_profile(self, info: Info, input: UpdateProfileInput) -> UpdateProfileResult:
        user = await info.context.services.users.update_profile(info.context.viewer, input.to_command())
        return User.from_model(user)
