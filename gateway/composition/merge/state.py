"""What the steps of merging share: the subgraphs, the supergraph as it grows, and a report. Each step owns what it alone needs."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...specs import FeatureVersion
from ...specs.feature import MergeStrategy
from ..schema import Field, Schema, TypeDefinition
from ..subgraph import Subgraph
from .composed_directives import ComposedDirectives
from .report import Report
from .sources import Sources


@dataclass(frozen=True, slots=True)
class MergedSpecDirective:
    """A directive of one of Apollo's specs that goes into the supergraph."""

    name_in_spec: str
    identity: str
    strategies: dict[str, MergeStrategy]
    """How differing arguments are merged; empty when one application has to win."""
    has_context_name: bool = False
    """Whether its `name` is qualified by the name of the subgraph, as @context's is."""


@dataclass(slots=True)
class Merge:
    subgraphs: tuple[Subgraph, ...]
    report: Report
    supergraph: Schema
    federation_version: FeatureVersion
    composed: ComposedDirectives
    graph_values: list[str]
    """The value of join__Graph of each subgraph, by position."""
    spec_directives: dict[str, MergedSpecDirective] = field(default_factory=dict)
    """By name in the supergraph, which is the name in every subgraph that uses it."""
    join_directives: set[str] = field(default_factory=set)
    """Directives whose applications are kept in @join__directive instead."""
    inaccessible: str | None = None
    """The name of @inaccessible in the supergraph, if any subgraph uses it."""
    access_control: dict[str, str] = field(default_factory=dict)
    """For each of authenticated, requiresScopes and policy that is used: its name in the supergraph."""
    positions_by_type: dict[str, list[int]] = field(default_factory=dict)
    """In which subgraphs a type of this name is, by position."""
    interface_objects: dict[str, set[int]] = field(default_factory=dict)
    """In which subgraphs a type of this name is an @interfaceObject, by position."""
    names: list[str] = field(init=False)
    """Of the subgraphs, by position."""

    def __post_init__(self) -> None:
        self.names = [subgraph.name for subgraph in self.subgraphs]
        for index, subgraph in enumerate(self.subgraphs):
            for name in subgraph.schema.types:
                self.positions_by_type.setdefault(name, []).append(index)
            for applied in subgraph.metadata.applications("interfaceObject"):
                if isinstance(applied.parent, TypeDefinition) and applied.parent.is_object:
                    self.interface_objects.setdefault(applied.parent.name, set()).add(index)

    def is_merged_application(self, subgraph_name: str, directive: str) -> bool:
        """Whether applications of a directive in this subgraph become applications in the supergraph."""
        if self.composed.composes(subgraph_name, directive):
            return True
        if directive in self.join_directives:
            return False
        return directive in self.spec_directives or directive in self.supergraph.built_in_directives

    def is_merged_definition(self, subgraph: Subgraph, directive: str) -> bool:
        if self.composed.composes(subgraph.name, directive):
            return True
        if directive in self.join_directives or directive in subgraph.schema.built_in_directives:
            return False
        definition = subgraph.schema.directive(directive)
        return definition is not None and bool(definition.executable_locations)

    def sources_of_type(self, name: str) -> Sources[TypeDefinition]:
        """The type in each subgraph, in so far as it is of the supergraph's kind."""
        merged = self.supergraph.types[name]
        sources: Sources[TypeDefinition] = {}
        for index in self.positions_by_type.get(name, ()):
            subgraph = self.subgraphs[index]
            type_ = subgraph.schema.types[name]
            stands_for_interface = merged.is_interface and subgraph.metadata.is_interface_object(type_)
            if stands_for_interface or (
                type_.kind is merged.kind and not (type_.is_object and subgraph.metadata.is_interface_object(type_))
            ):
                sources[index] = type_
        return sources

    def positions_standing_in_for(self, type_: TypeDefinition) -> set[int]:
        """The subgraphs that know an interface of the type as an object, with @interfaceObject."""
        return set().union(*(self.interface_objects.get(name, ()) for name in type_.interfaces))

    def abstracting_fields(self, destination: Field, index: int) -> list[Field]:
        """Fields of @interfaceObject types that stand for this field in a subgraph that does not know its type."""
        type_ = destination.parent
        if not type_.interfaces or not type_.is_object:
            return []
        schema = self.subgraphs[index].schema
        if type_.name in schema.types:
            return []
        found = []
        for name in type_.interfaces:
            merged = self.supergraph.types.get(name)
            own = schema.types.get(name)
            if merged is None or destination.name not in merged.fields or own is None or not own.is_object:
                continue
            if destination.name in own.fields:
                found.append(own.fields[destination.name])
        return found

    def is_external(self, index: int, field_: Field) -> bool:
        return self.subgraphs[index].metadata.is_external(field_)

    def is_provided_by_interface_object(self, field_name: str, interface_name: str) -> bool:
        for index in self.positions_by_type.get(interface_name, ()):
            subgraph = self.subgraphs[index]
            type_ = subgraph.schema.types[interface_name]
            field_ = type_.fields.get(field_name)
            if (
                field_ is not None
                and subgraph.metadata.is_interface_object(type_)
                and not self.is_external(index, field_)
            ):
                return True
        return False
