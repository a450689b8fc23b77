"""Build the model of a schema from its SDL. What @link brings in is added on the way, before anything that uses it is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphql import DocumentNode, Node
from graphql.language import (
    DirectiveDefinitionNode,
    DirectiveNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
)

from ...specs.connect import CONNECT_IDENTITY
from ...specs.link import LINK_DIRECTIVE
from ..error_codes import ErrorCode
from ..errors import InvalidSchema, error, invalid
from .build_members import MemberBuilder, at_node, directive_arguments
from .complete import apply_to_schema, complete_subgraph
from .elements import (
    Extension,
    Kind,
    RootKind,
    TypeDefinition,
)
from .parse_sdl import parse_sdl
from .schema import Root, Schema

INTROSPECTION_TYPES = frozenset(
    (
        "__Schema",
        "__Directive",
        "__DirectiveLocation",
        "__Type",
        "__Field",
        "__InputValue",
        "__EnumValue",
        "__TypeKind",
    )
)

_KINDS: dict[type[Node], Kind] = {
    ScalarTypeDefinitionNode: Kind.SCALAR,
    ScalarTypeExtensionNode: Kind.SCALAR,
    ObjectTypeDefinitionNode: Kind.OBJECT,
    ObjectTypeExtensionNode: Kind.OBJECT,
    InterfaceTypeDefinitionNode: Kind.INTERFACE,
    InterfaceTypeExtensionNode: Kind.INTERFACE,
    UnionTypeDefinitionNode: Kind.UNION,
    UnionTypeExtensionNode: Kind.UNION,
    EnumTypeDefinitionNode: Kind.ENUM,
    EnumTypeExtensionNode: Kind.ENUM,
    InputObjectTypeDefinitionNode: Kind.INPUT_OBJECT,
    InputObjectTypeExtensionNode: Kind.INPUT_OBJECT,
}


def build_subgraph_schema(sdl: str, source_name: str) -> Schema:
    """The completed schema of a subgraph, not yet validated. Raises InvalidSchema."""
    return _Builder(parse_sdl(sdl, source_name)).build()


def build_plain_schema(sdl: str, source_name: str) -> Schema:
    """A schema without federation, such as an API schema; directives that it does not define are left out."""
    return _Builder(parse_sdl(sdl, source_name), is_subgraph=False).build()


@dataclass(slots=True)
class _Nodes:
    """The definitions of a document by what they define."""

    directives: list[DirectiveDefinitionNode] = field(default_factory=list)
    types: list[TypeDefinitionNode] = field(default_factory=list)
    type_extensions: list[TypeExtensionNode] = field(default_factory=list)
    schemas: list[SchemaDefinitionNode] = field(default_factory=list)
    schema_extensions: list[SchemaExtensionNode] = field(default_factory=list)


class _Builder:
    """Builds one schema, collecting errors as long as it can go on."""

    def __init__(self, document: DocumentNode, *, is_subgraph: bool = True) -> None:
        self.document = document
        self.is_subgraph = is_subgraph
        self.schema = Schema()
        self.members = MemberBuilder(self.schema, is_subgraph)
        self.errors = self.members.errors
        # Directives of the schema other than @link wait until what they need is linked.
        self.waiting: list[tuple[DirectiveNode, Extension | None]] = []

    def build(self) -> Schema:
        nodes = self._name_everything()
        for node in (*nodes.types, *nodes.type_extensions):
            if isinstance(node, EnumTypeDefinitionNode | EnumTypeExtensionNode):
                self._build_enum_values(node)
        for definition in nodes.directives:
            self._build_directive(definition)
        for schema_node in nodes.schemas:
            self._build_schema_definition(schema_node, None)
        for extension_node in nodes.schema_extensions:
            extension = Extension(extension_node)
            self.schema.extensions.append(extension)
            self._build_schema_definition(extension_node, extension)
        early = self._build_connect_inputs(nodes)

        if self.is_subgraph:
            self.errors.extend(complete_subgraph(self.schema))
        for directive, extension_ in self.waiting:
            # Not collected: what else was found is likely to be why this one is unknown.
            with at_node(directive):
                apply_to_schema(
                    self.schema, directive.name.value, directive_arguments(directive), directive, extension_
                )
        for definition in nodes.directives:
            known = self.schema.directive_definitions.get(definition.name.value)
            for argument in definition.arguments or () if known else ():
                self.members.apply_all(known.arguments[argument.name.value], argument.directives)  # type: ignore[union-attr]
        for node in nodes.types:
            if node.name.value not in early:
                self.members.build_type(node, None)
        for type_extension in nodes.type_extensions:
            if type_extension.name.value not in early:
                self.members.build_extension(type_extension)
        if self.errors:
            raise InvalidSchema(self.errors)
        return self.schema

    def _name_everything(self) -> _Nodes:
        """Add every type and directive by name, so that references work whatever the order of definitions."""
        nodes = _Nodes()
        for node in self.document.definitions:
            match node:
                case SchemaDefinitionNode():
                    nodes.schemas.append(node)
                    self.schema.is_defined = True
                case SchemaExtensionNode():
                    nodes.schema_extensions.append(node)
                case DirectiveDefinitionNode():
                    if node.name.value in self.schema.directive_definitions:
                        raise invalid(
                            ErrorCode.INVALID_GRAPHQL,
                            f'There can be only one directive named "@{node.name.value}".',
                            node,
                        )
                    nodes.directives.append(node)
                    self.schema.add_directive(node.name.value).node = node
                case TypeDefinitionNode():
                    if node.name.value not in INTROSPECTION_TYPES:
                        nodes.types.append(node)
                        self._name_type(node)
                case TypeExtensionNode():
                    if node.name.value not in INTROSPECTION_TYPES:
                        nodes.type_extensions.append(node)
                        self._name_extended_type(node)
                case _:
                    self.errors.append(
                        error(
                            ErrorCode.INVALID_GRAPHQL, "Invalid executable definition found while building schema", node
                        )
                    )
        return nodes

    def _name_type(self, node: TypeDefinitionNode) -> None:
        name = node.name.value
        type_ = self.schema.types.get(name)
        if type_ is None:
            type_ = self.schema.add_type(name, _KINDS[type(node)])
        elif type_.is_defined:
            raise invalid(ErrorCode.INVALID_GRAPHQL, f'There can be only one type named "{name}"', type_, node)
        else:
            _check_same_kind(type_, node)
        type_.is_defined = True
        type_.node = node

    def _name_extended_type(self, node: TypeExtensionNode) -> None:
        name = node.name.value
        existing = self.schema.type(name)
        if existing is None:
            self.schema.add_type(name, _KINDS[type(node)]).node = node
        elif existing.is_built_in:
            raise invalid(ErrorCode.INVALID_GRAPHQL, f'Cannot extend built-in type "{name}"', node)
        else:
            _check_same_kind(existing, node)

    def _build_enum_values(self, node: EnumTypeDefinitionNode | EnumTypeExtensionNode) -> None:
        type_ = self.schema.types[node.name.value]
        extension = None
        if isinstance(node, EnumTypeExtensionNode):
            extension = Extension(node)
            type_.extensions.append(extension)
        for value_node in node.values or ():
            value = type_.values.get(value_node.name.value) or type_.add_value(value_node.name.value)
            value.node = value_node
            value.extension = extension
            value.description = value_node.description.value if value_node.description else value.description

    def _build_directive(self, node: DirectiveDefinitionNode) -> None:
        definition = self.schema.directive_definitions[node.name.value]
        for argument in node.arguments or ():
            self.members.build_argument(argument, definition)
        definition.is_repeatable = node.repeatable
        definition.locations = tuple(dict.fromkeys(location.value for location in node.locations))
        definition.description = node.description.value if node.description else None

    def _build_schema_definition(
        self, node: SchemaDefinitionNode | SchemaExtensionNode, extension: Extension | None
    ) -> None:
        for operation in node.operation_types or ():
            name = operation.type.name.value
            kind = RootKind(operation.operation.value)
            type_ = self.schema.type(name)
            if type_ is None:
                self.members.report(f"Cannot set schema {kind} root to unknown type {name}", operation)
            elif type_.kind is not Kind.OBJECT:
                self.members.report(
                    f"{kind.default_name} root type must be an Object type{'' if kind is RootKind.QUERY else ' if provided'},"
                    f" it cannot be set to {name} (an {type_.kind}).",
                    operation,
                )
            else:
                self.schema.roots[kind] = Root(type_, extension)
        self.schema.node = node
        if isinstance(node, SchemaDefinitionNode):
            self.schema.description = node.description.value if node.description else None
        for directive in node.directives or ():
            if directive.name.value == LINK_DIRECTIVE:
                with self.members.collecting(directive):
                    apply_to_schema(
                        self.schema, directive.name.value, directive_arguments(directive), directive, extension
                    )
            else:
                self.waiting.append((directive, extension))

    def _build_connect_inputs(self, nodes: _Nodes) -> set[str]:
        """Inputs of the connect spec that the SDL spells out must be whole before they are compared with the spec."""
        feature = self.schema.features.by_identity(CONNECT_IDENTITY) if self.schema.features else None
        if feature is None or feature.spec is None:
            return set()
        names = {feature.type_name(name) for name in feature.spec.types}
        built = set()
        for node in nodes.types:
            if isinstance(node, InputObjectTypeDefinitionNode) and node.name.value in names:
                built.add(node.name.value)
                self.members.build_type(node, None)
        for extension in nodes.type_extensions:
            if isinstance(extension, InputObjectTypeExtensionNode) and extension.name.value in names:
                built.add(extension.name.value)
                self.members.build_extension(extension)
        return built


def _check_same_kind(type_: TypeDefinition, node: TypeDefinitionNode | TypeExtensionNode) -> None:
    """Objects and interfaces have the same parts, and the first kind seen wins; anything else cannot be put together."""
    kind = _KINDS[type(node)]
    if kind is type_.kind or {kind, type_.kind} == {Kind.OBJECT, Kind.INTERFACE}:
        return
    raise invalid(
        ErrorCode.INVALID_GRAPHQL, f'Cannot define "{type_.name}" as {type_.kind} and extend it as {kind}.', type_, node
    )
