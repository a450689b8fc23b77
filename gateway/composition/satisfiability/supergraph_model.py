"""Give the merged schema the form that the query graph reads, without printing and parsing it."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import DocumentNode

from ...language import parse_field_set
from ...specs.context import CONTEXT_IDENTITY
from ...specs.feature import ConstValue
from ...specs.join import FIELD, IMPLEMENTS, TYPE, UNION_MEMBER
from ...supergraph.model import (
    ContextArgumentDefinition,
    EntityKey,
    SubgraphField,
    SubgraphType,
    Supergraph,
    SupergraphField,
    SupergraphType,
    TypeKind,
)
from ...supergraph.model import Subgraph as SupergraphSubgraph
from ..api_schema import is_of_spec
from ..merge.state import Merge
from ..schema import Directive, Field, Kind, TypeDefinition
from ..schema.type_reference import base_name

_KINDS = {
    Kind.SCALAR: TypeKind.SCALAR,
    Kind.OBJECT: TypeKind.OBJECT,
    Kind.INTERFACE: TypeKind.INTERFACE,
    Kind.UNION: TypeKind.UNION,
    Kind.ENUM: TypeKind.ENUM,
    Kind.INPUT_OBJECT: TypeKind.INPUT_OBJECT,
}


def supergraph_model(merge: Merge) -> Supergraph:
    graphs = zip(merge.graph_values, merge.subgraphs, strict=True)
    subgraphs = {graph: SupergraphSubgraph(graph, subgraph.name, subgraph.url) for graph, subgraph in graphs}
    contexts = {name for name, known in merge.spec_directives.items() if known.identity == CONTEXT_IDENTITY}
    types = {
        type_.name: _type(type_, contexts)
        for type_ in merge.supergraph.types.values()
        if not type_.name.startswith(("join__", "link__")) and not is_of_spec(merge.supergraph, type_)
    }
    roots = {kind.value: root.type.name for kind, root in merge.supergraph.roots.items()}
    return Supergraph(subgraphs, types, roots, DocumentNode(definitions=()))


def _type(type_: TypeDefinition, context_directives: set[str]) -> SupergraphType:
    by_graph: dict[str, SubgraphType] = {}
    interfaces: dict[str, set[str]] = {}
    members: dict[str, set[str]] = {}
    contexts = set()
    for directive in type_.directives:
        arguments = directive.arguments
        if directive.name == TYPE:
            _add_type(by_graph, arguments)
        elif directive.name == IMPLEMENTS:
            interfaces.setdefault(arguments["graph"], set()).add(arguments["interface"])
        elif directive.name == UNION_MEMBER:
            members.setdefault(arguments["graph"], set()).add(arguments["member"])
        elif directive.name in context_directives:
            contexts.add(arguments["name"])
    return SupergraphType(
        type_.name,
        _KINDS[type_.kind],
        by_graph,
        fields={field.name: _field(field, by_graph) for field in type_.fields.values()},
        interfaces=frozenset(type_.interfaces),
        interfaces_by_graph={graph: frozenset(interfaces.get(graph, ())) for graph in by_graph},
        members=frozenset(type_.members),
        members_by_graph={graph: frozenset(members.get(graph, ())) for graph in by_graph},
        contexts=frozenset(contexts),
    )


def _add_type(by_graph: dict[str, SubgraphType], arguments: dict[str, ConstValue]) -> None:
    graph = arguments["graph"]
    known = by_graph.get(graph)
    keys = known.keys if known else ()
    text = arguments.get("key")
    if text:
        keys += (EntityKey(text, parse_field_set(text), arguments.get("resolvable") is not False),)
    by_graph[graph] = SubgraphType(graph, keys, False, arguments.get("isInterfaceObject") is True)


def _field(field: Field, types: Mapping[str, SubgraphType]) -> SupergraphField:
    joins = field.applied(FIELD) if field.directives else []
    if joins:
        by_graph = {
            join.arguments["graph"]: _subgraph_field(join, field) for join in joins if join.arguments.get("graph")
        }
    else:
        by_graph = {graph: SubgraphField(graph, field.type) for graph in types}
    arguments = {argument.name: argument.type for argument in field.arguments.values()}
    return SupergraphField(field.name, field.type, base_name(field.type), by_graph, arguments)


def _subgraph_field(join: Directive, field: Field) -> SubgraphField:
    arguments = join.arguments
    requires, provides = arguments.get("requires"), arguments.get("provides")
    return SubgraphField(
        arguments["graph"],
        arguments.get("type") or field.type,
        requires=parse_field_set(requires) if requires else (),
        provides=parse_field_set(provides) if provides else (),
        is_external=arguments.get("external") is True,
        override=arguments.get("override"),
        override_label=arguments.get("overrideLabel"),
        is_used_overridden=arguments.get("usedOverridden") is True,
        context_arguments=tuple(
            ContextArgumentDefinition(
                entry["context"], entry["name"], entry["type"], parse_field_set(entry["selection"])
            )
            for entry in arguments.get("contextArguments") or ()
        ),
    )
