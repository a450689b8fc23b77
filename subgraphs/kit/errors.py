"""What can go wrong for a person (DomainError and its common kinds) or for the process (SettingsError)."""

from __future__ import annotations

from typing import ClassVar


class SettingsError(Exception):
    """Raised when the process cannot start with the settings it was given."""


class DomainError(Exception):
    """Base of every failure that a person can understand and act on.

    `code` is stable and for programs; `message` is one sentence for people; `field` names the input it is about, as the client
    wrote it (`input.email`), or None. `http_status` is used by REST; `retryable` says whether the same call may succeed later.
    """

    code: ClassVar[str] = "DOMAIN_ERROR"
    http_status: ClassVar[int] = 400
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidInput(DomainError):
    """Raised when a value breaks a rule; the message says what was wrong and what would be right."""

    code = "INVALID_INPUT"
    http_status = 422


class NotAuthenticated(DomainError):
    """Raised when nobody is logged in, or the token is not (or no longer) good."""

    code = "UNAUTHENTICATED"
    http_status = 401

    def __init__(self, message: str = "Log in first: this needs a valid access token.") -> None:
        super().__init__(message)


class NotAllowed(DomainError):
    """Raised when the person is known and may not do this."""

    code = "FORBIDDEN"
    http_status = 403

    def __init__(self, message: str = "You are not allowed to do this.", *, field: str | None = None) -> None:
        super().__init__(message, field=field)


class NotFound(DomainError):
    """Raised when the thing does not exist, or this person may not know that it does."""

    code = "NOT_FOUND"
    http_status = 404


class Conflict(DomainError):
    """Raised when the thing has changed, or already is, in a way that forbids this."""

    code = "CONFLICT"
    http_status = 409


class VersionConflict(Conflict):
    """Raised when `expectedVersion` is not the current version; nothing was written."""

    code = "VERSION_CONFLICT"

    def __init__(self, *, expected: int, current: int) -> None:
        super().__init__(
            f"Somebody else changed this: you expected version {expected}, it is at version {current}. Load it again, then retry.",
            field="expectedVersion",
        )
        self.expected = expected
        self.current = current


class RateLimited(DomainError):
    """Raised when a caller has used up an allowance; `retry_after` is in seconds."""

    code = "RATE_LIMITED"
    http_status = 429
    retryable = True

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """Raised when something this depends on does not answer; trying again later is right."""

    code = "UNAVAILABLE"
    http_status = 503
    retryable = True
