"""Build the model of a schema from its SDL. What @link brings in is added on the way, before anything that uses it is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from graphql import DocumentNode, GraphQLSyntaxError, Node, Source, parse
from graphql.language import (
    DirectiveDefinitionNode,
    DirectiveNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
)

from ...specs.connect import CONNECT_IDENTITY
from ...specs.federation import FEDERATION_IDENTITY
from ...specs.link import LINK_DIRECTIVE
from ..error_codes import ErrorCode
from ..errors import CompositionError, InvalidSchema, error, invalid
from ..locations import node_at
from .complete import apply_to_schema, complete_subgraph, unknown_directive
from .elements import (
    UNSET,
    Argument,
    DirectiveDefinition,
    Element,
    EnumValue,
    Extension,
    Field,
    Kind,
    Root,
    RootKind,
    Schema,
    TypeDefinition,
)
from .type_reference import TypeReference, base_name
from .values import value_from_node

OPERATION_FIELDS = ("_service", "_entities")
"""What federation itself adds to the Query of a subgraph."""

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


def parse_sdl(sdl: str, source_name: str) -> DocumentNode:
    """Raises InvalidSchema, also for what is nested too deeply to be parsed."""
    try:
        return parse(Source(sdl, source_name))
    except GraphQLSyntaxError as problem:
        # A syntax error has a position but no node.
        at = tuple(node_at(problem.source, position) for position in problem.positions or ()) if problem.source else ()
        raise InvalidSchema([CompositionError(ErrorCode.INVALID_GRAPHQL, problem.message, at)]) from problem
    except RecursionError as problem:
        raise invalid(ErrorCode.INVALID_GRAPHQL, "Syntax Error: the document is nested too deeply.") from problem


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
        self.errors: list[CompositionError] = []
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
            apply_to_schema(self.schema, directive.name.value, _arguments(directive), directive, extension_)
        for definition in nodes.directives:
            known = self.schema.directive_definitions.get(definition.name.value)
            for argument in definition.arguments or () if known else ():
                self._apply_all(known.arguments[argument.name.value], argument.directives)  # type: ignore[union-attr]
        for node in nodes.types:
            if node.name.value not in early:
                self._build_type(node, None)
        for type_extension in nodes.type_extensions:
            if type_extension.name.value not in early:
                self._build_extension(type_extension)
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
            self._build_argument(argument, definition)
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
                self._report(f"Cannot set schema {kind} root to unknown type {name}", operation)
            elif type_.kind is not Kind.OBJECT:
                self._report(
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
                with self._collecting(directive):
                    apply_to_schema(self.schema, directive.name.value, _arguments(directive), directive, extension)
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
                self._build_type(node, None)
        for extension in nodes.type_extensions:
            if isinstance(extension, InputObjectTypeExtensionNode) and extension.name.value in names:
                built.add(extension.name.value)
                self._build_extension(extension)
        return built

    def _build_extension(self, node: TypeExtensionNode) -> None:
        type_ = self.schema.types[node.name.value]
        if isinstance(node, EnumTypeExtensionNode):
            extension = next(found for found in type_.extensions if found.node is node)
        else:
            extension = Extension(node)
            type_.extensions.append(extension)
        self._build_type(node, extension)

    def _build_type(self, node: TypeDefinitionNode | TypeExtensionNode, extension: Extension | None) -> None:
        type_ = self.schema.types[node.name.value]
        match node:
            case EnumTypeDefinitionNode() | EnumTypeExtensionNode():
                for value in node.values or ():
                    self._apply_all(type_.values[value.name.value], value.directives)
            case (
                ObjectTypeDefinitionNode()
                | ObjectTypeExtensionNode()
                | InterfaceTypeDefinitionNode()
                | InterfaceTypeExtensionNode()
            ):
                for field_node in node.fields or ():
                    self._build_field(type_, field_node, extension)
                for interface in node.interfaces or ():
                    self._build_implements(type_, interface, extension)
            case UnionTypeDefinitionNode() | UnionTypeExtensionNode():
                for member in node.types or ():
                    self._build_member(type_, member, extension)
            case InputObjectTypeDefinitionNode() | InputObjectTypeExtensionNode():
                for input_node in node.fields or ():
                    self._build_input_field(type_, input_node, extension)
        for directive in node.directives or ():
            self._apply(type_, directive, extension)
        description = getattr(node, "description", None)
        if description is not None:
            type_.description = description.value

    def _build_field(self, type_: TypeDefinition, node: FieldDefinitionNode, extension: Extension | None) -> None:
        name = node.name.value
        if name in OPERATION_FIELDS and self._ignores_operation_fields(type_):
            return
        if name in type_.fields:
            raise invalid(ErrorCode.INVALID_GRAPHQL, f"Field {name} already exists on {type_.name}", node)
        new = type_.add_field(name)
        new.extension = extension
        new.node = node
        new.type = self._reference(node.type, new, node, is_input=False)
        for argument in node.arguments or ():
            self._apply_all(self._build_argument(argument, new), argument.directives)
        self._apply_all(new, node.directives)
        new.description = node.description.value if node.description else None

    def _ignores_operation_fields(self, type_: TypeDefinition) -> bool:
        """Federation 1 subgraphs may spell out _entities, even with types they do not define: federation adds it anyway."""
        features = self.schema.features
        is_federation_2 = features is not None and features.by_identity(FEDERATION_IDENTITY) is not None
        return self.schema.root(RootKind.QUERY) is type_ and not is_federation_2

    def _build_input_field(
        self, type_: TypeDefinition, node: InputValueDefinitionNode, extension: Extension | None
    ) -> None:
        name = node.name.value
        if name in type_.fields:
            raise invalid(ErrorCode.INVALID_GRAPHQL, f"Field {name} already exists on {type_.name}", node)
        new = type_.add_field(name)
        new.extension = extension
        new.node = node
        new.type = self._reference(node.type, new, node, is_input=True)
        if node.default_value is not None:
            new.default = value_from_node(node.default_value)
        self._apply_all(new, node.directives)
        new.description = node.description.value if node.description else None

    def _build_argument(self, node: InputValueDefinitionNode, parent: Field | DirectiveDefinition) -> Argument:
        name = node.name.value
        if name in parent.arguments and isinstance(parent, DirectiveDefinition):
            raise invalid(ErrorCode.INVALID_GRAPHQL, f"Argument {name} already exists on field {parent.name}", node)
        # Some generators repeat arguments of fields; as in the reference, the last one counts.
        new = parent.arguments.get(name) or parent.add_argument(name, "")
        new.node = node
        new.default = UNSET
        new.type = self._reference(node.type, new, node, is_input=True)
        if node.default_value is not None:
            new.default = value_from_node(node.default_value)
        new.description = node.description.value if node.description else None
        return new

    def _reference(self, node: TypeNode, element: Field | Argument, at: Node, *, is_input: bool) -> TypeReference:
        reference = _type_reference(node)
        type_ = self.schema.type(base_name(reference))
        if type_ is None:
            raise invalid(ErrorCode.INVALID_GRAPHQL, f"Unknown type {base_name(reference)}", node)
        fits = type_.is_input if is_input else type_.kind is not Kind.INPUT_OBJECT
        if not fits:
            wanted = "Input" if is_input else "Output"
            self._report(
                f'The type of "{element.coordinate}" must be {wanted} Type but got "{reference}", a {type_.kind}.', at
            )
        return reference

    def _build_implements(self, type_: TypeDefinition, node: NamedTypeNode, extension: Extension | None) -> None:
        name = node.name.value
        interface = self.schema.type(name)
        if name in type_.interfaces:
            self._report(f'Type "{type_.name}" can only implement "{name}" once.', node)
        elif interface is None:
            self._report(f"Cannot implement unknown type {name}", node)
        elif not interface.is_interface:
            self._report(f"Cannot implement non-interface type {name} (of type {interface.kind})", node)
        else:
            type_.interfaces[name] = extension
            self.schema.forget_implementations()

    def _build_member(self, type_: TypeDefinition, node: NamedTypeNode, extension: Extension | None) -> None:
        name = node.name.value
        member = self.schema.type(name)
        if name in type_.members:
            self._report(f'Union type "{type_.name}" can only include type "{name}" once.', node)
        elif member is None:
            self._report(f"Cannot add unknown type {name} as member of union type {type_.name}", node)
        elif not member.is_object:
            self._report(
                f"Cannot add non-object type {name} (of type {member.kind}) as member of union type {type_.name}", node
            )
        else:
            type_.members[name] = extension

    def _apply_all(self, element: Element, nodes: tuple[DirectiveNode, ...] | None) -> None:
        for node in nodes or ():
            self._apply(element, node, None)

    def _apply(self, element: Element | EnumValue, node: DirectiveNode, extension: Extension | None) -> None:
        with self._collecting(node):
            if element is self.schema:
                apply_to_schema(self.schema, node.name.value, _arguments(node), node, extension)
                return
            name = node.name.value
            if self.schema.directive(name) is None:
                if not self.is_subgraph:
                    return
                raise unknown_directive(self.schema, name)
            element.apply(name, _arguments(node), node=node).extension = extension

    def _report(self, message: str, *at: object) -> None:
        self.errors.append(error(ErrorCode.INVALID_GRAPHQL, message, *at))

    @contextmanager
    def _collecting(self, node: Node) -> Iterator[None]:
        """Collect errors raised inside, with the node they happened at."""
        try:
            yield
        except InvalidSchema as problem:
            self.errors.extend(
                CompositionError(found.code, found.message, (node, *found.nodes), found.subgraph)
                for found in problem.errors
            )


def _check_same_kind(type_: TypeDefinition, node: TypeDefinitionNode | TypeExtensionNode) -> None:
    """Objects and interfaces have the same parts, and the first kind seen wins; anything else cannot be put together."""
    kind = _KINDS[type(node)]
    if kind is type_.kind or {kind, type_.kind} == {Kind.OBJECT, Kind.INTERFACE}:
        return
    raise invalid(
        ErrorCode.INVALID_GRAPHQL, f'Cannot define "{type_.name}" as {type_.kind} and extend it as {kind}.', type_, node
    )


def _arguments(node: DirectiveNode) -> dict[str, object]:
    return {argument.name.value: value_from_node(argument.value) for argument in node.arguments or ()}


def _type_reference(node: TypeNode) -> TypeReference:
    match node:
        case NonNullTypeNode():
            return _type_reference(node.type) + "!"
        case ListTypeNode():
            return f"[{_type_reference(node.type)}]"
        case NamedTypeNode():
            return node.name.value
    raise TypeError(node)
