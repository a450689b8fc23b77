"""Read the join directives on one type and its fields: which subgraph contributes what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from graphql import ConstDirectiveNode, value_from_ast_untyped

from ..language import FieldSet, FieldSetField, parse_field_set
from .model import ContextArgumentDefinition, EntityKey, SubgraphField, SubgraphType

Arguments: TypeAlias = Mapping[str, object]


def arguments_of(directive: ConstDirectiveNode) -> Arguments:
    """The arguments of one directive application as Python values; enum values as their names."""
    return {argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()}


@dataclass(frozen=True, slots=True)
class TypeJoins:
    """What @join__type, @join__owner, @join__implements and @join__unionMember say about one type."""

    by_graph: Mapping[str, SubgraphType]
    owner: str | None
    implements: tuple[tuple[str, str], ...]
    members: tuple[tuple[str, str], ...]
    is_owner_style: bool
    """Join v0.1: an entity names its owner, every other type stands in all subgraphs without saying so."""

    @classmethod
    def read(cls, directives: Iterable[ConstDirectiveNode], join: str, graphs: tuple[str, ...]) -> TypeJoins:
        """Read the directives on a type; a type without any stands in all subgraphs."""
        by_graph: dict[str, SubgraphType] = {}
        owner: str | None = None
        implements: list[tuple[str, str]] = []
        members: list[tuple[str, str]] = []
        for directive in directives:
            name = directive.name.value
            if not name.startswith(join + "__"):
                continue
            arguments = arguments_of(directive)
            match name.removeprefix(join + "__"):
                case "type":
                    _add_type(by_graph, arguments)
                case "owner":
                    owner = str(arguments["graph"])
                case "implements":
                    implements.append((str(arguments["graph"]), str(arguments["interface"])))
                case "unionMember":
                    members.append((str(arguments["graph"]), str(arguments["member"])))
        is_owner_style = owner is not None or not by_graph
        if owner is not None:
            by_graph.setdefault(owner, SubgraphType(owner))
        elif not by_graph:
            by_graph = {graph: SubgraphType(graph) for graph in graphs}
        return cls(by_graph, owner, tuple(implements), tuple(members), is_owner_style)

    def interfaces_by_graph(self, interfaces: frozenset[str]) -> dict[str, frozenset[str]]:
        """What each subgraph knows the type to implement; without @join__implements all do."""
        return _grouped(self.by_graph, self.implements, frozenset() if self.implements else interfaces)

    def members_by_graph(self, members: frozenset[str]) -> dict[str, frozenset[str]]:
        """The members that each subgraph knows; without @join__unionMember all of them."""
        return _grouped(self.by_graph, self.members, frozenset() if self.members else members)


@dataclass(frozen=True, slots=True)
class SubgraphFieldReader:
    """Reads the @join__field directives of the fields of one type."""

    join: str
    joins: TypeJoins

    def read(self, directives: Iterable[ConstDirectiveNode], type_text: str) -> dict[str, SubgraphField]:
        """The subgraphs that define a field whose type in the supergraph is `type_text`."""
        applications = [arguments_of(d) for d in directives if d.name.value == f"{self.join}__field"]
        if not applications:
            # An owner-style entity keeps to its owner what it does not give away, but key fields travel with every representation.
            graphs = [self.joins.owner] if self.joins.owner else list(self.joins.by_graph)
            return {graph: SubgraphField(graph, type_text) for graph in graphs}
        # Without a graph the field comes from an @interfaceObject: no subgraph defines it on this very type.
        fields = [_subgraph_field(arguments, type_text) for arguments in applications if arguments.get("graph")]
        return {field.graph: field for field in fields}


def add_key_fields(
    fields: dict[str, dict[str, SubgraphField]], types: Mapping[str, SubgraphType], type_texts: Mapping[str, str]
) -> None:
    """Owner style: add to each extending subgraph the fields of the keys it uses, which the SDL does not list there."""
    for graph, subgraph_type in types.items():
        for key in subgraph_type.keys:
            for name in _field_names(key.field_set):
                if name in fields:
                    fields[name].setdefault(graph, SubgraphField(graph, type_texts[name]))


def _field_names(field_set: FieldSet) -> list[str]:
    return [selection.field_name for selection in field_set if isinstance(selection, FieldSetField)]


def _add_type(by_graph: dict[str, SubgraphType], arguments: Arguments) -> None:
    graph = str(arguments["graph"])
    known = by_graph.get(graph) or SubgraphType(graph)
    keys = known.keys
    if text := arguments.get("key"):
        keys += (EntityKey(str(text), parse_field_set(str(text)), arguments.get("resolvable") is not False),)
    by_graph[graph] = replace(
        known,
        keys=keys,
        is_extension=known.is_extension or arguments.get("extension") is True,
        is_interface_object=known.is_interface_object or arguments.get("isInterfaceObject") is True,
    )


def _subgraph_field(arguments: Arguments, type_text: str) -> SubgraphField:
    contexts = arguments.get("contextArguments")
    override, label = arguments.get("override"), arguments.get("overrideLabel")
    return SubgraphField(
        graph=str(arguments["graph"]),
        type_text=str(arguments.get("type") or type_text),
        requires=_field_set(arguments.get("requires")),
        provides=_field_set(arguments.get("provides")),
        is_external=arguments.get("external") is True,
        override=str(override) if override else None,
        override_label=str(label) if label else None,
        is_used_overridden=arguments.get("usedOverridden") is True,
        context_arguments=tuple(_context_argument(entry) for entry in contexts) if isinstance(contexts, list) else (),
    )


def _field_set(text: object) -> FieldSet:
    return parse_field_set(str(text)) if text else ()


def _context_argument(entry: Arguments) -> ContextArgumentDefinition:
    return ContextArgumentDefinition(
        context=str(entry["context"]),
        name=str(entry["name"]),
        type_text=str(entry["type"]),
        selection=parse_field_set(str(entry["selection"])),
    )


def _grouped(
    by_graph: Mapping[str, SubgraphType], pairs: tuple[tuple[str, str], ...], for_all: frozenset[str]
) -> dict[str, frozenset[str]]:
    grouped: dict[str, set[str]] = {graph: set(for_all) for graph in by_graph}
    for graph, name in pairs:
        grouped.setdefault(graph, set()).add(name)
    return {graph: frozenset(names) for graph, names in grouped.items()}
