"""What the subgraphs contribute to one element of the supergraph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias, TypeVar

T = TypeVar("T")

Sources: TypeAlias = dict[int, T | None]
"""The element in each subgraph, by the position of the subgraph; None where a subgraph that is asked for it does not have it."""


def present(sources: Mapping[int, T | None]) -> Iterator[tuple[int, T]]:
    """The subgraphs that have the element."""
    for index, source in sources.items():
        if source is not None:
            yield index, source


def values_of(sources: Mapping[int, T | None]) -> list[T]:
    return [source for source in sources.values() if source is not None]
