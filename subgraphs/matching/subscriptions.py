"""The subscription of the matching subgraph: one person's events, numbered and resumable."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

import strawberry

from ..kit.sign_outs import while_signed_in
from .context import Info
from .event_types import MatchEvent, event_from
from .inputs import CursorInput


@strawberry.type
class Subscription:
    @strawberry.subscription(
        description="What happens to your search for a partner. Without `after` it begins with the events of your live ticket or "
        "match, so subscribing after `requestMatch` misses nothing; with it, it goes on exactly after that event, on any replica, "
        "or says MatchResync."
    )
    async def match_events(
        self,
        info: Info,
        after: Annotated[
            CursorInput | None, strawberry.argument(description="The epoch and seq of the last event you have.")
        ] = None,
    ) -> AsyncGenerator[MatchEvent, None]:
        viewer = info.context.viewer
        user_id = viewer.require_user()
        followed: Any = info.context.services.feed.follow(user_id, after.to_cursor() if after is not None else None)
        async with aclosing(followed) as items:
            async for item in while_signed_in(info.context.sign_outs, viewer, items):
                yield await event_from(info.context, user_id, item)
