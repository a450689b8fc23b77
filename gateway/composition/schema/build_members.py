"""Build what types hold, once all types are named: fields, arguments, values, members, and what is applied to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from graphql import Node
from graphql.language import (
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
    TypeDefinitionNode,
    TypeExtensionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
)

from ...specs.federation import FEDERATION_IDENTITY
from ..error_codes import ErrorCode
from ..errors import CompositionError, InvalidSchema, error, invalid
from .complete import apply_to_schema, unknown_directive
from .elements import (
    UNSET,
    Argument,
    DirectiveDefinition,
    Element,
    EnumValue,
    Extension,
    Field,
    Kind,
    RootKind,
    TypeDefinition,
)
from .schema import Schema
from .type_reference import TypeReference, base_name
from .values import value_from_node

OPERATION_FIELDS = ("_service", "_entities")
"""What federation itself adds to the Query of a subgraph."""


@dataclass(slots=True)
class MemberBuilder:
    """Adds to a schema, collecting errors as long as it can go on."""

    schema: Schema
    is_subgraph: bool
    errors: list[CompositionError] = field(default_factory=list)

    def build_extension(self, node: TypeExtensionNode) -> None:
        type_ = self.schema.types[node.name.value]
        if isinstance(node, EnumTypeExtensionNode):
            extension = next(found for found in type_.extensions if found.node is node)
        else:
            extension = Extension(node)
            type_.extensions.append(extension)
        self.build_type(node, extension)

    def build_type(self, node: TypeDefinitionNode | TypeExtensionNode, extension: Extension | None) -> None:
        type_ = self.schema.types[node.name.value]
        match node:
            case EnumTypeDefinitionNode() | EnumTypeExtensionNode():
                for value in node.values or ():
                    self.apply_all(type_.values[value.name.value], value.directives)
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
            self.apply_all(self.build_argument(argument, new), argument.directives)
        self.apply_all(new, node.directives)
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
        self.apply_all(new, node.directives)
        new.description = node.description.value if node.description else None

    def build_argument(self, node: InputValueDefinitionNode, parent: Field | DirectiveDefinition) -> Argument:
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
            self.report(
                f'The type of "{element.coordinate}" must be {wanted} Type but got "{reference}", a {type_.kind}.', at
            )
        return reference

    def _build_implements(self, type_: TypeDefinition, node: NamedTypeNode, extension: Extension | None) -> None:
        name = node.name.value
        interface = self.schema.type(name)
        if name in type_.interfaces:
            self.report(f'Type "{type_.name}" can only implement "{name}" once.', node)
        elif interface is None:
            self.report(f"Cannot implement unknown type {name}", node)
        elif not interface.is_interface:
            self.report(f"Cannot implement non-interface type {name} (of type {interface.kind})", node)
        else:
            type_.interfaces[name] = extension
            self.schema.forget_implementations()

    def _build_member(self, type_: TypeDefinition, node: NamedTypeNode, extension: Extension | None) -> None:
        name = node.name.value
        member = self.schema.type(name)
        if name in type_.members:
            self.report(f'Union type "{type_.name}" can only include type "{name}" once.', node)
        elif member is None:
            self.report(f"Cannot add unknown type {name} as member of union type {type_.name}", node)
        elif not member.is_object:
            self.report(
                f"Cannot add non-object type {name} (of type {member.kind}) as member of union type {type_.name}", node
            )
        else:
            type_.members[name] = extension

    def apply_all(self, element: Element, nodes: tuple[DirectiveNode, ...] | None) -> None:
        for node in nodes or ():
            self._apply(element, node, None)

    def _apply(self, element: Element | EnumValue, node: DirectiveNode, extension: Extension | None) -> None:
        with self.collecting(node):
            if element is self.schema:
                apply_to_schema(self.schema, node.name.value, directive_arguments(node), node, extension)
                return
            name = node.name.value
            if self.schema.directive(name) is None:
                if not self.is_subgraph:
                    return
                raise unknown_directive(self.schema, name)
            element.apply(name, directive_arguments(node), node=node).extension = extension

    def report(self, message: str, *at: object) -> None:
        self.errors.append(error(ErrorCode.INVALID_GRAPHQL, message, *at))

    @contextmanager
    def collecting(self, node: Node) -> Iterator[None]:
        """Collect errors raised inside, with the node they happened at."""
        try:
            with at_node(node):
                yield
        except InvalidSchema as problem:
            self.errors.extend(problem.errors)


@contextmanager
def at_node(node: Node) -> Iterator[None]:
    """Let errors raised inside tell the node they happened at."""
    try:
        yield
    except InvalidSchema as problem:
        raise InvalidSchema(
            CompositionError(found.code, found.message, (node, *found.nodes), found.subgraph)
            for found in problem.errors
        ) from problem


def directive_arguments(node: DirectiveNode) -> dict[str, object]:
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
