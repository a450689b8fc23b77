"""The subscription of the collaboration subgraph: everything that happens in one session, resumable."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import strawberry
from strawberry.types import Info

from ..kit.sign_outs import while_signed_in
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
        items = info.context.services.stream.follow(
            viewer.require_user(), uuid_from(session_id, "sessionId"), after, optional_uuid_from(epoch, "epoch")
        )
        async with aclosing(items):
            async for batch in while_signed_in(info.context.sign_outs, viewer, items):
                for event in events_from(batch):
                    yield event
