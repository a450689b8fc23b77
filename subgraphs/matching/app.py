"""The matching subgraph as an ASGI app: `uvicorn subgraphs.matching.app:create_app --factory`."""

from __future__ import annotations

from datetime import timedelta

from starlette.applications import Starlette

from ..kit.app import Subgraph, create_subgraph_app
from .context import Services, wire
from .housekeeping import matching_purges
from .models import Inbox, Outbox, SignOut
from .schema import schema
from .settings import MatchingSettings


def create_app(settings: MatchingSettings | None = None) -> Starlette:
    """The app on these settings, or on those in the environment."""
    settings = settings or MatchingSettings()
    subgraph = Subgraph(
        name="matching",
        schema=schema,
        wire=lambda runtime: wire(runtime, settings),
        outbox_row=Outbox,
        inbox_row=Inbox,
        sign_out_row=SignOut,
        event_handlers=lambda services: services.reactions.handlers(),
        after_event=lambda services: services.reactions.after_event,
        background=lambda services: (
            services.enqueueing.run,
            services.matchmaker.run,
            services.formation.run,
            services.presence.run,
            services.skills.run,
            services.upkeep.run,
            services.places.run,
        ),
        purges=lambda services: [
            *matching_purges(timedelta(days=settings.closed_retention_days)),
            services.idempotency.purge,
        ],
        on_close=_close,
        direct_fields=frozenset({"matchEvents"}),
    )
    return create_subgraph_app(subgraph, settings)


async def _close(services: Services) -> None:
    for client in services.clients:
        await client.aclose()
