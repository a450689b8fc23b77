"""The services that resolvers of this subgraph find at `info.context.services`."""

from __future__ import annotations

from dataclasses import dataclass

from ..kit.app import Runtime
from .service import QuestionService


@dataclass(frozen=True, slots=True)
class Services:
    """One per process."""

    questions: QuestionService


def wire(runtime: Runtime) -> Services:
    return Services(questions=QuestionService(runtime.database, runtime.outbox))
