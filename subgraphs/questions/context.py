"""The services that resolvers of this subgraph find at `info.context.services`."""

from __future__ import annotations

from dataclasses import dataclass

from ..kit.app import Runtime
from ..kit.database import Database
from ..kit.idempotency import IdempotencyKeys
from ..kit.personal_data import PersonalData
from ..kit.read_replica import ReplicatedDatabase
from .authoring_service import AuthoringService
from .export import SECTIONS
from .models import Idempotency
from .progress_service import ProgressService
from .service import QuestionService
from .settings import QuestionsSettings


@dataclass(frozen=True, slots=True)
class Services:
    """One per process."""

    questions: QuestionService
    reading: Database
    """What questions are read from: the database, or its replica."""
    authoring: AuthoringService
    progress: ProgressService
    personal_data: PersonalData
    idempotency: IdempotencyKeys


def wire(runtime: Runtime) -> Services:
    database, reading, idempotency = runtime.database, _for_reading(runtime), IdempotencyKeys(Idempotency)
    return Services(
        questions=QuestionService(reading),
        reading=reading,
        authoring=AuthoringService(database, idempotency),
        progress=ProgressService(database, runtime.outbox),
        personal_data=PersonalData(database, SECTIONS),
        idempotency=idempotency,
    )


def _for_reading(runtime: Runtime) -> Database:
    """The database, read from its replica where the settings name one."""
    settings = runtime.settings
    if not isinstance(settings, QuestionsSettings) or settings.database_replica_url is None:
        return runtime.database
    replica = Database(
        settings.database_replica_url,
        pooler=settings.database_pooler,
        pool_size=settings.database_pool_size,
        pool_timeout=settings.database_pool_timeout,
        pre_ping=True,
    )
    return ReplicatedDatabase(runtime.database, replica)
