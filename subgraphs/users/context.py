"""Wire the services of the users subgraph, and name the context that its resolvers get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import strawberry

from ..kit.app import Runtime
from ..kit.context import RequestContext
from ..kit.idempotency import IdempotencyKeys
from ..kit.personal_data import PersonalData
from ..kit.service_client import ServiceClient
from .access_tokens import AccessTokens
from .accounts import Accounts
from .admin_service import AdminService
from .allowances import Allowances
from .credential_service import CredentialService
from .erasure_service import ErasureService
from .export_collector import Collector, RemoteSource
from .export_repository import OWN_SECTIONS
from .export_service import ExportService
from .mail import Mailer
from .models import Idempotency
from .passwords import Passwords
from .post_room import PostRoom
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
    credentials: CredentialService
    admin: AdminService
    erasure: ErasureService
    exports: ExportService
    collector: Collector
    ratings: RatingService
    post_room: PostRoom
    idempotency: IdempotencyKeys


Context: TypeAlias = RequestContext[Services]
Info: TypeAlias = strawberry.Info[Context, None]


def wire(runtime: Runtime, settings: UsersSettings, keys: SigningKeys, mailer: Mailer) -> Services:
    """Build the services of one process."""
    database, outbox = runtime.database, runtime.outbox
    accounts = Accounts(outbox, settings.jwt_issuer)
    passwords = Passwords(concurrency=settings.hashing_concurrency)
    allowances = Allowances(database)
    idempotency = IdempotencyKeys(Idempotency)
    post_room = PostRoom(database, mailer, settings.web_url)
    access_tokens = AccessTokens(keys, settings.jwt_issuer, settings.jwt_audience, settings.access_token_lifetime)
    sessions = Sessions(access_tokens, outbox, settings.refresh_token_lifetime, settings.session_lifetime)
    collector = Collector(database, PersonalData(database, OWN_SECTIONS), _remote_sources(settings), sessions.clock)
    return Services(
        keys=keys,
        users=UserService(
            database, settings, outbox, accounts, sessions, passwords, allowances, post_room, idempotency
        ),
        sessions=SessionService(database, settings, accounts, sessions, passwords, allowances),
        credentials=CredentialService(database, settings, accounts, sessions, passwords, allowances, post_room),
        admin=AdminService(database, outbox, accounts, sessions, passwords, post_room, idempotency),
        erasure=ErasureService(database, outbox, accounts, sessions, passwords, allowances),
        exports=ExportService(database, accounts, allowances, collector, sessions.clock),
        collector=collector,
        ratings=RatingService(database),
        post_room=post_room,
        idempotency=idempotency,
    )


def _remote_sources(settings: UsersSettings) -> dict[str, RemoteSource]:
    """The other subgraphs that keep data of people."""
    urls = {
        "questions": settings.question_service_url,
        "matching": settings.matching_service_url,
        "collaboration": settings.collaboration_service_url,
    }
    clients = {name: ServiceClient(url, caller="users", secret=settings.service_secret) for name, url in urls.items()}
    return {name: RemoteSource(client, name) for name, client in clients.items()}


def device_of(context: Context) -> Device:
    return Device(user_agent=context.user_agent, address=context.client_address)
