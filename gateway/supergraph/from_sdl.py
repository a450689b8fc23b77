"""Read a supergraph SDL into a Supergraph: join v0.1 to v0.5, fed-1 style owners included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLSyntaxError,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
)

from ..errors import SupergraphError
from ..language import FieldSetError, named_type_of, print_type_node
from .join_directives import SubgraphFieldReader, TypeJoins, add_key_fields, arguments_of
from .linked_features import LinkedFeature, linked_features
from .model import Subgraph, Supergraph, SupergraphField, SupergraphType, TypeKind
from .provided_fields import add_provided_fields

_JOIN = "https://specs.apollo.dev/join"
_CONTEXT = "https://specs.apollo.dev/context"
_DEFAULT_ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}


def supergraph_from_sdl(sdl: str) -> Supergraph:
    """Parse and read a supergraph SDL. Raises SupergraphError when it is not one."""
    try:
        document = parse(sdl, no_location=True)
    except GraphQLSyntaxError as error:
        raise SupergraphError(f"the supergraph SDL does not parse: {error.message}") from error
    return supergraph_from_document(document)


def supergraph_from_document(document: DocumentNode) -> Supergraph:
    """Read a parsed supergraph document. Raises SupergraphError when its join machinery is missing or contradicts itself."""
    reader = _SupergraphReader(document)
    try:
        return reader.read()
    except FieldSetError as error:
        raise SupergraphError(f"the supergraph holds a broken field set: {error}") from error


class _SupergraphReader:
    def __init__(self, document: DocumentNode) -> None:
        self._document = document
        self._features = linked_features(document)
        self._join = next((f.prefix for f in self._features if f.identity == _JOIN), "join")
        self._context = next((f.directive_name for f in self._features if f.identity == _CONTEXT), "context")

    def read(self) -> Supergraph:
        definitions = [d for d in self._document.definitions if isinstance(d, TypeDefinitionNode)]
        subgraphs = _subgraphs(definitions, self._join)
        graphs = tuple(subgraphs)
        types = {
            definition.name.value: self._type(definition, graphs)
            for definition in definitions
            if not _is_machinery(definition.name.value, self._features, self._join)
        }
        add_provided_fields(types)
        return Supergraph(subgraphs, types, _root_types(self._document, types), self._document)

    def _type(self, definition: TypeDefinitionNode, graphs: tuple[str, ...]) -> SupergraphType:
        name = definition.name.value
        joins = TypeJoins.read(definition.directives or (), self._join, graphs)
        contexts = frozenset(
            str(arguments_of(directive)["name"])
            for directive in definition.directives or ()
            if directive.name.value == self._context
        )
        match definition:
            case ObjectTypeDefinitionNode() | InterfaceTypeDefinitionNode():
                interfaces = frozenset(node.name.value for node in definition.interfaces or ())
                return SupergraphType(
                    name,
                    TypeKind.OBJECT if isinstance(definition, ObjectTypeDefinitionNode) else TypeKind.INTERFACE,
                    joins.by_graph,
                    fields=self._fields(definition.fields or (), joins),
                    interfaces=interfaces,
                    interfaces_by_graph=joins.interfaces_by_graph(interfaces),
                    contexts=contexts,
                )
            case InputObjectTypeDefinitionNode():
                fields = {
                    node.name.value: SupergraphField(
                        node.name.value, type_text := print_type_node(node.type), named_type_of(type_text), {}
                    )
                    for node in definition.fields or ()
                }
                return SupergraphType(name, TypeKind.INPUT_OBJECT, joins.by_graph, fields=fields)
            case UnionTypeDefinitionNode():
                members = frozenset(node.name.value for node in definition.types or ())
                return SupergraphType(
                    name,
                    TypeKind.UNION,
                    joins.by_graph,
                    members=members,
                    members_by_graph=joins.members_by_graph(members),
                    contexts=contexts,
                )
            case EnumTypeDefinitionNode():
                return SupergraphType(
                    name, TypeKind.ENUM, joins.by_graph, enum_values_by_graph=self._enum_values(definition, joins)
                )
            case ScalarTypeDefinitionNode():
                return SupergraphType(name, TypeKind.SCALAR, joins.by_graph)
        raise SupergraphError(f'the supergraph defines "{name}" as a kind of type that is not known')

    def _fields(self, nodes: Iterable[FieldDefinitionNode], joins: TypeJoins) -> dict[str, SupergraphField]:
        reader = SubgraphFieldReader(self._join, joins)
        nodes_by_name = {node.name.value: node for node in nodes}
        type_texts = {name: print_type_node(node.type) for name, node in nodes_by_name.items()}
        by_graph = {name: reader.read(node.directives or (), type_texts[name]) for name, node in nodes_by_name.items()}
        if joins.owner is not None:
            add_key_fields(by_graph, joins.by_graph, type_texts)
        return {
            name: SupergraphField(
                name,
                type_texts[name],
                named_type_of(type_texts[name]),
                by_graph[name],
                {argument.name.value: print_type_node(argument.type) for argument in node.arguments or ()},
            )
            for name, node in nodes_by_name.items()
        }

    def _enum_values(self, definition: EnumTypeDefinitionNode, joins: TypeJoins) -> dict[str, frozenset[str]]:
        values: dict[str, set[str]] = {graph: set() for graph in joins.by_graph}
        for value in definition.values or ():
            named = [
                str(arguments_of(directive)["graph"])
                for directive in value.directives or ()
                if directive.name.value == f"{self._join}__enumValue"
            ]
            for graph in named or joins.by_graph:
                values.setdefault(graph, set()).add(value.name.value)
        return {graph: frozenset(names) for graph, names in values.items()}


def _subgraphs(definitions: Iterable[TypeDefinitionNode], join: str) -> dict[str, Subgraph]:
    graph_enum = next((d for d in definitions if d.name.value == f"{join}__Graph"), None)
    if not isinstance(graph_enum, EnumTypeDefinitionNode):
        raise SupergraphError(
            f"this is no supergraph: the enum {join}__Graph, which names the subgraphs, is missing"
            " (a single subgraph's SDL has to be composed first)"
        )
    subgraphs = {}
    for value in graph_enum.values or ():
        directive: ConstDirectiveNode | None = next(
            (d for d in value.directives or () if d.name.value == f"{join}__graph"), None
        )
        arguments: Mapping[str, object] = arguments_of(directive) if directive else {}
        if "name" not in arguments:
            raise SupergraphError(f"the value {value.name.value} of {join}__Graph lacks @{join}__graph(name:, url:)")
        graph = value.name.value
        subgraphs[graph] = Subgraph(graph, str(arguments["name"]), str(arguments.get("url") or ""))
    return subgraphs


def _root_types(document: DocumentNode, types: Mapping[str, SupergraphType]) -> dict[str, str]:
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode):
            roots = {node.operation.value: node.type.name.value for node in definition.operation_types}
            break
    else:
        roots = {kind: name for kind, name in _DEFAULT_ROOTS.items() if name in types}
    if "query" not in roots:
        raise SupergraphError("the supergraph has no query type")
    return roots


def _is_machinery(name: str, features: tuple[LinkedFeature, ...], join: str) -> bool:
    return name.startswith(join + "__") or any(feature.owns_type(name) for feature in features)
