"""The subscription of the collaboration subgraph: everything that happens in one session, resumable."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import strawberry
from strawberry.types import Info

from ..kit.errors import NotAuthenticated
from .event_types import SessionEvent, events_from
from .types import Context, optional_uuid_from, uuid_from


@strawberry.type
class Subscription:
    @strawberry.subscription(
        description="What happens in a session, beginning with SessionHello. After a lost connection pass the last `seq` "
        "as `after` and the epoch: what was missed is replayed once, in order, on any replica, or SessionResync says that "
        "it cannot. Without `after`, only new events follow."
    )
    async def session_events(
        self,
        info: Info[Context, None],
        session_id: strawberry.ID,
        after: int | None = None,
        epoch: strawberry.ID | None = None,
    ) -> AsyncGenerator[SessionEvent, None]:
        viewer = info.context.viewer
        if info.context.sign_outs.is_out(viewer):
            # The socket may be older than the sign-out: the gateway keeps one for all subscriptions of a token.
            raise NotAuthenticated("You have been signed out; log in again.")
        items = info.context.services.stream.follow(
            viewer, uuid_from(session_id, "sessionId"), after, optional_uuid_from(epoch, "epoch")
        )
        async with aclosing(items) as batches:
            async for batch in batches:
                for event in events_from(batch):
                    yield event
