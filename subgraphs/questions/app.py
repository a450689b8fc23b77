"""The ASGI app of the questions subgraph."""

from __future__ import annotations

from starlette.applications import Starlette

from ..kit.app import Subgraph, create_subgraph_app
from ..kit.auth import TokenVerifier
from .context import wire
from .models import Inbox, Outbox, SignOut
from .rest import questions_api
from .schema import schema
from .settings import QuestionsSettings


def create_app(settings: QuestionsSettings | None = None, *, verifier: TokenVerifier | None = None) -> Starlette:
    """The app on these settings, or on those of the environment; `verifier` replaces the issuers that the settings name."""
    subgraph = Subgraph(
        name="questions",
        schema=schema,
        wire=wire,
        outbox_row=Outbox,
        inbox_row=Inbox,
        on_close=lambda services: services.reading.dispose(),
        sign_out_row=SignOut,
        direct_fields=frozenset({"pickQuestion"}),
        routes=lambda services, verifier: questions_api(services, verifier).routes(),
        purges=lambda services: [services.idempotency.purge],
        event_handlers=lambda services: {
            "submission.judged": services.progress.on_submission_judged,
            "user.deleted": services.progress.on_user_deleted,
        },
    )
    if verifier is not None:
        subgraph.verifier = lambda settings, database: verifier
    return create_subgraph_app(subgraph, settings or QuestionsSettings())
