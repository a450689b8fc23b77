"""What the checks of a field find out for its merging: which of its declarations are overridden, and how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class FieldOverrides:
    """By position of the subgraph."""

    used: set[int] = field(default_factory=set)
    """Overridden elsewhere, but still needed here by a key, @requires, @provides or interface."""
    unused: set[int] = field(default_factory=set)
    """Overridden elsewhere, and not needed."""
    unknown_target: set[int] = field(default_factory=set)
    """With an @override from a subgraph that does not exist."""
    labels: dict[int, str] = field(default_factory=dict)
    """Labels of progressive overrides, for both the overriding and the overridden subgraph."""

    def is_overridden(self, index: int) -> bool:
        return index in self.used or index in self.unused

    @property
    def needs_join_field(self) -> bool:
        return bool(self.used) or bool(self.labels)

    def label_all(self, indexes: Iterable[int], label: str) -> None:
        self.labels.update(dict.fromkeys(indexes, label))


NO_OVERRIDES = FieldOverrides()
"""Shared by all fields that nothing overrides; never changed."""
