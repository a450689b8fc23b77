"""From whatever ended a request to the GraphQL errors that its client may see; the one place where that is decided."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import structlog
from graphql import GraphQLError

from ..errors import GatewayError, PlanningLimitExceeded
from ..execution import InvalidVariables, OperationRejected
from .refusals import JsonObject, RequestRefused
from .request import Caller
from .telemetry import Telemetry

logger = structlog.get_logger("gateway")

_SUGGESTION = re.compile(r"\s*Did you mean [^?]*\?")


class ErrorAnswers:
    """A person's mistake is told in full, a bug is masked and logged once, under an id that both sides can name."""

    def __init__(self, production: bool, telemetry: Telemetry) -> None:
        self._production = production
        self._telemetry = telemetry

    def errors_of(self, error: Exception, caller: Caller) -> list[JsonObject]:
        """Return the GraphQL errors for what went wrong."""
        match error:
            case RequestRefused():
                return [error.formatted()]
            case OperationRejected():
                return [self._formatted(it, "GRAPHQL_VALIDATION_FAILED") for it in error.errors]
            case InvalidVariables():
                return [self._formatted(it, "BAD_USER_INPUT") for it in error.errors]
            case PlanningLimitExceeded():
                return [{"message": error.message, "extensions": {"code": error.code}}]
            case GatewayError() if not self._production:
                return [{"message": error.message, "extensions": {"code": error.code}}]
        return [self._masked(error, caller)]

    def _masked(self, error: Exception, caller: Caller) -> JsonObject:
        error_id = uuid4().hex
        logger.error("request.failed", error_id=error_id, request_id=caller.request_id, exc_info=error)
        self._telemetry.masked()
        return {"message": "Unexpected error.", "extensions": {"code": "INTERNAL_SERVER_ERROR", "errorId": error_id}}

    def _formatted(self, error: GraphQLError, code: str) -> JsonObject:
        formatted: dict[str, Any] = dict(error.formatted)
        if error.message.startswith("Syntax Error"):
            code = "GRAPHQL_PARSE_FAILED"
        formatted["extensions"] = {"code": code, **formatted.get("extensions", {})}
        if self._production:
            # Validation hides them itself; the parser and coercion of defaults do not.
            formatted["message"] = _SUGGESTION.sub("", formatted["message"])
        return formatted
