"""The bodies of the REST face: the same things as in GraphQL, under the same names; choices are written in lower case, as stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from ..kit.rest import PageQuery, RestModel
from . import models
from .admin_service import CreateUser
from .erasure_service import ErasureState
from .export_service import ExportState
from .repository import UserFilter, UserOrder
from .rules import AccountStatus, Language, Role, SkillLevel, account_status
from .service import SignUp, UpdateProfile
from .sessions import IssuedTokens


class UserAnswer(RestModel):
    """A person. `email`, `emailVerified` and `role` are null except for the person and for admins."""

    id: UUID
    name: str
    bio: str
    avatar_url: str | None
    time_zone: str | None
    preferred_languages: list[Language]
    preferred_topics: list[str]
    links: list[str]
    skill_level: SkillLevel
    status: AccountStatus
    version: int
    created_at: datetime
    updated_at: datetime
    email: str | None
    email_verified: bool | None
    role: Role | None

    @classmethod
    def from_model(cls, user: models.User, *, is_private: bool) -> Self:
        return cls(
            id=user.id,
            name=user.name,
            bio=user.bio,
            avatar_url=user.avatar_url,
            time_zone=user.time_zone,
            preferred_languages=[Language(language) for language in user.preferred_languages],
            preferred_topics=user.preferred_topics,
            links=user.links,
            skill_level=SkillLevel(user.skill_level),
            status=account_status(is_suspended=user.suspended_at is not None, is_deleted=user.deleted_at is not None),
            version=user.version,
            created_at=user.created_at,
            updated_at=user.updated_at,
            email=user.email if is_private else None,
            email_verified=user.email_verified_at is not None if is_private else None,
            role=Role(user.role) if is_private else None,
        )


class UserListAnswer(RestModel):
    """A page of people."""

    items: list[UserAnswer]
    end_cursor: str | None
    has_next_page: bool


class UserQuery(PageQuery):
    """Which accounts to list."""

    search: str = Field("", max_length=100, description="A part of the name or the address.")
    role: list[Role] = Field(default_factory=list, max_length=3, description="Any of these roles.")
    status: AccountStatus | None = Field(None, description="Unset: all but deleted ones.")
    sort: UserOrder = Field(UserOrder.NEWEST, description="In which order.")

    def to_filter(self) -> UserFilter:
        return UserFilter(self.search.strip(), tuple(self.role), self.status)


class SignUpBody(RestModel):
    """A new account."""

    name: str = Field(min_length=1, max_length=80)
    email: str = Field(min_length=3, max_length=255, json_schema_extra={"format": "email"})
    password: str = Field(min_length=8, max_length=200)
    self_assessment: SkillLevel | None = None

    def to_command(self, idempotency_key: str | None) -> SignUp:
        return SignUp(self.name, self.email, self.password, self.self_assessment, idempotency_key)


class LogInBody(RestModel):
    """Who wants in."""

    email: str = Field(min_length=3, max_length=255, json_schema_extra={"format": "email"})
    password: str = Field(max_length=200)


class RefreshBody(RestModel):
    """A refresh token to swap."""

    refresh_token: str = Field(max_length=200)


class TokensAnswer(RestModel):
    """What a person gets who has signed up, logged in or refreshed; all null when a mail must be answered first."""

    access_token: str | None = None
    refresh_token: str | None = None
    expires_at: datetime | None = None
    user: UserAnswer | None = None

    @classmethod
    def from_tokens(cls, tokens: IssuedTokens | None) -> Self:
        if tokens is None:
            return cls()
        return cls(
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            expires_at=tokens.expires_at,
            user=UserAnswer.from_model(tokens.user, is_private=True),
        )


class ProfileBody(RestModel):
    """Profile fields to change; what is left out stays, null clears a field that may be empty."""

    name: str | None = Field(None, min_length=1, max_length=80, description="May be left out, but not be null.")
    bio: str | None = None
    avatar_url: str | None = None
    time_zone: str | None = None
    preferred_languages: list[Language] | None = None
    preferred_topics: list[str] | None = None
    links: list[str] | None = None
    self_assessment: SkillLevel | None = None

    def to_command(self, expected_version: int | None) -> UpdateProfile:
        changes = self.model_dump(exclude={"self_assessment"}, exclude_unset=True)
        return UpdateProfile(changes, self.self_assessment, expected_version)


class SessionAnswer(RestModel):
    """A log-in on one device."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    user_agent: str | None
    address: str | None


