"""Nodes and edges of the query graph. A node is a type as one subgraph sees it; an edge is one step that execution can take."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..language import FieldSet
from ..supergraph import EntityKey, SubgraphField


class NodeKind(StrEnum):
    """How the subgraph sees the type."""

    OBJECT = "OBJECT"
    ABSTRACT = "ABSTRACT"
    INTERFACE_OBJECT = "INTERFACE_OBJECT"
    """An interface of the supergraph that this subgraph knows as one object type, blind to the implementations."""


class EdgeKind(StrEnum):
    """The ways to go on."""

    FIELD = "FIELD"
    TYPE_CONDITION = "TYPE_CONDITION"
    ENTITY = "ENTITY"
    ROOT = "ROOT"


# Nodes and edges are interned by their graph: identity is equality, which keeps them cheap as dictionary keys.
@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A type in one subgraph. `provided` are the fields that @provides adds on the way this node was reached (usually none)."""

    id: int
    type_name: str
    graph: str
    kind: NodeKind
    provided: FieldSet = ()

    def __repr__(self) -> str:
        suffix = "+provided" if self.provided else ""
        return f"{self.type_name}@{self.graph}{suffix}"


@dataclass(frozen=True, slots=True, eq=False)
class FieldEdge:
    """Resolve a field in the node's own subgraph. `head` is None for leaf types.

    With `field.requires` or `field.context_arguments` the field can be resolved only in an `_entities` call that brings these.
    """

    tail: Node
    field_name: str
    head: Node | None
    field: SubgraphField

    @property
    def kind(self) -> EdgeKind:
        """Always EdgeKind.FIELD."""
        return EdgeKind.FIELD

    @property
    def needs_entry(self) -> bool:
        """Whether the field is resolvable only right after entering the subgraph with what it requires."""
        return bool(self.field.requires or self.field.context_arguments)


@dataclass(frozen=True, slots=True, eq=False)
class TypeConditionEdge:
    """Narrow an abstract type within its subgraph."""

    tail: Node
    head: Node

    @property
    def kind(self) -> EdgeKind:
        """Always EdgeKind.TYPE_CONDITION."""
        return EdgeKind.TYPE_CONDITION


@dataclass(frozen=True, slots=True, eq=False)
class EntityEdge:
    """Enter `head`'s subgraph through `_entities` for an object whose `key` fields are known.

    `typename` goes into the representation: the name of the type in that subgraph (an interface for an @interfaceObject). None means
    the object's own runtime type.
    """

    head: Node
    key: EntityKey
    typename: str | None

    @property
    def kind(self) -> EdgeKind:
        """Always EdgeKind.ENTITY."""
        return EdgeKind.ENTITY


@dataclass(frozen=True, slots=True, eq=False)
class RootEdge:
    """Enter `head`'s subgraph at its root type, from anywhere where that root type stands."""

    head: Node

    @property
    def kind(self) -> EdgeKind:
        """Always EdgeKind.ROOT."""
        return EdgeKind.ROOT
