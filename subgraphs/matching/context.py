"""Wire the services of the matching subgraph, and name the context that its resolvers get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import strawberry

from ..kit.app import Runtime
from ..kit.context import RequestContext
from ..kit.idempotency import IdempotencyKeys
from ..kit.personal_data import PersonalData
from ..kit.service_client import ServiceClient
from .board import QueueBoard
from .enqueueing import Enqueueing
from .export import SECTIONS
from .feed import Feed
from .formation import Formation
from .invitations import Invitations
from .matchmaker import Matchmaker
from .models import Idempotency
from .places import Places
from .presence import Presence
from .reactions import Reactions
from .ready_check import ReadyCheck
from .service import MatchingService
from .settings import MatchingSettings
from .skills import Skills
from .streams import Streams
from .upkeep import Upkeep
from .work import UnitsOfWork


@dataclass(frozen=True, slots=True)
class Services:
    """What resolvers find at `info.context.services`, and what runs in the background."""

    matching: MatchingService
    enqueueing: Enqueueing
    ready_check: ReadyCheck
    invitations: Invitations
    board: QueueBoard
    places: Places
    feed: Feed
    matchmaker: Matchmaker
    formation: Formation
    presence: Presence
    skills: Skills
    reactions: Reactions
    upkeep: Upkeep
    clients: tuple[ServiceClient, ...]
    personal_data: PersonalData
    idempotency: IdempotencyKeys


Context: TypeAlias = RequestContext[Services]
Info: TypeAlias = strawberry.Info[Context, None]


def wire(runtime: Runtime, settings: MatchingSettings) -> Services:
    """Build the services of one process."""
    database, rules = runtime.database, settings.pairing_rules
    users = ServiceClient(settings.user_service_url, caller="matching", secret=settings.service_secret)
    questions = ServiceClient(settings.question_service_url, caller="matching", secret=settings.service_secret)
    streams = Streams(database, runtime.signals)
    units = UnitsOfWork(database, runtime.outbox, streams, settings.absence)
    matchmaker = Matchmaker(units, rules, settings.ready_check_seconds)
    formation = Formation(database, units, questions, settings.question_patience)
    units.search, units.formation = matchmaker, formation
    skills = Skills(users, database, runtime.signals, settings.skill_timeout, settings.skill_max_age)
    enqueueing = Enqueueing(units, settings.ticket_lifetime)
    matching = MatchingService(database, units, streams, enqueueing, skills, settings)
    ready_check = ReadyCheck(database, units)
    idempotency = IdempotencyKeys(Idempotency)
    invitations = Invitations(database, units, idempotency, settings)
    board = QueueBoard(database, rules, settings.position_interval)
    presence = Presence(database, settings.absence)
    places = Places(board, matching.waiting_tickets, settings.position_interval)
    return Services(
        matching=matching,
        enqueueing=enqueueing,
        ready_check=ready_check,
        invitations=invitations,
        board=board,
        places=places,
        feed=Feed(matching, skills, places, presence),
        matchmaker=matchmaker,
        formation=formation,
        presence=presence,
        skills=skills,
        reactions=Reactions(units),
        upkeep=Upkeep(database, units, streams, matchmaker, formation, ready_check, invitations, settings),
        clients=(users, questions),
        personal_data=PersonalData(database, SECTIONS),
        idempotency=idempotency,
    )
