"""How people look to GraphQL: the User entity, what is known of their skill, what admins did to them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, Self
from uuid import UUID

import strawberry
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet
from strawberry.scalars import JSON

from ..kit.connections import Connection
from ..kit.pagination import PageRequest
from . import models, rules, skills
from .context import Context, Info
from .enums import AccountStatus, Language, Role, SkillLevel
from .loaders import history_count_loader, history_loader, roles_loader, skill_loader, user_loader
from .skills import OVERALL


@strawberry.federation.type(keys=[Key(fields=FieldSet("id"), resolvable=False)])
class Session:
    id: strawberry.ID


@strawberry.type(description="What one session made of a rating.")
class RatingChange:
    recorded_at: datetime = strawberry.field(description="When the session's outcome was known.")
    rating: float = strawberry.field(description="The rating after it.")
    deviation: float = strawberry.field(description="Its standard deviation after it.")
    level: SkillLevel = strawberry.field(description="The rating in a word.")
    session: Session = strawberry.field(description="The session that moved it.")

    @classmethod
    def from_model(cls, change: models.RatingChange) -> Self:
        return cls(
            recorded_at=change.recorded_at,
            rating=change.rating,
            deviation=change.deviation,
            level=skills.skill_level_of(change.rating),
            session=Session(id=strawberry.ID(str(change.session_id))),
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


@strawberry.type(description="One person's skill.")
class UserSkill:
    user_id: strawberry.ID = strawberry.field(description="Whose.")
    level: SkillLevel = strawberry.field(description="Overall, in a word.")
    rating: float = strawberry.field(description="Overall.")
    deviation: float = strawberry.field(description="The standard deviation of the overall rating.")
    sessions: int = strawberry.field(description="How many sessions the overall rating rests on.")
    by_topic: list[TopicSkill] = strawberry.field(description="Topics that sessions have measured.")

    @classmethod
    def from_skill(cls, skill: skills.Skill) -> Self:
        return cls(
            user_id=strawberry.ID(str(skill.user_id)),
            level=skill.overall.level,
            rating=skill.overall.rating,
            deviation=skill.overall.deviation,
            sessions=skill.overall.sessions,
            by_topic=[TopicSkill.from_skill(topic) for topic in skill.by_topic],
        )


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
    skill_level: SkillLevel = strawberry.field(
        description="BEGINNER at first, then moved by the outcomes of sessions, never by a claim."
    )
    created_at: datetime = strawberry.field(description="When the account was made.")
    updated_at: datetime = strawberry.field(description="When anything of the account last changed.")
    status: AccountStatus = strawberry.field(description="What has become of the account.")
    version: int = strawberry.field(description="Rises with each change; pass it as expectedVersion.")
    account: strawberry.Private[models.User]
    is_own: strawberry.Private[bool] = False
    """True where the answer goes to the person, who has just proved it and had no token before."""

    @strawberry.field(description="Only for the person and for admins; null for everybody else.")
    async def email(self, info: Info) -> str | None:
        return self.account.email if await self._is_private_to(info.context) else None

    @strawberry.field(description="Only for the person and for admins; null for everybody else.")
    async def email_verified(self, info: Info) -> bool | None:
        return self.account.email_verified_at is not None if await self._is_private_to(info.context) else None

    @strawberry.field(description="Only for the person and for admins; null for everybody else.")
    async def role(self, info: Info) -> Role | None:
        return Role(self.account.role) if await self._is_private_to(info.context) else None

    @strawberry.field(
        description="The person's own estimate; no rating comes from it. Only for the person and for admins; null for everybody else."
    )
    async def self_assessment(self, info: Info) -> SkillLevel | None:
        known = self.account.self_assessment if await self._is_private_to(info.context) else None
        return SkillLevel(known) if known else None

    @classmethod
    def from_model(cls, user: models.User, *, is_own: bool = False) -> Self:
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
            is_own=is_own,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Self | None:
        try:
            return await cls.load(info, UUID(id))
        except ValueError:
            return None

    @classmethod
    async def load(cls, info: Info, id: UUID) -> Self | None:
        """Somebody by id, together with all others that are looked up now."""
        user = await user_loader(info.context).load(id)
        return cls.from_model(user) if user else None

    @strawberry.field(
        description="The ratings behind skillLevel. Only for the person and for admins; null for everybody else."
    )
    async def skill(self, info: Info) -> UserSkill | None:
        if not await self._is_private_to(info.context):
            return None
        return UserSkill.from_skill(await skill_loader(info.context).load(self.account.id))

    @strawberry.field(
        description="How a rating moved, newest first, for a chart. Only for the person and for admins; null for everybody else."
    )
    async def rating_history(
        self,
        info: Info,
        topic: Annotated[str, strawberry.argument(description="A topic, or `overall`.")] = OVERALL,
        first: Annotated[int, strawberry.argument(description="How many points, from 1 to 100.")] = 50,
        after: Annotated[str | None, strawberry.argument(description="The endCursor of the page before.")] = None,
    ) -> Connection[RatingChange] | None:
        if not await self._is_private_to(info.context):
            return None
        context, id = info.context, self.account.id
        page = await history_loader(context, topic, PageRequest(first, after)).load(id)
        return Connection[RatingChange].from_page(
            page, RatingChange.from_model, partial(history_count_loader(context, topic).load, id)
        )

    async def _is_private_to(self, context: Context) -> bool:
        if self.is_own:
            return True
        viewer = context.viewer
        if not rules.may_see_private(viewer.user_id, viewer.roles, self.account.id):
            return False
        # The token may be older than the end of its session, or than the loss of a role.
        roles = await roles_loader(context).load(viewer)
        return roles is not None and rules.may_see_private(viewer.user_id, roles, self.account.id)


@strawberry.type(description="What an admin did to an account.")
class AuditEntry:
    id: strawberry.ID = strawberry.field(description="Rises with time.")
    action: str = strawberry.field(description="Like `role_changed` or `user_suspended`.")
    details: JSON = strawberry.field(description="What exactly.")
    recorded_at: datetime = strawberry.field(description="When.")
    entry: strawberry.Private[models.AuditEntry]

    @strawberry.field(description="Who did it; null for the command line.")
    async def actor(self, info: Info) -> User | None:
        return await User.load(info, self.entry.actor_id) if self.entry.actor_id else None

    @strawberry.field(description="To whom it was done.")
    async def user(self, info: Info) -> User | None:
        return await User.load(info, self.entry.user_id)

    @classmethod
    def from_model(cls, entry: models.AuditEntry) -> Self:
        return cls(
            id=strawberry.ID(str(entry.seq)),
            action=entry.action,
            details=JSON(entry.details),
            recorded_at=entry.recorded_at,
            entry=entry,
        )
