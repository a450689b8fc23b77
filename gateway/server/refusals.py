"""What the server refuses before, or instead of, executing an operation: one class per situation, each with code and
status.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias

from ..errors import GatewayError

JsonObject: TypeAlias = dict[str, Any]
HeaderPairs: TypeAlias = tuple[tuple[bytes, bytes], ...]


class RequestRefused(GatewayError):
    """Base of what ends a request with an error answer; `status` is the HTTP status where the client came by HTTP."""

    code: ClassVar[str] = "BAD_REQUEST"
    status: ClassVar[int] = 400
    headers: HeaderPairs = ()

    def formatted(self) -> JsonObject:
        """Return it as a GraphQL error."""
        return {"message": self.message, "extensions": {"code": self.code, **self.details()}}

    def details(self) -> JsonObject:
        """Return what else belongs into `extensions`."""
        return {}


class BadRequest(RequestRefused):
    """The request is not a GraphQL request."""


class MethodNotAllowed(RequestRefused):
    """The HTTP method does not fit: neither GET nor POST, or a mutation by GET."""

    code = "METHOD_NOT_ALLOWED"
    status = 405

    def __init__(self, message: str, allowed: str) -> None:
        super().__init__(message)
        self.headers = ((b"allow", allowed.encode()),)


class NotAcceptable(RequestRefused):
    """The client accepts none of the media types that the answer could have."""

    code = "NOT_ACCEPTABLE"
    status = 406


class UnsupportedMediaType(RequestRefused):
    """The body is not said to be JSON in UTF-8."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    status = 415


class BodyTooLarge(RequestRefused):
    """The body is larger than limits.body."""

    code = "PAYLOAD_TOO_LARGE"
    status = 413


class RequestTimeout(RequestRefused):
    """The body does not arrive."""

    code = "REQUEST_TIMEOUT"
    status = 408


class PreflightRequired(RequestRefused):
    """A page of another site could have sent this without being asked (CSRF)."""

    code = "PREFLIGHT_REQUIRED"


class BatchingRefused(RequestRefused):
    """Several operations in one request are off, or these are too many."""

    code = "BATCHING_NOT_SUPPORTED"


class LimitExceeded(RequestRefused):
    """The operation passes one of the limits."""

    code = "LIMIT_EXCEEDED"

    def __init__(self, limit: str, message: str) -> None:
        super().__init__(message)
        self.limit = limit

    def details(self) -> JsonObject:
        """Name the limit as it is named in the settings."""
        return {"limit": self.limit}


class IntrospectionDisabled(RequestRefused):
    """The operation asks for the schema and introspection is off."""

    code = "INTROSPECTION_DISABLED"


class Unauthenticated(RequestRefused):
    """The token is not valid, or one is required and there is none."""

    code = "UNAUTHENTICATED"
    status = 401
    headers = ((b"www-authenticate", b"Bearer"),)


class UnauthorizedOperation(RequestRefused):
    """The operation asks for what the caller may not see, and the setting is to refuse it whole."""

    code = "UNAUTHORIZED_FIELD_OR_TYPE"
    status = 403


class PersistedQueryNotFound(RequestRefused):
    """The hash is not known (yet): the client sends the operation's text along (the APQ protocol wants status 200)."""

    code = "PERSISTED_QUERY_NOT_FOUND"
    status = 200


class PersistedOperationRequired(RequestRefused):
    """Only operations of the manifest are allowed."""

    code = "PERSISTED_OPERATION_REQUIRED"


class RateLimited(RequestRefused):
    """The client asks more often than it may."""

    code = "RATE_LIMITED"
    status = 429

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"Too many requests; try again in {retry_after:.1f} s.")
        self.headers = ((b"retry-after", str(max(1, round(retry_after + 0.5))).encode()),)


class Overloaded(RequestRefused):
    """The gateway has as much in work as it may have."""

    code = "OVERLOADED"
    status = 503
    headers = ((b"retry-after", b"1"),)


class NotReady(RequestRefused):
    """No supergraph is loaded yet."""

    code = "NOT_READY"
    status = 503
    headers = ((b"retry-after", b"1"),)
