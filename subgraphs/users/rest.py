"""The REST face of the users subgraph: one call to a service each, under /v1."""

from __future__ import annotations

from datetime import UTC, datetime

from ..kit.auth import TokenVerifier
from ..kit.errors import NotAllowed, RateLimited
from ..kit.idempotency import IdempotencyKeyReused
from ..kit.pagination import PageRequest
from ..kit.rest import Operation, Reply, RestApi, RestCall, page_reply
from . import errors, rest_models
from .context import Services
from .models import User
from .rest_models import ErasureAnswer, SessionAnswer, TokensAnswer, UserAnswer
from .rules import may_see_private
from .session_service import LogIn
from .sessions import Device

Call = RestCall[Services]
DESCRIPTION = "Accounts, logging in, profiles. The same rules and errors as in GraphQL."


def users_api(services: Services, verifier: TokenVerifier) -> RestApi[Services]:
    return RestApi("Tandem users", DESCRIPTION, OPERATIONS, services, verifier)


async def sign_up(call: Call) -> Reply:
    command = call.body(rest_models.SignUpBody).to_command(call.idempotency_key)
    return Reply(TokensAnswer.from_tokens(await call.services.users.sign_up(command, _device(call))), status=201)


async def log_in(call: Call) -> Reply:
    body = call.body(rest_models.LogInBody)
    tokens = await call.services.sessions.log_in(LogIn(body.email, body.password), _device(call))
    return Reply(TokensAnswer.from_tokens(tokens), status=201)


async def refresh_tokens(call: Call) -> Reply:
    tokens = await call.services.sessions.refresh(call.body(rest_models.RefreshBody).refresh_token)
    return Reply(TokensAnswer.from_tokens(tokens))


async def list_my_sessions(call: Call) -> Reply:
    sessions = await call.services.sessions.list_live(call.viewer)
    return Reply(rest_models.SessionListAnswer(items=[SessionAnswer.model_validate(one) for one in sessions]))


async def log_out(call: Call) -> Reply:
    await call.services.sessions.log_out(call.viewer)
    return Reply()


async def revoke_session(call: Call) -> Reply:
    await call.services.sessions.revoke(call.viewer, call.path_id())
    return Reply()


async def get_me(call: Call) -> Reply:
    user = await call.services.users.current(call.viewer)
    assert user is not None, "the operation needs a log-in"
    return _user_reply(call, user)


async def update_me(call: Call) -> Reply:
    command = call.body(rest_models.ProfileBody).to_command(call.expected_version)
    return _user_reply(call, await call.services.users.update_profile(call.viewer, command))


async def delete_me(call: Call) -> Reply:
    password = call.body(rest_models.DeletionBody).password
    return Reply(ErasureAnswer.from_state(await call.services.erasure.delete_own_account(call.viewer, password)))


async def export_me(call: Call) -> Reply:
    document = await call.services.export.export(call.viewer, datetime.now(UTC))
    return Reply(rest_models.ExportAnswer(document=document))


async def request_email_verification(call: Call) -> Reply:
    await call.services.credentials.request_email_verification(call.viewer)
    return Reply()


async def verify_email(call: Call) -> Reply:
    await call.services.credentials.verify_email(call.body(rest_models.ConfirmationBody).token)
    return Reply()


async def change_password(call: Call) -> Reply:
    body = call.body(rest_models.ChangePasswordBody)
    await call.services.credentials.change_password(call.viewer, body.current_password, body.new_password)
    return Reply()


async def request_password_reset(call: Call) -> Reply:
    await call.services.credentials.request_password_reset(call.body(rest_models.EmailBody).email, _device(call))
    return Reply()


async def reset_password(call: Call) -> Reply:
    body = call.body(rest_models.ResetPasswordBody)
    tokens = await call.services.credentials.reset_password(body.token, body.new_password, _device(call))
    return Reply(TokensAnswer.from_tokens(tokens))


async def get_erasure(call: Call) -> Reply:
    return Reply(ErasureAnswer.from_state(await call.services.erasure.state_by_receipt(call.path_id("receipt_id"))))


