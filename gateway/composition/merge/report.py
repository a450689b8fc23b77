"""Collect errors and hints of merging, and word what differs between subgraphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from graphql import Node

from ..error_codes import ErrorCode
from ..errors import CompositionError, join_strings, nodes_of, print_subgraph_names
from ..hint_codes import HintCode
from ..hints import CompositionHint
from ..schema import Element
from .sources import values_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Distribution:
    """Which subgraphs say what: the phrase for those that are like the supergraph first, then one per other version."""

    phrases: list[str]
    nodes: tuple[Node, ...]

    def in_full(self, message: str) -> str:
        """`... has type "Int" in subgraph "a" but type "String" in subgraph "b"`"""
        return message + join_strings(self.phrases, " and ", " but ")

    def continued(self, message: str) -> str:
        """The first phrase leads over to the others by itself."""
        return message + self.phrases[0] + join_strings(self.phrases[1:], " and ")


@dataclass(slots=True)
class Report:
    """Errors and hints in the order they are found."""

    subgraph_names: Sequence[str]
    errors: list[CompositionError] = field(default_factory=list)
    hints: list[CompositionHint] = field(default_factory=list)

    def error(self, code: ErrorCode, message: str, *at: object, subgraph: str | None = None) -> None:
        found = CompositionError(code, message, nodes_of(at))
        self.errors.append(found.in_subgraph(subgraph) if subgraph is not None else found)

    def hint(self, code: HintCode, message: str, element: Element | None = None, *at: object) -> None:
        self.hints.append(CompositionHint(code, message, element.coordinate if element else None, nodes_of(at)))

    def distribution(
        self,
        sources: Mapping[int, T | None],
        describe: Callable[[T], str | None],
        supergraph_value: str | None,
        print_like: Callable[[str, str], str],
        print_other: Callable[[str, str], str],
        *,
        include_missing: bool = False,
        ignores: Callable[[T], bool] | None = None,
    ) -> Distribution:
        """Group the subgraphs by what `describe` says of their element.

        The printers get the description and the names of the subgraphs (empty when none is like the supergraph).
        """
        groups: dict[str, list[str]] = {}
        positions = range(len(self.subgraph_names)) if include_missing else sources
        for index in positions:
            source = sources.get(index)
            if source is None:
                if include_missing:
                    groups.setdefault("", []).append(self.subgraph_names[index])
            elif ignores is None or not ignores(source):
                groups.setdefault(describe(source) or "", []).append(self.subgraph_names[index])
        supergraph_value = supergraph_value or ""
        like = groups.pop(supergraph_value, [])
        phrases = [print_like(supergraph_value, print_subgraph_names(like))]
        phrases += [print_other(value, print_subgraph_names(names)) for value, names in groups.items()]
        return Distribution(phrases, nodes_of(values_of(sources)))

    def mismatch_error(
        self,
        code: ErrorCode,
        message: str,
        sources: Mapping[int, T | None],
        describe: Callable[[T], str | None],
        supergraph_value: str | None,
        *at: object,
    ) -> None:
        """An error that says what is what where: `message` is followed by `x in subgraph a but y in subgraph b`."""
        found = self.distribution(sources, describe, supergraph_value, _value_in_subgraphs, _value_in_subgraphs)
        self.errors.append(CompositionError(code, found.in_full(message), (*found.nodes, *nodes_of(at))))

    def presence_hint(
        self,
        code: HintCode,
        message: str,
        element: Element,
        sources: Mapping[int, T | None],
        has: Callable[[T], bool],
        print_like: str,
        print_other: str = "but not in {}",
        *,
        is_in_supergraph: bool = True,
        include_missing: bool = False,
    ) -> None:
        """A hint about something that some subgraphs have and some do not; `{}` stands for the names of the subgraphs."""
        found = self.distribution(
            sources,
            lambda source: "yes" if has(source) else "no",
            "yes" if is_in_supergraph else "no",
            lambda _, names: print_like.format(names),
            lambda _, names: " " + print_other.format(names),
            include_missing=include_missing,
        )
        self.hints.append(CompositionHint(code, found.continued(message) + ".", element.coordinate, found.nodes))


def _value_in_subgraphs(value: str, names: str) -> str:
    return f"{value} in {names}"
