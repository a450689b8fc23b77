"""Root mutation fields of the users subgraph: one call to a service each; expected failures are members of the result."""

from __future__ import annotations

from typing import Annotated

import strawberry

from .account_types import AccountErasure, AuthPayload, CheckYourMail, Done, LoggedOut
from .context import Info, device_of
from .export_types import DataExport
from .inputs import (
    ChangePasswordInput,
    CreateUserInput,
    LogInInput,
    RefreshTokensInput,
    ResetPasswordInput,
    SetUserRoleInput,
    SignUpInput,
    SuspendUserInput,
    UpdateProfileInput,
)
from .queries import parsed_id
from .results import (
    ChangePasswordResult,
    DeleteAccountResult,
    LogInResult,
    LogOutResult,
    ManageUserResult,
    RefreshTokensResult,
    RequestDataExportResult,
    RequestMailResult,
    ResetPasswordResult,
    SignUpResult,
    UpdateProfileResult,
    VerifyEmailResult,
)
from .types import User

CHECK_YOUR_MAIL = "If there is an account for this address, a mail with a link is on its way."


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Make an account and log in. Takes an Idempotency-Key header.")
    async def sign_up(self, info: Info, input: SignUpInput) -> SignUpResult:
        command = input.to_command(info.context.idempotency_key)
        tokens = await info.context.services.users.sign_up(command, device_of(info.context))
        return AuthPayload.from_tokens(tokens) if tokens else CheckYourMail(message=CHECK_YOUR_MAIL)

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

    @strawberry.mutation(description="End one session of one's own, on another device; its open sockets end too.")
    async def revoke_session(
        self, info: Info, session_id: Annotated[strawberry.ID, strawberry.argument(description="From myAuthSessions.")]
    ) -> LogOutResult:
        await info.context.services.sessions.revoke(info.context.viewer, parsed_id(session_id, "sessionId"))
        return LoggedOut(ended_sessions=1)

    @strawberry.mutation(description="Change what others see of you; what is not given stays.")
    async def update_profile(self, info: Info, input: UpdateProfileInput) -> UpdateProfileResult:
        user = await info.context.services.users.update_profile(info.context.viewer, input.to_command())
        return User.from_model(user)

    @strawberry.mutation(description="Send the link that confirms one's address once more.")
    async def request_email_verification(self, info: Info) -> RequestMailResult:
        await info.context.services.credentials.request_email_verification(info.context.viewer)
        return CheckYourMail(message="A mail with a link is on its way, unless the address is confirmed already.")

    @strawberry.mutation(description="Confirm an address by the link from the mail.")
    async def verify_email(
        self, info: Info, token: Annotated[str, strawberry.argument(description="Behind `token=` in the link.")]
    ) -> VerifyEmailResult:
        return User.from_model(await info.context.services.credentials.verify_email(token))

    @strawberry.mutation(description="Change one's own password; all other devices are logged out.")
    async def change_password(self, info: Info, input: ChangePasswordInput) -> ChangePasswordResult:
        credentials = info.context.services.credentials
        await credentials.change_password(info.context.viewer, input.current_password, input.new_password)
        return Done(message="The password is changed; all other devices are logged out.")

    @strawberry.mutation(
        description="Ask for a link to choose a new password. The answer never tells who has an account."
    )
    async def request_password_reset(
        self, info: Info, email: Annotated[str, strawberry.argument(description="The address of the account.")]
    ) -> RequestMailResult:
        await info.context.services.credentials.request_password_reset(email, device_of(info.context))
        return CheckYourMail(message=CHECK_YOUR_MAIL)

    @strawberry.mutation(description="Choose a new password by the link from the mail; all devices are logged out.")
    async def reset_password(self, info: Info, input: ResetPasswordInput) -> ResetPasswordResult:
        credentials, device = info.context.services.credentials, device_of(info.context)
        return AuthPayload.from_tokens(await credentials.reset_password(input.token, input.new_password, device))

    @strawberry.mutation(
        description="Ask for all that the system knows of oneself. It is collected from every subgraph in the background; "
        "asking again meanwhile gives the same export."
    )
    async def request_data_export(self, info: Info) -> RequestDataExportResult:
        return DataExport.from_state(await info.context.services.exports.request(info.context.viewer))

    @strawberry.mutation(description="Delete one's own account, at once and for good, in all services.")
    async def delete_my_account(
        self,
        info: Info,
        password: Annotated[
            str | None, strawberry.argument(description="Once more; null for people who log in elsewhere.")
        ] = None,
    ) -> DeleteAccountResult:
        state = await info.context.services.erasure.delete_own_account(info.context.viewer, password)
        return AccountErasure.from_state(state)

    @strawberry.mutation(description="Make an account for somebody. Takes an Idempotency-Key header. Only for admins.")
    async def create_user(self, info: Info, input: CreateUserInput) -> ManageUserResult:
        command = input.to_command(info.context.idempotency_key)
        return User.from_model(await info.context.services.admin.create_user(info.context.viewer, command))

    @strawberry.mutation(description="Give somebody a role. Only for admins.")
    async def set_user_role(self, info: Info, input: SetUserRoleInput) -> ManageUserResult:
        admin, user_id = info.context.services.admin, parsed_id(input.user_id, "input.userId")
        return User.from_model(await admin.set_role(info.context.viewer, user_id, input.role))

    @strawberry.mutation(description="Log somebody out everywhere and keep them out. Only for admins.")
    async def suspend_user(self, info: Info, input: SuspendUserInput) -> ManageUserResult:
        admin, user_id = info.context.services.admin, parsed_id(input.user_id, "input.userId")
        return User.from_model(await admin.suspend(info.context.viewer, user_id, input.reason))

    @strawberry.mutation(description="Let a suspended person in again. Only for admins.")
    async def reinstate_user(
        self, info: Info, user_id: Annotated[strawberry.ID, strawberry.argument(description="Whom.")]
    ) -> ManageUserResult:
        admin = info.context.services.admin
        return User.from_model(await admin.reinstate(info.context.viewer, parsed_id(user_id, "userId")))

    @strawberry.mutation(
        description="Delete somebody's account, at once and for good, in all services. Only for admins."
    )
    async def delete_user(
        self, info: Info, user_id: Annotated[strawberry.ID, strawberry.argument(description="Whose.")]
    ) -> DeleteAccountResult:
        erasure = info.context.services.erasure
        state = await erasure.delete_account(info.context.viewer, parsed_id(user_id, "userId"))
        return AccountErasure.from_state(state)