async def list_users(call: Call) -> Reply:
    query = call.query(rest_models.UserQuery)
    request = PageRequest(query.first, query.after)
    page = await call.services.admin.list_users(call.viewer, query.to_filter(), query.sort, request)
    items = [UserAnswer.from_model(user, is_private=True) for user in page.items]
    end_cursor = page.cursors[-1] if page.cursors else None
    body = rest_models.UserListAnswer(items=items, end_cursor=end_cursor, has_next_page=page.has_next_page)
    return page_reply(body, page)


async def create_user(call: Call) -> Reply:
    command = call.body(rest_models.CreateUserBody).to_command(call.idempotency_key)
    user = await call.services.admin.create_user(call.viewer, command)
    return Reply(UserAnswer.from_model(user, is_private=True), status=201, headers={"location": f"/v1/users/{user.id}"})


async def get_user(call: Call) -> Reply:
    return _user_reply(call, await call.services.users.get(call.path_id()))


async def delete_user(call: Call) -> Reply:
    return Reply(ErasureAnswer.from_state(await call.services.erasure.delete_account(call.viewer, call.path_id())))


async def set_role(call: Call) -> Reply:
    role = call.body(rest_models.RoleBody).role
    return _managed(await call.services.admin.set_role(call.viewer, call.path_id(), role))


async def suspend_user(call: Call) -> Reply:
    reason = call.body(rest_models.SuspensionBody).reason
    return _managed(await call.services.admin.suspend(call.viewer, call.path_id(), reason))


async def reinstate_user(call: Call) -> Reply:
    return _managed(await call.services.admin.reinstate(call.viewer, call.path_id()))


def _user_reply(call: Call, user: User) -> Reply:
    is_private = may_see_private(call.viewer.user_id, call.viewer.roles, user.id)
    return Reply(UserAnswer.from_model(user, is_private=is_private), version=user.version)


def _managed(user: User) -> Reply:
    return Reply(UserAnswer.from_model(user, is_private=True), version=user.version)


def _device(call: Call) -> Device:
    return Device(user_agent=call.request.headers.get("user-agent"), address=call.client_address)


