"""Turn failures into problem documents (RFC 9457): the same codes and sentences as in GraphQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from ..errors import DomainError, InvalidInput, RateLimited, VersionConflict

PROBLEM_TYPE = "application/problem+json"


class BodyTooLarge(DomainError):
    """Raised for a request body above MAX_BODY_BYTES."""

    code = "BODY_TOO_LARGE"
    http_status = 413


class UnsupportedMediaType(DomainError):
    """Raised for a request body that does not call itself JSON."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    http_status = 415


class PreconditionFailed(DomainError):
    """Raised when If-Match names another version than the current one; nothing was written."""

    code = "VERSION_CONFLICT"
    http_status = 412
    current: int | None = None
    """The version it is at, where that was looked up."""

    @classmethod
    def of(cls, conflict: VersionConflict) -> PreconditionFailed:
        failure = cls(conflict.message)
        failure.current = conflict.current
        return failure


class InvalidBody(InvalidInput):
    """Raised when body or query do not fit their schema; `problems` has one entry per place."""

    def __init__(self, problems: list[dict[str, str]]) -> None:
        first = problems[0]
        super().__init__(f"{first['pointer']}: {first['detail']}", field=first["pointer"])
        self.problems = problems


def problem_response(error: DomainError) -> Response:
    """The problem document (RFC 9457) of a failure, with its code, and where it concerns one input, its name."""
    extra: dict[str, Any] = {"retryable": error.retryable}
    headers = {}
    if error.field is not None:
        extra["field"] = error.field.removeprefix("input.")
    if isinstance(error, InvalidBody):
        extra["errors"] = error.problems
    if isinstance(error, (VersionConflict, PreconditionFailed)) and error.current is not None:
        extra["currentVersion"] = error.current
    if isinstance(error, RateLimited):
        extra["retryAfter"] = error.retry_after
        headers["retry-after"] = str(max(1, round(error.retry_after)))
    if error.http_status == 401:
        headers["www-authenticate"] = "Bearer"
    return problem(error.http_status, error.code, error.message, extra, headers)


def problem(
    status: int,
    code: str,
    detail: str,
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    title = code.replace("_", " ").capitalize()
    body = {"type": f"urn:tandem:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return Response(orjson.dumps({**body, **(extra or {})}), status, headers=headers, media_type=PROBLEM_TYPE)
