"""The services that resolvers of this subgraph find at `info.context.services`."""

from __future__ import annotations

from dataclasses import dataclass

from ..kit.app import Runtime
from ..kit.idempotency import IdempotencyKeys
from ..kit.personal_data import PersonalData
from .authoring_service import AuthoringService
from .export import SECTIONS
from .models import Idempotency
from .progress_service import ProgressService
from .service import QuestionService


@dataclass(frozen=True, slots=True)
class Services:
    """One per process."""

    questions: QuestionService
    authoring: AuthoringService
    progress: ProgressService
    personal_data: PersonalData
    idempotency: IdempotencyKeys


def wire(runtime: Runtime) -> Services:
    database, idempotency = runtime.database, IdempotencyKeys(Idempotency)
    return Services(
        questions=QuestionService(database),
        authoring=AuthoringService(database, idempotency),
        progress=ProgressService(database, runtime.outbox),
        personal_data=PersonalData(database, SECTIONS),
        idempotency=idempotency,
    )
