"""What mutations answer: the thing itself, or one of the failures that can be expected of it."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import strawberry

from ..kit.graphql_errors import (
    DomainErrorHandler,
    Error,
    InvalidInput,
    NotAuthenticated,
    RateLimited,
    VersionConflict,
    handler_for,
)
from . import errors
from .types import AuthPayload, LoggedOut, User


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


ERROR_HANDLERS: tuple[DomainErrorHandler[Any], ...] = (
    handler_for(errors.EmailTaken, EmailTaken),
    handler_for(errors.InvalidCredentials, InvalidCredentials),
    handler_for(errors.AccountSuspended, AccountSuspended),
    handler_for(errors.EmailNotVerified, EmailNotVerified),
    handler_for(errors.RefreshTokenInvalid, RefreshTokenInvalid),
    handler_for(errors.RefreshTokenReused, RefreshTokenReused),
    handler_for(errors.SkillIsMeasured, SkillIsMeasured),
)

SignUpResult: TypeAlias = Annotated[
    AuthPayload | EmailTaken | InvalidInput | RateLimited,
    strawberry.union("SignUpResult", description="The first tokens, or why there is no account."),
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
    LoggedOut | NotAuthenticated | AccountSuspended,
    strawberry.union("LogOutResult", description="How many sessions were ended, or why none."),
]
UpdateProfileResult: TypeAlias = Annotated[
    User | InvalidInput | SkillIsMeasured | VersionConflict | NotAuthenticated | AccountSuspended,
    strawberry.union("UpdateProfileResult", description="The changed profile, or why nothing was changed."),
]
