"""Root query fields of the matching subgraph: one call to a service each."""

from __future__ import annotations

from typing import Annotated

import strawberry

from ..kit.errors import InvalidInput
from ..kit.personal_data import PersonalDataPage
from .context import Info
from .loaders import match_loader
from .queue_types import MatchingThroughput, QueueStatus
from .topics import TOPICS
from .types import Match, MatchInvitation, User, uuid_from, visible_match

MAX_WINDOW = 24 * 3600  # seconds of throughput


@strawberry.type
class Query:
    @strawberry.field(description="Why you wait, and how the queue is.")
    async def queue_status(self, info: Info) -> QueueStatus:
        user_id = info.context.viewer.require_user()
        board = info.context.services.board
        return QueueStatus.from_status(await board.status_of(user_id), board.outlook_of)

    @strawberry.field(description="A match; null when there is none or it is not for you to see.")
    async def match(self, info: Info, id: strawberry.ID) -> Match | None:
        return visible_match(info.context, await match_loader(info.context).load(uuid_from(id, "id")))

    @strawberry.field(description="The match you are in; null when you are in none.")
    async def current_match(self, info: Info) -> Match | None:
        user_id = info.context.viewer.require_user()
        match = await info.context.services.matching.live_match(user_id)
        return Match.from_model(match, user_id) if match is not None else None

    @strawberry.field(description="Open invitations that you made or got, newest first.")
    async def match_invitations(self, info: Info) -> list[MatchInvitation]:
        found = await info.context.services.invitations.open_of(info.context.viewer.require_user())
        return [MatchInvitation.from_model(invitation) for invitation in found]

    @strawberry.field(description="The people you have blocked, newest first.")
    async def blocked_users(self, info: Info) -> list[User]:
        ids = await info.context.services.matching.blocked_by(info.context.viewer.require_user())
        return [User(id=strawberry.ID(str(user_id))) for user_id in ids]

    @strawberry.field(description="The topics a match can be asked for.")
    async def match_topics(self) -> list[str]:
        return list(TOPICS)

    @strawberry.field(description="What the queue did in the last while; for administrators.")
    async def matching_throughput(
        self,
        info: Info,
        seconds: Annotated[int, strawberry.argument(description=f"The window, 1 to {MAX_WINDOW}.")] = 3600,
    ) -> MatchingThroughput:
        info.context.viewer.require_role("admin")
        if not 1 <= seconds <= MAX_WINDOW:
            raise InvalidInput(f"seconds is {seconds}; it must be from 1 to {MAX_WINDOW}.", field="seconds")
        return MatchingThroughput.from_throughput(await info.context.services.board.throughput(seconds))

    @strawberry.federation.field(
        inaccessible=True,
        description="What this subgraph knows of a person, in pages. Only for other services of Tandem.",
    )
    async def matching_personal_data(
        self, info: Info, user_id: strawberry.ID, cursor: str | None = None
    ) -> PersonalDataPage:
        personal_data = info.context.services.personal_data
        page = await personal_data.page_for(info.context.viewer, uuid_from(user_id, "userId"), cursor)
        return PersonalDataPage.from_page(page)
