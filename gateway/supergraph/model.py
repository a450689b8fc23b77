"""The Supergraph: every type and field, and what each subgraph contributes to it. Frozen; subgraphs go by their join__Graph value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from graphql import DocumentNode, GraphQLSchema

from ..language import FieldSet


class TypeKind(StrEnum):
    """The kinds of named types."""

    SCALAR = "SCALAR"
    OBJECT = "OBJECT"
    INTERFACE = "INTERFACE"
    UNION = "UNION"
    ENUM = "ENUM"
    INPUT_OBJECT = "INPUT_OBJECT"


@dataclass(frozen=True, slots=True)
class Subgraph:
    """One subgraph: `graph` is its value in the enum join__Graph, the identifier used everywhere inside; `name` is for people."""

    graph: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class EntityKey:
    """One @key of a type in one subgraph; only a resolvable one can be used to enter the subgraph."""

    text: str
    field_set: FieldSet
    resolvable: bool


@dataclass(frozen=True, slots=True)
class SubgraphType:
    """What one subgraph says about a type."""

    graph: str
    keys: tuple[EntityKey, ...] = ()
    is_extension: bool = False
    is_interface_object: bool = False


@dataclass(frozen=True, slots=True)
class ContextArgumentDefinition:
    """An argument of a field that the gateway fills from the nearest ancestor that carries `context`."""

    context: str
    name: str
    type_text: str
    selection: FieldSet


@dataclass(frozen=True, slots=True)
class SubgraphField:
    """What one subgraph says about a field. `type_text` is the field's type there, which may differ from the supergraph's."""

    graph: str
    type_text: str
    requires: FieldSet = ()
    provides: FieldSet = ()
    is_external: bool = False
    override: str | None = None
    override_label: str | None = None
    is_used_overridden: bool = False
    context_arguments: tuple[ContextArgumentDefinition, ...] = ()


@dataclass(frozen=True, slots=True)
class SupergraphField:
    """One field of an object, interface or input type; `by_graph` has the subgraphs that define it."""

    name: str
    type_text: str
    named_type: str
    by_graph: Mapping[str, SubgraphField]
    argument_types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SupergraphType:
    """One type. `interfaces_by_graph` and `members_by_graph` hold what each subgraph knows: its own implementations and members."""

    name: str
    kind: TypeKind
    by_graph: Mapping[str, SubgraphType]
    fields: Mapping[str, SupergraphField] = field(default_factory=dict)
    interfaces: frozenset[str] = frozenset()
    interfaces_by_graph: Mapping[str, frozenset[str]] = field(default_factory=dict)
    members: frozenset[str] = frozenset()
    members_by_graph: Mapping[str, frozenset[str]] = field(default_factory=dict)
    enum_values_by_graph: Mapping[str, frozenset[str]] = field(default_factory=dict)
    contexts: frozenset[str] = frozenset()

    @property
    def is_abstract(self) -> bool:
        """Whether values of this type have one of several object types."""
        return self.kind is TypeKind.INTERFACE or self.kind is TypeKind.UNION

    @property
    def is_composite(self) -> bool:
        """Whether a field of this type needs a selection set."""
        return self.kind is TypeKind.OBJECT or self.is_abstract


@dataclass(frozen=True)
class Supergraph:
    """The whole: subgraphs by join__Graph value, types by name, the root types, and the document it was read from.

    Not slotted, because the API schema is built on first use and kept.
    """

    subgraphs: Mapping[str, Subgraph]
    types: Mapping[str, SupergraphType]
    root_types: Mapping[str, str]
    """Operation kind ("query", "mutation", "subscription") to type name; kinds that nobody serves are absent."""
    document: DocumentNode

    @cached_property
    def api_schema(self) -> GraphQLSchema:
        """What clients see: no join machinery, nothing inaccessible. Knows @defer."""
        from .api_schema import api_schema_from_supergraph

        return api_schema_from_supergraph(self.document, include_defer=True)

    @cached_property
    def possible_types(self) -> Mapping[str, frozenset[str]]:
        """For every composite type the object types a value of it can have."""
        possible: dict[str, set[str]] = {name: set() for name, type_ in self.types.items() if type_.is_composite}
        for name, type_ in self.types.items():
            if type_.kind is TypeKind.OBJECT:
                possible[name].add(name)
                for interface in type_.interfaces:
                    possible.setdefault(interface, set()).add(name)
            elif type_.kind is TypeKind.UNION:
                possible[name] |= type_.members
        return {name: frozenset(members) for name, members in possible.items()}