_SUSPENDED = (errors.AccountSuspended,)
_CREATING = (errors.EmailTaken, IdempotencyKeyReused)
OPERATIONS = (
    Operation(
        method="POST",
        path="/accounts",
        handler=sign_up,
        summary="Make an account and log in",
        tag="Logging in",
        body=rest_models.SignUpBody,
        answer=TokensAnswer,
        status=201,
        errors=(*_CREATING, RateLimited),
        needs_login=False,
        takes_idempotency_key=True,
    ),
    Operation(
        method="POST",
        path="/sessions",
        handler=log_in,
        summary="Log in on this device",
        tag="Logging in",
        body=rest_models.LogInBody,
        answer=TokensAnswer,
        status=201,
        errors=(errors.InvalidCredentials, errors.EmailNotVerified, RateLimited, *_SUSPENDED),
        needs_login=False,
    ),
    Operation(
        method="POST",
        path="/sessions/refresh",
        handler=refresh_tokens,
        summary="Swap a refresh token for the next pair of tokens",
        tag="Logging in",
        body=rest_models.RefreshBody,
        answer=TokensAnswer,
        errors=(errors.RefreshTokenInvalid, errors.RefreshTokenReused, *_SUSPENDED),
        needs_login=False,
    ),
    Operation(
        method="GET",
        path="/me/sessions",
        handler=list_my_sessions,
        summary="Where I am logged in",
        tag="Logging in",
        answer=rest_models.SessionListAnswer,
    ),
    Operation(method="DELETE", path="/me/sessions/current", handler=log_out, summary="Log out", tag="Logging in"),
    Operation(
        method="DELETE",
        path="/me/sessions/{id}",
        handler=revoke_session,
        summary="Log another device out",
        tag="Logging in",
    ),
    Operation(
        method="GET",
        path="/me",
        handler=get_me,
        summary="Who I am",
        tag="My account",
        answer=UserAnswer,
        has_version=True,
    ),
    Operation(
        method="PATCH",
        path="/me",
        handler=update_me,
        summary="Change my profile",
        tag="My account",
        body=rest_models.ProfileBody,
        answer=UserAnswer,
        errors=(errors.SkillIsMeasured,),
        has_version=True,
    ),
    Operation(
        method="POST",
        path="/me/deletion",
        handler=delete_me,
        summary="Delete my account, at once and for good, in all services",
        tag="My account",
        body=rest_models.DeletionBody,
        answer=ErasureAnswer,
        errors=(errors.InvalidCredentials, errors.LastAdmin),
    ),
    Operation(
        method="GET",
        path="/me/export",
        handler=export_me,
        summary="What the users service knows of me",
        tag="My account",
        answer=rest_models.ExportAnswer,
    ),
    Operation(
        method="POST",
        path="/me/email-verification",
        handler=request_email_verification,
        summary="Send the link that confirms my address once more",
        tag="My account",
    ),
    Operation(
        method="PUT",
        path="/me/password",
        handler=change_password,
        summary="Change my password; all other devices are logged out",
        tag="My account",
        body=rest_models.ChangePasswordBody,
        errors=(errors.InvalidCredentials,),
    ),
    Operation(
        method="POST",
        path="/email-confirmations",
        handler=verify_email,
        summary="Confirm an address by the link from the mail",
        tag="Logging in",
        body=rest_models.ConfirmationBody,
        errors=(errors.ConfirmationInvalid,),
        needs_login=False,
    ),
    Operation(
        method="POST",
        path="/password-resets",
        handler=request_password_reset,
        summary="Ask for a link to choose a new password",
        tag="Logging in",
        body=rest_models.EmailBody,
        errors=(RateLimited,),
        needs_login=False,
    ),
    Operation(
        method="POST",
        path="/password-resets/confirm",
        handler=reset_password,
        summary="Choose a new password by the link from the mail",
        tag="Logging in",
        body=rest_models.ResetPasswordBody,
        answer=TokensAnswer,
        errors=(errors.ConfirmationInvalid, RateLimited, *_SUSPENDED),
        needs_login=False,
    ),
    Operation(
        method="GET",
        path="/erasures/{receipt_id}",
        handler=get_erasure,
        summary="How far the deletion of an account has come",
        tag="My account",
        answer=ErasureAnswer,
        needs_login=False,
    ),
    Operation(
        method="GET",
        path="/users",
        handler=list_users,
        summary="All accounts, with search (admins)",
        tag="People",
        query=rest_models.UserQuery,
        answer=rest_models.UserListAnswer,
        is_paged=True,
    ),
    Operation(
        method="POST",
        path="/users",
        handler=create_user,
        summary="Make an account for somebody (admins)",
        tag="People",
        body=rest_models.CreateUserBody,
        answer=UserAnswer,
        status=201,
        errors=_CREATING,
        takes_idempotency_key=True,
    ),
    Operation(
        method="GET",
        path="/users/{id}",
        handler=get_user,
        summary="A person",
        tag="People",
        answer=UserAnswer,
        needs_login=False,
        has_version=True,
    ),
    Operation(
        method="DELETE",
        path="/users/{id}",
        handler=delete_user,
        summary="Delete somebody's account in all services (admins)",
        tag="People",
        answer=ErasureAnswer,
        errors=(errors.LastAdmin,),
    ),
    Operation(
        method="PUT",
        path="/users/{id}/role",
        handler=set_role,
        summary="Give somebody a role (admins)",
        tag="People",
        body=rest_models.RoleBody,
        answer=UserAnswer,
        errors=(errors.LastAdmin, NotAllowed),
    ),
    Operation(
        method="PUT",
        path="/users/{id}/suspension",
        handler=suspend_user,
        summary="Keep somebody out (admins)",
        tag="People",
        body=rest_models.SuspensionBody,
        answer=UserAnswer,
        errors=(errors.LastAdmin,),
    ),
    Operation(
        method="DELETE",
        path="/users/{id}/suspension",
        handler=reinstate_user,
        summary="Let somebody in again (admins)",
        tag="People",
        answer=UserAnswer,
    ),
)
