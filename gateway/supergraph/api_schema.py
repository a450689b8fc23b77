"""Turn a supergraph document into the API schema: without join machinery, linked specs and everything @inaccessible."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    build_ast_schema,
    parse,
    print_schema,
)

from .linked_features import LinkedFeature, linked_features

_INACCESSIBLE = "https://specs.apollo.dev/inaccessible"
_KEPT_APPLICATIONS = frozenset({"deprecated", "specifiedBy", "oneOf"})
_DEFER = parse(
    "directive @defer(label: String, if: Boolean! = true) on FRAGMENT_SPREAD | INLINE_FRAGMENT", no_location=True
)

_Element = TypeVar("_Element", FieldDefinitionNode, InputValueDefinitionNode, EnumValueDefinitionNode)


def api_schema_from_supergraph(document: DocumentNode, *, include_defer: bool = False) -> GraphQLSchema:
    """Build the API schema; with `include_defer` it also defines @defer, so that operations with it validate."""
    definitions = _ApiDefinitions(linked_features(document)).of(document)
    if include_defer and not any(
        isinstance(definition, DirectiveDefinitionNode) and definition.name.value == "defer"
        for definition in definitions
    ):
        definitions += _DEFER.definitions
    return build_ast_schema(DocumentNode(definitions=tuple(definitions)), assume_valid=True, assume_valid_sdl=True)


def print_api_schema(document: DocumentNode) -> str:
    """The SDL of the API schema."""
    return print_schema(api_schema_from_supergraph(document))


class _ApiDefinitions:
    """Copies the definitions of a supergraph without what clients must not see."""

    def __init__(self, features: tuple[LinkedFeature, ...]) -> None:
        self._features = features
        self._inaccessible = next((f.directive_name for f in features if f.identity == _INACCESSIBLE), "inaccessible")
        self._hidden_types: frozenset[str] = frozenset()

    def of(self, document: DocumentNode) -> list[DefinitionNode]:
        types = [definition for definition in document.definitions if isinstance(definition, TypeDefinitionNode)]
        self._hidden_types = frozenset(
            type_.name.value
            for type_ in types
            if self._is_inaccessible(type_.directives)
            or any(feature.owns_type(type_.name.value) for feature in self._features)
        )
        kept: list[DefinitionNode] = []
        for definition in document.definitions:
            copy = self._copy(definition)
            if copy is not None:
                kept.append(copy)
        return kept

    def _copy(self, definition: DefinitionNode) -> DefinitionNode | None:
        match definition:
            case SchemaDefinitionNode():
                roots = tuple(op for op in definition.operation_types if op.type.name.value not in self._hidden_types)
                return SchemaDefinitionNode(description=definition.description, directives=(), operation_types=roots)
            case DirectiveDefinitionNode():
                if any(feature.owns_directive(definition.name.value) for feature in self._features):
                    return None
                return DirectiveDefinitionNode(
                    description=definition.description,
                    name=definition.name,
                    repeatable=definition.repeatable,
                    locations=definition.locations,
                    arguments=self._inputs(definition.arguments),
                )
            case TypeDefinitionNode():
                return None if definition.name.value in self._hidden_types else self._copy_type(definition)
        return None

    def _copy_type(self, definition: TypeDefinitionNode) -> TypeDefinitionNode:
        match definition:
            case ObjectTypeDefinitionNode() | InterfaceTypeDefinitionNode():
                return type(definition)(
                    description=definition.description,
                    name=definition.name,
                    interfaces=self._visible(definition.interfaces),
                    directives=_kept_applications(definition.directives),
                    fields=tuple(self._field(node) for node in self._accessible(definition.fields)),
                )
            case UnionTypeDefinitionNode():
                return UnionTypeDefinitionNode(
                    description=definition.description,
                    name=definition.name,
                    directives=_kept_applications(definition.directives),
                    types=self._visible(definition.types),
                )
            case EnumTypeDefinitionNode():
                return EnumTypeDefinitionNode(
                    description=definition.description,
                    name=definition.name,
                    directives=_kept_applications(definition.directives),
                    values=tuple(
                        EnumValueDefinitionNode(
                            description=value.description,
                            name=value.name,
                            directives=_kept_applications(value.directives),
                        )
                        for value in self._accessible(definition.values)
                    ),
                )
            case InputObjectTypeDefinitionNode():
                return InputObjectTypeDefinitionNode(
                    description=definition.description,
                    name=definition.name,
                    directives=_kept_applications(definition.directives),
                    fields=self._inputs(definition.fields),
                )
        return ScalarTypeDefinitionNode(
            description=definition.description,
            name=definition.name,
            directives=_kept_applications(definition.directives),
        )

    def _field(self, node: FieldDefinitionNode) -> FieldDefinitionNode:
        return FieldDefinitionNode(
            description=node.description,
            name=node.name,
            arguments=self._inputs(node.arguments),
            type=node.type,
            directives=_kept_applications(node.directives),
        )

    def _inputs(self, nodes: Iterable[InputValueDefinitionNode] | None) -> tuple[InputValueDefinitionNode, ...]:
        return tuple(
            InputValueDefinitionNode(
                description=node.description,
                name=node.name,
                type=node.type,
                default_value=node.default_value,
                directives=_kept_applications(node.directives),
            )
            for node in self._accessible(nodes)
        )

    def _visible(self, nodes: Iterable[NamedTypeNode] | None) -> tuple[NamedTypeNode, ...]:
        return tuple(node for node in nodes or () if node.name.value not in self._hidden_types)

    def _accessible(self, nodes: Iterable[_Element] | None) -> list[_Element]:
        return [node for node in nodes or () if not self._is_inaccessible(node.directives)]

    def _is_inaccessible(self, directives: Iterable[ConstDirectiveNode] | None) -> bool:
        return any(directive.name.value == self._inaccessible for directive in directives or ())


def _kept_applications(directives: Iterable[ConstDirectiveNode] | None) -> tuple[ConstDirectiveNode, ...]:
    return tuple(directive for directive in directives or () if directive.name.value in _KEPT_APPLICATIONS)
