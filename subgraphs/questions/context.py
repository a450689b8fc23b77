"""The services that resolvers of this subgraph find at `info.context.services`."""

from __future__ import annotations

from dataclasses import dataclass

from ..kit.app import Runtime
from .authoring_service import AuthoringService
from .progress_service import ProgressService
from .service import QuestionService


@dataclass(frozen=True, slots=True)
class Services:
    """One per process."""

    questions: QuestionService
    authoring: AuthoringService
    progress: ProgressService


def wire(runtime: Runtime) -> Services:
    return Services(
        questions=QuestionService(runtime.database),
        authoring=AuthoringService(runtime.database),
        progress=ProgressService(runtime.database, runtime.outbox),
    )
