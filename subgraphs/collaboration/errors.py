"""What can go wrong in a session, for a person or for the program that speaks for him."""

from __future__ import annotations

from uuid import UUID

from ..kit.errors import DomainError, NotFound


class SessionNotFound(NotFound):
    """Raised when the session does not exist, or the person takes no part in it."""

    def __init__(self, session_id: UUID | str) -> None:
        super().__init__(f"There is no session {session_id} that you take part in.")


class SessionClosed(DomainError):
    """Raised when something is sent to a session that has ended."""

    code = "SESSION_CLOSED"
    http_status = 409

    def __init__(self) -> None:
        super().__init__("The session has ended; nothing more can be written to it.")


class EpochChanged(DomainError):
    """Raised when a client's knowledge belongs to another life of the log: it loads the document again, then sends."""

    code = "EPOCH_CHANGED"
    http_status = 409

    def __init__(self, current_epoch: UUID) -> None:
        super().__init__("The session's log has begun anew; load the document again before you send.")
        self.current_epoch = str(current_epoch)


class ReadOnly(DomainError):
    """Raised when a viewer tries to write."""

    code = "READ_ONLY"
    http_status = 403

    def __init__(self) -> None:
        super().__init__("You watch this session; only its two participants write in it.")


class InvalidUpdate(DomainError):
    """Raised when bytes are not a Yjs update (version 1), or claim to be written by the client of somebody else."""

    code = "INVALID_UPDATE"
    http_status = 422


class UpdateTooLarge(DomainError):
    """Raised when an update, a batch or the whole document would be larger than allowed; `limit` is in bytes."""

    code = "UPDATE_TOO_LARGE"
    http_status = 413

    def __init__(self, what: str, size: int, limit: int) -> None:
        super().__init__(f"{what} is {size} bytes; at most {limit} bytes are allowed.", field="input.updates")
        self.limit = limit


class ExecutionUnavailable(DomainError):
    """Raised when code cannot be run: no sandbox on this machine, no toolchain for the language, or the runner is away."""

    code = "EXECUTION_UNAVAILABLE"
    http_status = 503
    retryable = True
