"""Which elements of the API a recorded operation uses, so that a change of anything else cannot break it."""

from __future__ import annotations

from typing import Any

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLSchema,
    NamedTypeNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_abstract_type,
    visit,
)


def used_coordinates(schema: GraphQLSchema, document: DocumentNode) -> frozenset[str]:
    """Coordinates (`T`, `T.f`, `T.f(a:)`, `E.V`, `@d`); what a variable can carry counts as used."""
    type_info = TypeInfo(schema)
    collector = _Collector(schema, type_info)
    visit(document, TypeInfoVisitor(type_info, collector))
    return frozenset(collector.found)


class _Collector(Visitor):
    def __init__(self, schema: GraphQLSchema, type_info: TypeInfo) -> None:
        super().__init__()
        self.schema = schema
        self.type_info = type_info
        self.found: set[str] = set()

    def enter_field(self, node: Any, *_: Any) -> None:
        parent = self.type_info.get_parent_type()
        field = self.type_info.get_field_def()
        if parent is None or field is None:
            return
        self.found.add(f"{parent.name}.{node.name.value}")
        self._add_type(get_named_type(field.type))
        for argument in node.arguments or ():
            self.found.add(f"{parent.name}.{node.name.value}({argument.name.value}:)")

    def enter_named_type(self, node: NamedTypeNode, *_: Any) -> None:
        type_ = self.schema.get_type(node.name.value)
        if type_ is not None:
            self._add_type(type_)

    def enter_object_field(self, node: Any, *_: Any) -> None:
        parent = get_named_type(self.type_info.get_parent_input_type())
        if isinstance(parent, GraphQLInputObjectType):
            self.found.update((parent.name, f"{parent.name}.{node.name.value}"))

    def enter_enum_value(self, node: Any, *_: Any) -> None:
        type_ = get_named_type(self.type_info.get_input_type())
        if isinstance(type_, GraphQLEnumType):
            self.found.update((type_.name, f"{type_.name}.{node.value}"))

    def enter_directive(self, node: Any, *_: Any) -> None:
        self.found.add(f"@{node.name.value}")
        self.found.update(f"@{node.name.value}({argument.name.value}:)" for argument in node.arguments or ())

    def _add_type(self, type_: GraphQLNamedType) -> None:
        if type_.name in self.found:
            return
        self.found.add(type_.name)
        if isinstance(type_, GraphQLInputObjectType):
            for name, field in type_.fields.items():
                self.found.add(f"{type_.name}.{name}")
                self._add_type(get_named_type(field.type))
        elif isinstance(type_, GraphQLEnumType):
            self.found.update(f"{type_.name}.{name}" for name in type_.values)
        elif is_abstract_type(type_):
            self.found.update(possible.name for possible in self.schema.get_possible_types(type_))
