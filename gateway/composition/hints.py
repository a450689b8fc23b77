"""A hint: a remark about subgraphs that do compose, with its code, level and places."""

from __future__ import annotations

from dataclasses import dataclass

from graphql import Node

from .hint_codes import HintCode, HintLevel


@dataclass(frozen=True, slots=True)
class CompositionHint:
    code: HintCode
    message: str
    coordinate: str | None = None
    """The element of the supergraph it is about."""
    nodes: tuple[Node, ...] = ()

    @property
    def level(self) -> HintLevel:
        return self.code.level
