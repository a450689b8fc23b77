"""What clients send: GraphQL inputs, each turned into a command of a service."""

from __future__ import annotations

import strawberry

from . import admin_service, service, session_service
from .enums import AccountStatus, Language, Role, SkillLevel
from .repository import UserFilter

PROFILE_FIELDS = ("name", "bio", "avatar_url", "time_zone", "preferred_languages", "preferred_topics", "links")


@strawberry.input(description="A new account.")
class SignUpInput:
    name: str = strawberry.field(description="The name that others see; up to 80 characters.")
    email: str = strawberry.field(description="Needed to log in; nobody else sees it.")
    password: str = strawberry.field(description="From 8 to 200 characters.")
    self_assessment: SkillLevel | None = strawberry.field(
        default=None,
        description="What the person thinks of their own skill. Kept for them; it moves no rating and no level.",
    )

    def to_command(self, idempotency_key: str | None) -> service.SignUp:
        return service.SignUp(self.name, self.email, self.password, self.self_assessment, idempotency_key)


@strawberry.input(description="Who wants in.")
class LogInInput:
    email: str = strawberry.field(description="The address the account was made with.")
    password: str = strawberry.field(description="Its password.")

    def to_command(self) -> session_service.LogIn:
        return session_service.LogIn(self.email, self.password)


@strawberry.input(description="A refresh token to swap.")
class RefreshTokensInput:
    refresh_token: str = strawberry.field(description="The last one that was handed out.")


@strawberry.input(description="Profile fields to change; null clears a field that may be empty.")
class UpdateProfileInput:
    name: str | None = strawberry.field(default=strawberry.UNSET, description="Up to 80 characters.")
    bio: str | None = strawberry.field(default=strawberry.UNSET, description="Plain text, up to 2000 characters.")
    avatar_url: str | None = strawberry.field(default=strawberry.UNSET, description="An https address.")
    time_zone: str | None = strawberry.field(default=strawberry.UNSET, description="Like Europe/Berlin.")
    preferred_languages: list[Language] | None = strawberry.field(
        default=strawberry.UNSET, description="Languages to practise in, the favourite first."
    )
    preferred_topics: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Topics to practise; up to 30."
    )
    links: list[str] | None = strawberry.field(default=strawberry.UNSET, description="Web addresses; up to 10.")
    self_assessment: SkillLevel | None = strawberry.field(
        default=None,
        description="What the person thinks of their own skill: it moves no rating and no level. Refused once sessions have measured it.",
    )
    expected_version: int | None = strawberry.field(
        default=None, description="The version you have read; if it has changed since, nothing is written."
    )

    def to_command(self) -> service.UpdateProfile:
        given = {name: getattr(self, name) for name in PROFILE_FIELDS}
        changes = {name: value for name, value in given.items() if value is not strawberry.UNSET}
        return service.UpdateProfile(changes, self.self_assessment, self.expected_version)


@strawberry.input(description="A new password for somebody who knows the old one.")
class ChangePasswordInput:
    current_password: str = strawberry.field(description="The password so far.")
    new_password: str = strawberry.field(description="From 8 to 200 characters.")


@strawberry.input(description="A new password for somebody who has the link from a mail.")
class ResetPasswordInput:
    token: str = strawberry.field(description="What stands behind `token=` in the link.")
    new_password: str = strawberry.field(description="From 8 to 200 characters.")


@strawberry.input(description="An account that an admin makes for somebody, who then chooses a password by mail.")
class CreateUserInput:
    name: str = strawberry.field(description="The name that others see; up to 80 characters.")
    email: str = strawberry.field(description="Where the link goes to.")
    role: Role = strawberry.field(default=Role.USER, description="What the person may do.")

    def to_command(self, idempotency_key: str | None) -> admin_service.CreateUser:
        return admin_service.CreateUser(self.name, self.email, self.role, idempotency_key)


@strawberry.input(description="A role for somebody.")
class SetUserRoleInput:
    user_id: strawberry.ID = strawberry.field(description="Whose.")
    role: Role = strawberry.field(description="Which.")


@strawberry.input(description="Somebody to keep out.")
class SuspendUserInput:
    user_id: strawberry.ID = strawberry.field(description="Whom.")
    reason: str = strawberry.field(description="The person sees it when they try to log in; up to 500 characters.")


@strawberry.input(description="Which accounts to list: all conditions together.")
class UserFilterInput:
    search: str = strawberry.field(default="", description="A part of the name or the address.")
    roles: list[Role] = strawberry.field(default_factory=list, description="Any of these roles.")
    status: AccountStatus | None = strawberry.field(default=None, description="Unset: all but deleted ones.")

    def to_filter(self) -> UserFilter:
        return UserFilter(self.search.strip(), tuple(self.roles), self.status)
