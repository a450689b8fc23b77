"""ExecutionSettings: bounds and choices of execution that are the same for every request; times in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ExecutionSettings:
    """How subgraphs are waited for and how their errors are shown."""

    subgraph_timeout: float = 5.0
    subgraph_timeouts: Mapping[str, float] = field(default_factory=dict)
    """Overrides by subgraph name."""
    expose_subgraph_errors: bool = True
    """False: what subgraphs say is replaced by `masked_message`, and of their extensions only the code stays."""
    masked_message: str = "A part of this answer could not be fetched."
    max_error_paths: int = 50
    """How many errors one answer holds at most: one broken fetch may touch thousands of objects."""
    allow_defer: bool = True

    def timeout_for(self, subgraph_name: str) -> float:
        """The timeout of one fetch of this subgraph."""
        return self.subgraph_timeouts.get(subgraph_name, self.subgraph_timeout)
