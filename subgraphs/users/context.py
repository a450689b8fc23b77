"""Wire the services of the users subgraph, and name the context that its resolvers get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import strawberry

from ..kit.app import Runtime
from ..kit.context import RequestContext
from .access_tokens import AccessTokens
from .accounts import Accounts
from .allowances import Allowances
from .passwords import Passwords
from .rating_service import RatingService
from .service import UserService
from .session_service import SessionService
from .sessions import Device, Sessions
from .settings import UsersSettings
from .signing_keys import SigningKeys


@dataclass(frozen=True, slots=True)
class Services:
    """What resolvers find at `info.context.services`."""

    keys: SigningKeys
    users: UserService
    sessions: SessionService
    ratings: RatingService


Context: TypeAlias = RequestContext[Services]
Info: TypeAlias = strawberry.Info[Context, None]


def wire(runtime: Runtime, settings: UsersSettings, keys: SigningKeys) -> Services:
    """Build the services of one process."""
    accounts = Accounts(runtime.outbox, settings.jwt_issuer)
    passwords = Passwords(concurrency=settings.hashing_concurrency)
    allowances = Allowances(runtime.database)
    access_tokens = AccessTokens(keys, settings.jwt_issuer, settings.jwt_audience, settings.access_token_lifetime)
    sessions = Sessions(access_tokens, runtime.outbox, settings.refresh_token_lifetime, settings.session_lifetime)
    return Services(
        keys=keys,
        users=UserService(runtime.database, settings, runtime.outbox, accounts, sessions, passwords, allowances),
        sessions=SessionService(runtime.database, settings, accounts, sessions, passwords, allowances),
        ratings=RatingService(runtime.database),
    )


def device_of(context: Context) -> Device:
    return Device(user_agent=context.user_agent, address=context.client_address)
