"""The subscription of the matching subgraph: one person's events, numbered and resumable."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any

import strawberry

from ..kit.auth import Viewer
from ..kit.errors import NotAuthenticated
from .context import Info
from .event_types import MatchEvent, event_from
from .inputs import CursorInput

TOKEN_LEEWAY = 5.0  # seconds a stream outlives its token


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
            async for item in _while_valid(viewer, items):
                yield await event_from(info.context, user_id, item)


async def _while_valid(viewer: Viewer, items: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for item in items:
        if viewer.expires_at is not None and time.time() > viewer.expires_at + TOKEN_LEEWAY:
            raise NotAuthenticated(
                "The access token has expired; subscribe again with a fresh one and your last cursor."
            )
        yield item
