"""The users subgraph as an ASGI app: `uvicorn subgraphs.users.app:create_app --factory`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ..kit.app import Runtime, Subgraph, create_subgraph_app
from ..kit.auth import TokenVerifier
from ..kit.database import Database
from ..kit.settings import SubgraphSettings
from ..kit.token_issuers import token_verifier
from .context import Services, wire
from .housekeeping import users_purges
from .mail import Mailer, mailer_from
from .models import Inbox, Outbox
from .rest import users_api
from .schema import schema
from .settings import UsersSettings
from .signing_keys import SigningKeys, keep_rotating

KEY_SET_MAX_AGE = 300  # seconds that caches may keep the key set; a new key is there for longer before it signs


def create_app(settings: UsersSettings | None = None, *, mailer: Mailer | None = None) -> Starlette:
    """The app on these settings, or on those in the environment; `mailer` takes the place of the driver they name."""
    settings = settings or UsersSettings()
    keys_by_database: dict[int, SigningKeys] = {}

    def keys_in(database: Database) -> SigningKeys:
        """One set of keys per process, though the verifier and the services both ask for it."""
        if id(database) not in keys_by_database:
            keys_by_database[id(database)] = SigningKeys(
                database, secret=settings.signing_key_secret, lifetime=settings.signing_key_lifetime
            )
        return keys_by_database[id(database)]

    def verifier(_: SubgraphSettings, database: Database) -> TokenVerifier:
        return token_verifier(settings, own_keys=keys_in(database))

    def wire_services(runtime: Runtime) -> Services:
        return wire(runtime, settings, keys_in(runtime.database), mailer or mailer_from(settings))

    subgraph = Subgraph(
        name="users",
        schema=schema,
        wire=wire_services,
        outbox_row=Outbox,
        inbox_row=Inbox,
        verifier=verifier,
        routes=_routes,
        event_handlers=lambda services: {
            "session.outcome": services.ratings.session_outcome,
            "user.erased": services.erasure.user_erased,
        },
        purges=lambda services: users_purges(services.idempotency),
        background=lambda services: [
            partial(keep_rotating, services.keys.rotate),
            services.post_room.run,
            services.collector.run,
        ],
        on_close=lambda services: services.collector.aclose(),
    )
    return create_subgraph_app(subgraph, settings)


def _routes(services: Services, verifier: TokenVerifier) -> Sequence[BaseRoute]:
    async def key_set(request: Request) -> Response:
        headers = {"cache-control": f"public, max-age={KEY_SET_MAX_AGE}"}
        return JSONResponse(await services.keys.public_key_set(), headers=headers)

    return [Route("/.well-known/jwks.json", key_set), *users_api(services, verifier).routes()]
