"""What mutations answer: the thing itself, or one of the failures that can be expected of it."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import strawberry

from ..kit import idempotency
from ..kit.graphql_errors import (
    Conflict,
    DomainErrorHandler,
    Error,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    RateLimited,
    VersionConflict,
    handler_for,
)
from . import errors
from .account_types import AccountErasure, AuthPayload, CheckYourMail, Done, LoggedOut
from .export_types import DataExport
from .types import User


@strawberry.type(description="An account with this e-mail address exists already.")
class EmailTaken(Error):
    pass


@strawberry.type(description="Address and password do not belong together.")
class InvalidCredentials(Error):
    pass


@strawberry.type(description="The account is suspended.")
class AccountSuspended(Error):
    pass


@strawberry.type(description="The address must be confirmed first.")
class EmailNotVerified(Error):
    pass


@strawberry.type(description="The refresh token is unknown or expired, or its session has ended.")
class RefreshTokenInvalid(Error):
    pass


@strawberry.type(description="The refresh token was used before; its session has been ended for safety.")
class RefreshTokenReused(Error):
    pass


@strawberry.type(description="The skill level comes from sessions now.")
class SkillIsMeasured(Error):
    pass


@strawberry.type(description="The link from the mail is unknown, used, or too old.")
class ConfirmationInvalid(Error):
    pass


@strawberry.type(description="The last admin cannot be removed.")
class LastAdmin(Error):
    pass


ERROR_HANDLERS: tuple[DomainErrorHandler[Any], ...] = (
    handler_for(errors.EmailTaken, EmailTaken),
    handler_for(errors.InvalidCredentials, InvalidCredentials),
    handler_for(errors.AccountSuspended, AccountSuspended),
    handler_for(errors.EmailNotVerified, EmailNotVerified),
    handler_for(errors.RefreshTokenInvalid, RefreshTokenInvalid),
    handler_for(errors.RefreshTokenReused, RefreshTokenReused),
    handler_for(errors.SkillIsMeasured, SkillIsMeasured),
    handler_for(errors.ConfirmationInvalid, ConfirmationInvalid),
    handler_for(errors.LastAdmin, LastAdmin),
    handler_for(idempotency.IdempotencyKeyReused, Conflict),
)

SignUpResult: TypeAlias = Annotated[
    AuthPayload | CheckYourMail | EmailTaken | InvalidInput | RateLimited | Conflict,
    strawberry.union("SignUpResult", description="The first tokens, or why there are none."),
]
LogInResult: TypeAlias = Annotated[
    AuthPayload | InvalidCredentials | AccountSuspended | EmailNotVerified | RateLimited,
    strawberry.union("LogInResult", description="Tokens, or why not."),
]
RefreshTokensResult: TypeAlias = Annotated[
    AuthPayload | RefreshTokenInvalid | RefreshTokenReused | AccountSuspended,
    strawberry.union("RefreshTokensResult", description="The next tokens, or why not."),
]
LogOutResult: TypeAlias = Annotated[
    LoggedOut | NotAuthenticated | AccountSuspended | NotFound | InvalidInput,
    strawberry.union("LogOutResult", description="How many sessions were ended, or why none."),
]
UpdateProfileResult: TypeAlias = Annotated[
    User | InvalidInput | SkillIsMeasured | VersionConflict | NotAuthenticated | AccountSuspended,
    strawberry.union("UpdateProfileResult", description="The changed profile, or why nothing was changed."),
]
VerifyEmailResult: TypeAlias = Annotated[
    User | ConfirmationInvalid,
    strawberry.union("VerifyEmailResult", description="Whose address is confirmed, or why it is not."),
]
RequestMailResult: TypeAlias = Annotated[
    CheckYourMail | RateLimited | InvalidInput | NotAuthenticated | AccountSuspended,
    strawberry.union("RequestMailResult", description="What to do now, or why no mail is sent."),
]
ChangePasswordResult: TypeAlias = Annotated[
    Done | InvalidCredentials | InvalidInput | RateLimited | NotAllowed | NotAuthenticated | AccountSuspended,
    strawberry.union("ChangePasswordResult", description="Whether the password was changed."),
]
ResetPasswordResult: TypeAlias = Annotated[
    AuthPayload | ConfirmationInvalid | InvalidInput | RateLimited | AccountSuspended,
    strawberry.union("ResetPasswordResult", description="Tokens for this device, or why there is no new password."),
]
DeleteAccountResult: TypeAlias = Annotated[
    AccountErasure
    | InvalidCredentials
    | LastAdmin
    | RateLimited
    | NotFound
    | NotAllowed
    | NotAuthenticated
    | AccountSuspended
    | InvalidInput,
    strawberry.union("DeleteAccountResult", description="The receipt of the deletion, or why it was not done."),
]
RequestDataExportResult: TypeAlias = Annotated[
    DataExport | RateLimited | NotAuthenticated | AccountSuspended,
    strawberry.union("RequestDataExportResult", description="The export that is made now, or why none is."),
]
ManageUserResult: TypeAlias = Annotated[
    User
    | EmailTaken
    | LastAdmin
    | InvalidInput
    | NotFound
    | Conflict
    | NotAllowed
    | NotAuthenticated
    | AccountSuspended,
    strawberry.union("ManageUserResult", description="The account as it is now, or why nothing was changed."),
]
