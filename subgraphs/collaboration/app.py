"""The ASGI app of the collaboration subgraph."""

from __future__ import annotations

from starlette.applications import Starlette

from ..kit.app import Subgraph, create_subgraph_app
from ..kit.events import OneStatement
from .context import background, close, wire
from .models import Inbox, Outbox, SignOut
from .schema import schema
from .settings import CollaborationSettings


def create_app(settings: CollaborationSettings | None = None) -> Starlette:
    """The app on these settings, or on those of the environment."""
    subgraph = Subgraph(
        name="collaboration",
        schema=schema,
        wire=wire,
        outbox_row=Outbox,
        inbox_row=Inbox,
        sign_out_row=SignOut,
        event_handlers=lambda services: {
            "match.created": OneStatement(services.sessions.create_for_match),
            "match.ended": services.sessions.end_for_match,
            "user.deleted": services.erasure.handle,
        },
        after_event=lambda services: services.sessions.after_event,
        background=background,
        purges=lambda services: [services.idempotency.purge],
        on_close=close,
        direct_fields=frozenset({"pushUpdates", "setAwareness", "setTyping", "sessionEvents"}),
    )
    return create_subgraph_app(subgraph, settings or CollaborationSettings())
