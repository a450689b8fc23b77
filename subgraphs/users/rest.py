"""The REST face of the users subgraph under /v1: every operation with what it takes, answers and refuses."""

from __future__ import annotations

from ..kit.auth import TokenVerifier
from ..kit.errors import NotAllowed, RateLimited
from ..kit.idempotency import IdempotencyKeyReused
from ..kit.rest import Operation, RestApi
from . import errors, rest_models
from . import rest_handlers as handlers
from .context import Services
from .rest_models import ErasureAnswer, TokensAnswer, UserAnswer

DESCRIPTION = "Accounts, logging in, profiles. The same rules and errors as in GraphQL."


def users_api(services: Services, verifier: TokenVerifier) -> RestApi[Services]:
    return RestApi("Tandem users", DESCRIPTION, OPERATIONS, services, verifier)


_SUSPENDED = (errors.AccountSuspended,)
_CREATING = (errors.EmailTaken, IdempotencyKeyReused)
OPERATIONS = (
    Operation(
        method="POST",
        path="/accounts",
        handler=handlers.sign_up,
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
        handler=handlers.log_in,
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
        handler=handlers.refresh_tokens,
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
        handler=handlers.list_my_sessions,
        summary="Where I am logged in",
        tag="Logging in",
        answer=rest_models.SessionListAnswer,
    ),
    Operation(
        method="DELETE", path="/me/sessions/current", handler=handlers.log_out, summary="Log out", tag="Logging in"
    ),
    Operation(
        method="DELETE",
        path="/me/sessions/{id}",
        handler=handlers.revoke_session,
        summary="Log another device out",
        tag="Logging in",
    ),
    Operation(
        method="GET",
        path="/me",
        handler=handlers.get_me,
        summary="Who I am",
        tag="My account",
        answer=UserAnswer,
        has_version=True,
    ),
    Operation(
        method="PATCH",
        path="/me",
        handler=handlers.update_me,
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
        handler=handlers.delete_me,
        summary="Delete my account, at once and for good, in all services",
        tag="My account",
        body=rest_models.DeletionBody,
        answer=ErasureAnswer,
        errors=(errors.InvalidCredentials, errors.LastAdmin),
    ),
    Operation(
        method="GET",
        path="/me/export",
        handler=handlers.export_me,
        summary="What the users service knows of me",
        tag="My account",
        answer=rest_models.ExportAnswer,
    ),
    Operation(
        method="POST",
        path="/me/email-verification",
        handler=handlers.request_email_verification,
        summary="Send the link that confirms my address once more",
        tag="My account",
    ),
    Operation(
        method="PUT",
        path="/me/password",
        handler=handlers.change_password,
        summary="Change my password; all other devices are logged out",
        tag="My account",
        body=rest_models.ChangePasswordBody,
        errors=(errors.InvalidCredentials,),
    ),
    Operation(
        method="POST",
        path="/email-confirmations",
        handler=handlers.verify_email,
        summary="Confirm an address by the link from the mail",
        tag="Logging in",
        body=rest_models.ConfirmationBody,
        errors=(errors.ConfirmationInvalid,),
        needs_login=False,
    ),
    Operation(
        method="POST",
        path="/password-resets",
        handler=handlers.request_password_reset,
        summary="Ask for a link to choose a new password",
        tag="Logging in",
        body=rest_models.EmailBody,
        errors=(RateLimited,),
        needs_login=False,
    ),
    Operation(
        method="POST",
        path="/password-resets/confirm",
        handler=handlers.reset_password,
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
        handler=handlers.get_erasure,
        summary="How far the deletion of an account has come",
        tag="My account",
        answer=ErasureAnswer,
        needs_login=False,
    ),
    Operation(
        method="GET",
        path="/users",
        handler=handlers.list_users,
        summary="All accounts, with search (admins)",
        tag="People",
        query=rest_models.UserQuery,
        answer=rest_models.UserListAnswer,
        is_paged=True,
    ),
    Operation(
        method="POST",
        path="/users",
        handler=handlers.create_user,
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
        handler=handlers.get_user,
        summary="A person",
        tag="People",
        answer=UserAnswer,
        needs_login=False,
        has_version=True,
    ),
    Operation(
        method="DELETE",
        path="/users/{id}",
        handler=handlers.delete_user,
        summary="Delete somebody's account in all services (admins)",
        tag="People",
        answer=ErasureAnswer,
        errors=(errors.LastAdmin,),
    ),
    Operation(
        method="PUT",
        path="/users/{id}/role",
        handler=handlers.set_role,
        summary="Give somebody a role (admins)",
        tag="People",
        body=rest_models.RoleBody,
        answer=UserAnswer,
        errors=(errors.LastAdmin, NotAllowed),
    ),
    Operation(
        method="PUT",
        path="/users/{id}/suspension",
        handler=handlers.suspend_user,
        summary="Keep somebody out (admins)",
        tag="People",
        body=rest_models.SuspensionBody,
        answer=UserAnswer,
        errors=(errors.LastAdmin,),
    ),
    Operation(
        method="DELETE",
        path="/users/{id}/suspension",
        handler=handlers.reinstate_user,
        summary="Let somebody in again (admins)",
        tag="People",
        answer=UserAnswer,
    ),
)
