"""The ASGI app of the questions subgraph."""

from __future__ import annotations

from starlette.applications import Starlette

from ..kit.app import Subgraph, create_subgraph_app
from .context import wire
from .models import Inbox, Outbox
from .schema import schema
from .settings import QuestionsSettings


def create_app(settings: QuestionsSettings | None = None) -> Starlette:
    """The app on these settings, or on those of the environment."""
    subgraph = Subgraph(
        name="questions",
        schema=schema,
        wire=wire,
        outbox_row=Outbox,
        inbox_row=Inbox,
        event_handlers=lambda services: {
            "submission.judged": services.progress.on_submission_judged,
            "user.deleted": services.progress.on_user_deleted,
        },
    )
    return create_subgraph_app(subgraph, settings or QuestionsSettings())
