"""A process that makes one match of two people and kills itself at a chosen point on the way from pair to published event."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from subgraphs.kit.database import Database
from subgraphs.kit.events import Event, Outbox
from subgraphs.kit.postgres_bus import PostgresBus
from subgraphs.kit.service_client import ServiceClient
from subgraphs.kit.signals import LocalSignals
from subgraphs.matching.enqueueing import Enqueueing
from subgraphs.matching.formation import Formation
from subgraphs.matching.matchmaker import Matchmaker
from subgraphs.matching.models import Outbox as OutboxTable
from subgraphs.matching.rules import Difficulty, Language, PairingRules, SkillLevel
from subgraphs.matching.service import MatchingService, Wish
from subgraphs.matching.settings import MatchingSettings
from subgraphs.matching.skills import Skill
from subgraphs.matching.streams import Streams
from subgraphs.matching.work import UnitsOfWork

from .doubles import SERVICE_SECRET

# Forked from a process that has imported everything: a crash costs no seconds of imports.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["subgraphs.__main__", "subgraphs.matching.app", "uvloop", "httptools", "websockets"])


class CrashPoint(StrEnum):
    """Where the process dies; every one of them is after a commit, here or at another service."""

    PAIRED = "the pair is committed, nobody forms it"
    PICKED = "the questions service has chosen, matching has not noted it"
    OPENED = "match.created is in the outbox, not on the bus"
    PUBLISHED = "match.created is on the bus, the outbox does not know"


class OneSkill:
    async def of(self, user_id: UUID) -> Skill:
        return Skill(SkillLevel.INTERMEDIATE, is_known=True)


class DyingQuestions(ServiceClient):
    """Asks the real question, and dies with the answer in its hands."""

    async def query(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        await super().query(document, variables)
        _die()
        return {}


class DyingBus(PostgresBus):
    """Dies before or after it published."""

    is_published_first = False

    async def publish(self, events: Sequence[Event]) -> None:
        if self.is_published_first:
            await super().publish(events)
        _die()


def crash(point: CrashPoint, database_url: str, questions_url: str, people: tuple[UUID, UUID]) -> None:
    """Run a process of its own until it has died at this point."""
    process = FORKS.Process(target=_run, args=(point, database_url, questions_url, people), daemon=True)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL, f"{point}: ended with {process.exitcode}"


def _run(point: CrashPoint, database_url: str, questions_url: str, people: tuple[UUID, UUID]) -> None:
    asyncio.run(_make_match(point, database_url, questions_url, people))


async def _make_match(point: CrashPoint, database_url: str, questions_url: str, people: tuple[UUID, UUID]) -> None:
    database, outbox = Database(database_url), Outbox(OutboxTable, "matching")
    settings = MatchingSettings(_env_file=None, database_url=database_url)
    streams = Streams(database, LocalSignals())
    units = UnitsOfWork(database, outbox, streams)
    enqueueing = Enqueueing(units, settings.ticket_lifetime)
    matching = MatchingService(database, units, streams, enqueueing, OneSkill(), settings)
    matchmaker = Matchmaker(units, PairingRules(), 0)
    client = DyingQuestions if point is CrashPoint.PICKED else ServiceClient
    questions = client(questions_url, caller="matching", secret=SERVICE_SECRET)
    formation = Formation(database, units, questions, settings.question_patience)
    bus = DyingBus(database_url)
    bus.is_published_first = point is CrashPoint.PUBLISHED
    writing = asyncio.create_task(enqueueing.run())
    for id in people:
        await matching.request_match(id, Wish(Language.PYTHON, Difficulty.EASY, ("Arrays",)))
    (pair,) = (await matchmaker.pair(Language.PYTHON)).pairs
    if point is CrashPoint.PAIRED:
        _die()
    await formation.form(pair.match_id)
    await bus.start()
    await outbox.relay(database, bus)
    writing.cancel()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
