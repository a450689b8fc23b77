"""What can go wrong with accounts, beyond the failures that every subgraph knows."""

from __future__ import annotations

from ..kit.errors import Conflict, DomainError


class EmailTaken(Conflict):
    """Raised when an account with this e-mail address exists already."""

    code = "EMAIL_TAKEN"

    def __init__(self) -> None:
        super().__init__("An account with this e-mail address exists already; log in instead.", field="input.email")


class InvalidCredentials(DomainError):
    """Raised when address and password do not belong together; it never says which of them is wrong."""

    code = "INVALID_CREDENTIALS"
    http_status = 401

    def __init__(self) -> None:
        super().__init__("This e-mail address and password do not belong together.")


class AccountSuspended(DomainError):
    """Raised when a suspended person, known by the right password or token, tries to go on."""

    code = "ACCOUNT_SUSPENDED"
    http_status = 403

    def __init__(self, reason: str | None = None) -> None:
        super().__init__(f"This account is suspended: {reason}" if reason else "This account is suspended.")


class EmailNotVerified(DomainError):
    """Raised where the address must be confirmed first."""

    code = "EMAIL_NOT_VERIFIED"
    http_status = 403

    def __init__(self) -> None:
        super().__init__("Confirm your e-mail address first: open the link in the mail we sent you.")


class RefreshTokenInvalid(DomainError):
    """Raised for a refresh token that is unknown, expired, or of a session that has ended."""

    code = "REFRESH_TOKEN_INVALID"
    http_status = 401

    def __init__(self) -> None:
        super().__init__("This refresh token is not valid (any more); log in again.")


class RefreshTokenReused(DomainError):
    """Raised when a refresh token comes back after it was used: one of two holders is a thief, so the session is ended."""

    code = "REFRESH_TOKEN_REUSED"
    http_status = 401

    def __init__(self) -> None:
        super().__init__("This refresh token was used before; for safety the session has been ended. Log in again.")


class SkillIsMeasured(Conflict):
    """Raised when someone estimates their skill although sessions have measured it already."""

    code = "SKILL_IS_MEASURED"

    def __init__(self) -> None:
        super().__init__(
            "Your sessions tell your skill level now; an own estimate is only kept before the first one.",
            field="input.selfAssessment",
        )


class ConfirmationInvalid(DomainError):
    """Raised for a link from a mail that is unknown, used, or too old."""

    code = "CONFIRMATION_INVALID"

    def __init__(self) -> None:
        super().__init__("This link is not valid (any more); ask for a new one.", field="input.token")


class LastAdmin(Conflict):
    """Raised when an action would leave the system without an admin."""

    code = "LAST_ADMIN"

    def __init__(self) -> None:
        super().__init__("This is the last admin; make somebody else an admin first.")
