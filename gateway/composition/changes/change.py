"""One difference between two API schemas."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Criticality(StrEnum):
    """What a change does to clients that were written for the schema before."""

    BREAKING = "BREAKING"
    """A query that was valid is no longer, or an answer has another shape."""
    DANGEROUS = "DANGEROUS"
    """Queries stay valid, but a client may meet what it did not expect, or get another result."""
    SAFE = "SAFE"


@dataclass(frozen=True, slots=True)
class Change:
    criticality: Criticality
    code: str
    coordinate: str
    """The element before the change; for what is new, the new one."""
    message: str
    operations: tuple[str, ...] = field(default=())
    """The recorded operations that use the element; filled in by the check."""