class SessionListAnswer(RestModel):
    """Where a person is logged in, last used first."""

    items: list[SessionAnswer]


class CreateUserBody(RestModel):
    """An account that an admin makes for somebody, who then chooses a password by mail."""

    name: str = Field(min_length=1, max_length=80)
    email: str = Field(min_length=3, max_length=255, json_schema_extra={"format": "email"})
    role: Role = Role.USER

    def to_command(self, idempotency_key: str | None) -> CreateUser:
        return CreateUser(self.name, self.email, self.role, idempotency_key)


class RoleBody(RestModel):
    """A role for somebody."""

    role: Role


class SuspensionBody(RestModel):
    """Why somebody is kept out; they see it when they try to log in."""

    reason: str = Field(min_length=1, max_length=500)


class EmailBody(RestModel):
    """The address of an account."""

    email: str = Field(min_length=3, max_length=255, json_schema_extra={"format": "email"})


class ResetPasswordBody(RestModel):
    """A new password for somebody who has the link from a mail."""

    token: str = Field(max_length=200)
    new_password: str = Field(min_length=8, max_length=200)


class ChangePasswordBody(RestModel):
    """A new password for somebody who knows the old one."""

    current_password: str = Field(max_length=200)
    new_password: str = Field(min_length=8, max_length=200)


class ConfirmationBody(RestModel):
    """What stands behind `token=` in the link of a mail."""

    token: str = Field(max_length=200)


class DeletionBody(RestModel):
    """The password once more; null for people who log in elsewhere."""

    password: str | None = Field(None, max_length=200)


class ProofAnswer(RestModel):
    """One subgraph's word that it has erased a person."""

    subgraph: str
    erased_at: datetime


class ErasureAnswer(RestModel):
    """How far the deletion of an account has come in all subgraphs."""

    receipt: UUID
    requested_at: datetime
    completed_at: datetime | None
    proofs: list[ProofAnswer]
    missing: list[str]

    @classmethod
    def from_state(cls, state: ErasureState) -> Self:
        proofs = [ProofAnswer(subgraph=one.subgraph, erased_at=one.erased_at) for one in state.proofs]
        return cls(
            receipt=state.erasure.receipt,
            requested_at=state.erasure.requested_at,
            completed_at=state.erasure.completed_at,
            proofs=proofs,
            missing=list(state.missing),
        )


class ExportPartAnswer(RestModel):
    """What one subgraph knows of the person; `sha256` is that of its document as JSON with sorted keys, without spaces."""

    subgraph: str
    items: int
    sha256: str
    collected_at: datetime


class ExportAnswer(RestModel):
    """How far an export has come."""

    id: UUID
    requested_at: datetime
    completed_at: datetime | None
    expires_at: datetime
    is_ready: bool
    parts: list[ExportPartAnswer]
    missing: list[str]

    @classmethod
    def from_state(cls, state: ExportState) -> Self:
        export = state.export
        return cls(
            id=export.id,
            requested_at=export.requested_at,
            completed_at=export.completed_at,
            expires_at=export.expires_at,
            is_ready=export.completed_at is not None,
            parts=[ExportPartAnswer.model_validate(part) for part in state.parts],
            missing=list(state.missing),
        )


class ExportListAnswer(RestModel):
    """The exports of the last week, newest first."""

    items: list[ExportAnswer]


class ExportDocumentAnswer(RestModel):
    """Everything: {subgraph: {section: [item, ...]}}."""

    export: ExportAnswer
    documents: dict[str, dict[str, list[Any]]]

    @classmethod
    def from_state(cls, state: ExportState) -> Self:
        documents = {part.subgraph: part.document for part in state.parts}
        return cls(export=ExportAnswer.from_state(state), documents=documents)
