"""How accounts look to GraphQL."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from . import models, rules, skills
from .context import Context, Info
from .enums import AccountStatus, Language, Role, SkillLevel
from .loaders import user_loader
from .sessions import IssuedTokens


@strawberry.federation.type(keys=["id"], description="A person who practises here.")
class User:
    id: strawberry.ID = strawberry.field(description="Never changes, not even when the account is deleted.")
    name: str = strawberry.field(description="The name that others see.")
    bio: str = strawberry.field(description="What the person says about themselves; plain text.")
    avatar_url: str | None = strawberry.field(description="A picture, at an https address.")
    time_zone: str | None = strawberry.field(description="A name of the IANA database, like Europe/Berlin.")
    preferred_languages: list[Language] = strawberry.field(description="Languages the person likes to practise in.")
    preferred_topics: list[str] = strawberry.field(description="Topics the person likes to practise.")
    links: list[str] = strawberry.field(description="Web addresses the person wants to show.")
    skill_level: SkillLevel = strawberry.field(description="Moved by the outcomes of sessions, never by a claim.")
    created_at: datetime = strawberry.field(description="When the account was made.")
    updated_at: datetime = strawberry.field(description="When anything of the account last changed.")
    status: AccountStatus = strawberry.field(description="What has become of the account.")
    version: int = strawberry.field(description="Rises with each change; pass it as expectedVersion.")
    account: strawberry.Private[models.User]

    @strawberry.field(description="Only for the person and for admins; null for everybody else.")
    def email(self, info: Info) -> str | None:
        return self.account.email if self._is_private_to(info.context) else None

    @strawberry.field(description="Only for the person and for admins; null for everybody else.")
    def email_verified(self, info: Info) -> bool | None:
        return self.account.email_verified_at is not None if self._is_private_to(info.context) else None

    @strawberry.field(description="Only for the person and for admins; null for everybody else.")
    def role(self, info: Info) -> Role | None:
        return Role(self.account.role) if self._is_private_to(info.context) else None

    @strawberry.field(
        description="The person's own starting estimate. Only for the person and for admins; null for everybody else."
    )
    def self_assessment(self, info: Info) -> SkillLevel | None:
        known = self.account.self_assessment if self._is_private_to(info.context) else None
        return SkillLevel(known) if known else None

    @classmethod
    def from_model(cls, user: models.User) -> Self:
        return cls(
            id=strawberry.ID(str(user.id)),
            name=user.name,
            bio=user.bio,
            avatar_url=user.avatar_url,
            time_zone=user.time_zone,
            preferred_languages=[Language(language) for language in user.preferred_languages],
            preferred_topics=user.preferred_topics,
            links=user.links,
            skill_level=SkillLevel(user.skill_level),
            created_at=user.created_at,
            updated_at=user.updated_at,
            status=rules.account_status(
                is_suspended=user.suspended_at is not None, is_deleted=user.deleted_at is not None
            ),
            version=user.version,
            account=user,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Self | None:
        try:
            user = await user_loader(info.context).load(UUID(id))
        except ValueError:
            return None
        return cls.from_model(user) if user else None

    def _is_private_to(self, context: Context) -> bool:
        return rules.may_see_private(context.viewer.user_id, context.viewer.roles, self.account.id)


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
            user=User.from_model(tokens.user),
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


@strawberry.type(description="A rating with its uncertainty, on Glicko's scale: 1500 is the middle.")
class TopicSkill:
    topic: str = strawberry.field(description="The topic; `overall` for all together.")
    level: SkillLevel = strawberry.field(description="The rating in a word.")
    rating: float = strawberry.field(description="The estimate.")
    deviation: float = strawberry.field(
        description="Its standard deviation: small after many sessions, larger after a long pause."
    )
    sessions: int = strawberry.field(description="How many sessions it rests on.")

    @classmethod
    def from_skill(cls, skill: skills.TopicSkill) -> Self:
        return cls(
            topic=skill.topic,
            level=skill.level,
            rating=skill.rating,
            deviation=skill.deviation,
            sessions=skill.sessions,
        )


@strawberry.type(description="One person's skill, for matching.")
class UserSkill:
    user_id: strawberry.ID = strawberry.field(description="Whose.")
    level: SkillLevel = strawberry.field(description="Overall, in a word.")
    rating: float = strawberry.field(description="Overall.")
    deviation: float = strawberry.field(description="The standard deviation of the overall rating.")
    by_topic: list[TopicSkill] = strawberry.field(description="Topics that sessions have measured.")

    @classmethod
    def from_skill(cls, skill: skills.Skill) -> Self:
        return cls(
            user_id=strawberry.ID(str(skill.user_id)),
            level=skill.overall.level,
            rating=skill.overall.rating,
            deviation=skill.overall.deviation,
            by_topic=[TopicSkill.from_skill(topic) for topic in skill.by_topic],
        )
