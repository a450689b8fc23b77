"""What mutations of the questions subgraph answer: the thing itself, or one of the failures that can be expected of it."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from ..kit import idempotency
from ..kit.graphql_errors import (
    Conflict,
    DomainErrorHandler,
    Error,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    VersionConflict,
    handler_for,
)
from . import errors
from .types import Question


@strawberry.type(description="Another question has this slug.")
class SlugTaken(Error):
    pass


@strawberry.type(description="The question's status does not allow this.")
class WrongStatus(Error):
    pass


ERROR_HANDLERS: tuple[DomainErrorHandler[Any], ...] = (
    handler_for(errors.SlugTaken, SlugTaken),
    handler_for(errors.WrongStatus, WrongStatus),
    handler_for(errors.QuestionNotFound, NotFound),
    handler_for(idempotency.IdempotencyKeyReused, Conflict),
)

CreateQuestionResult = Annotated[
    Question | SlugTaken | Conflict | InvalidInput | NotAuthenticated | NotAllowed,
    strawberry.union("CreateQuestionResult"),
]
UpdateQuestionResult = Annotated[
    Question | VersionConflict | SlugTaken | InvalidInput | NotFound | NotAuthenticated | NotAllowed,
    strawberry.union("UpdateQuestionResult"),
]
QuestionStatusResult = Annotated[
    Question | VersionConflict | WrongStatus | InvalidInput | NotFound | NotAuthenticated | NotAllowed,
    strawberry.union("QuestionStatusResult"),
]
