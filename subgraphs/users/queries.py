"""Root query fields of the users subgraph: one call to a service each."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import strawberry

from ..kit.errors import InvalidInput
from .context import Info
from .types import User, UserSkill

MAX_IDS = 1000


@strawberry.type
class Query:
    @strawberry.field(description="Who is logged in; null for visitors.")
    async def me(self, info: Info) -> User | None:
        user = await info.context.services.users.current(info.context.viewer)
        return User.from_model(user) if user else None

    @strawberry.field(description="A person by id; null when there is none.")
    async def user(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The person's id.")]
    ) -> User | None:
        return await User.resolve_reference(info, id)

    @strawberry.federation.field(
        inaccessible=True, description="Skill of people, in the order asked. Only for other services of Tandem."
    )
    async def skill_levels(
        self,
        info: Info,
        user_ids: Annotated[list[strawberry.ID], strawberry.argument(description="Up to 1000 ids.")],
    ) -> list[UserSkill]:
        info.context.viewer.require_service()
        ids = [parsed_id(id, "userIds") for id in bounded(user_ids)]
        return [UserSkill.from_skill(skill) for skill in await info.context.services.ratings.skills(ids)]


def parsed_id(text: str, field: str) -> UUID:
    """The UUID in an ID. Raises InvalidInput."""
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput(f"{text[:50]!r} is not an id of Tandem.", field=field) from error


def bounded(ids: list[strawberry.ID]) -> list[strawberry.ID]:
    if len(ids) > MAX_IDS:
        raise InvalidInput(f"There are {len(ids)} ids; {MAX_IDS} are the most.", field="userIds")
    return ids
