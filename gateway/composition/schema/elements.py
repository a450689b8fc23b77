"""The model of a schema: types, fields, directives and where they are applied. Mutable while a schema is built or merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from types import EllipsisType
from typing import TYPE_CHECKING, Any, ClassVar

from graphql import Node

from ...specs.feature import ConstValue
from .type_reference import TypeReference, is_non_null
from .values import print_value

if TYPE_CHECKING:
    from .features import LinkedFeatures

UNSET: EllipsisType = ...
"""A default that is not given; `None` is the default `null`."""


class Kind(StrEnum):
    SCALAR = "ScalarType"
    OBJECT = "ObjectType"
    INTERFACE = "InterfaceType"
    UNION = "UnionType"
    ENUM = "EnumType"
    INPUT_OBJECT = "InputObjectType"


class RootKind(StrEnum):
    QUERY = "query"
    MUTATION = "mutation"
    SUBSCRIPTION = "subscription"

    @property
    def default_name(self) -> str:
        return self.value.capitalize()


@dataclass(slots=True, eq=False)
class Extension:
    """One `extend ...` of a type or of the schema."""

    node: Node | None


@dataclass(slots=True, eq=False)
class Directive:
    """A directive applied to an element."""

    name: str
    arguments: dict[str, ConstValue]
    parent: Element
    node: Node | None = None
    extension: Extension | None = None

    def __str__(self) -> str:
        return f"@{self.name}{self._print_arguments()}"

    def _print_arguments(self) -> str:
        given = [(name, value) for name, value in self.arguments.items() if value is not UNSET]
        if not given:
            return ""
        schema = self.parent.schema
        definition = schema.directive(self.name)
        known = definition.arguments if definition else {}
        printed = (
            f"{name}: {print_value(value, known[name].type if name in known else None, schema)}"
            for name, value in given
        )
        return "(" + ", ".join(printed) + ")"


@dataclass(slots=True, eq=False)
class Element:
    """Anything a directive can be applied to."""

    name: str
    schema: Schema
    description: str | None = field(default=None, kw_only=True)
    directives: list[Directive] = field(default_factory=list, kw_only=True)
    node: Node | None = field(default=None, kw_only=True)
    is_removed: bool = field(default=False, kw_only=True)

    @property
    def coordinate(self) -> str:
        return self.name

    def apply(
        self, name: str, arguments: dict[str, ConstValue] | None = None, *, node: Node | None = None
    ) -> Directive:
        directive = Directive(name, arguments or {}, self, node)
        self.directives.append(directive)
        self.schema.applications.setdefault(name, []).append(directive)
        return directive

    def unapply(self, directive: Directive) -> None:
        self.directives.remove(directive)
        self.schema.applications[directive.name].remove(directive)

    def applied(self, name: str | None) -> list[Directive]:
        return [directive for directive in self.directives if directive.name == name]

    def has(self, name: str | None) -> bool:
        return any(directive.name == name for directive in self.directives)

    def remove_applications(self) -> None:
        for directive in list(self.directives):
            self.unapply(directive)


@dataclass(slots=True, eq=False)
class Argument(Element):
    """An argument of a field or of a directive definition."""

    parent: Field | DirectiveDefinition
    type: TypeReference
    default: ConstValue = UNSET

    @property
    def coordinate(self) -> str:
        return f"{self.parent.coordinate}({self.name}:)"

    @property
    def is_required(self) -> bool:
        return is_non_null(self.type) and self.default is UNSET


@dataclass(slots=True, eq=False)
class Field(Element):
    """A field of an object, interface or input object; only the last has a default, and no arguments."""

    parent: TypeDefinition
    type: TypeReference = ""
    default: ConstValue = UNSET
    arguments: dict[str, Argument] = field(default_factory=dict)
    extension: Extension | None = None

    @property
    def coordinate(self) -> str:
        return f"{self.parent.name}.{self.name}"

    @property
    def is_required(self) -> bool:
        return is_non_null(self.type) and self.default is UNSET

    def add_argument(self, name: str, type: TypeReference, default: ConstValue = UNSET) -> Argument:
        argument = self.arguments[name] = Argument(name, self.schema, self, type, default)
        return argument


@dataclass(slots=True, eq=False)
class EnumValue(Element):
    parent: TypeDefinition
    extension: Extension | None = None

    @property
    def coordinate(self) -> str:
        return f"{self.parent.name}.{self.name}"


@dataclass(slots=True, eq=False)
class TypeDefinition(Element):
    """A named type with all its extensions. What a kind does not have stays empty."""

    kind: Kind
    fields: dict[str, Field] = field(default_factory=dict)
    interfaces: dict[str, Extension | None] = field(default_factory=dict)
    members: dict[str, Extension | None] = field(default_factory=dict)
    values: dict[str, EnumValue] = field(default_factory=dict)
    extensions: list[Extension] = field(default_factory=list)
    is_defined: bool = False
    """Whether there is a definition, and not only extensions."""
    is_built_in: bool = False
    _typename: Field | None = None

    @property
    def is_object(self) -> bool:
        return self.kind is Kind.OBJECT

    @property
    def is_interface(self) -> bool:
        return self.kind is Kind.INTERFACE

    @property
    def is_enum(self) -> bool:
        return self.kind is Kind.ENUM

    @property
    def is_input_object(self) -> bool:
        return self.kind is Kind.INPUT_OBJECT

    @property
    def is_composite(self) -> bool:
        return self.kind in (Kind.OBJECT, Kind.INTERFACE, Kind.UNION)

    @property
    def is_abstract(self) -> bool:
        return self.kind in (Kind.INTERFACE, Kind.UNION)

    @property
    def is_leaf(self) -> bool:
        return self.kind in (Kind.SCALAR, Kind.ENUM)

    @property
    def is_input(self) -> bool:
        return self.kind in (Kind.SCALAR, Kind.ENUM, Kind.INPUT_OBJECT)

    @property
    def has_definition_elements(self) -> bool:
        """Whether something of the type is outside of an extension."""
        if self.is_defined or any(directive.extension is None for directive in self.directives):
            return True
        parts: tuple[dict[str, Any], ...] = (self.fields, self.values)
        if any(part.extension is None for group in parts for part in group.values()):
            return True
        return any(ext is None for ext in self.interfaces.values()) or any(ext is None for ext in self.members.values())

    def field(self, name: str) -> Field | None:
        """A field that can be selected: the declared ones, and __typename."""
        found = self.fields.get(name)
        if found is None and name == "__typename" and self.is_composite:
            if self._typename is None:
                self._typename = Field("__typename", self.schema, self, "String!")
            return self._typename
        return found

    def add_field(self, name: str, type: TypeReference = "") -> Field:
        new = self.fields[name] = Field(name, self.schema, self, type)
        return new

    def add_value(self, name: str) -> EnumValue:
        new = self.values[name] = EnumValue(name, self.schema, self)
        return new

    def elements(self) -> Iterator[Element]:
        """The type and all that is declared in it."""
        yield self
        for child in self.fields.values():
            yield child
            yield from child.arguments.values()
        yield from self.values.values()


@dataclass(slots=True, eq=False)
class DirectiveDefinition(Element):
    arguments: dict[str, Argument] = field(default_factory=dict)
    locations: tuple[str, ...] = ()
    is_repeatable: bool = False
    is_built_in: bool = False

    @property
    def coordinate(self) -> str:
        return f"@{self.name}"

    @property
    def executable_locations(self) -> list[str]:
        return [location for location in self.locations if location in EXECUTABLE_LOCATIONS]

    def add_argument(self, name: str, type: TypeReference, default: ConstValue = UNSET) -> Argument:
        argument = self.arguments[name] = Argument(name, self.schema, self, type, default)
        return argument


EXECUTABLE_LOCATIONS = frozenset(
    (
        "QUERY",
        "MUTATION",
        "SUBSCRIPTION",
        "FIELD",
        "FRAGMENT_DEFINITION",
        "FRAGMENT_SPREAD",
        "INLINE_FRAGMENT",
        "VARIABLE_DEFINITION",
    )
)


@dataclass(slots=True, eq=False)
class Root:
    type: TypeDefinition
    extension: Extension | None = None


class Schema(Element):
    """A whole schema. As an element it is the `schema { ... }` definition."""

    BUILT_IN_SCALARS: ClassVar[tuple[str, ...]] = ("Int", "Float", "String", "Boolean", "ID")

    def __init__(self) -> None:
        super().__init__("schema", self)
        self.types: dict[str, TypeDefinition] = {}
        self.directive_definitions: dict[str, DirectiveDefinition] = {}
        self.applications: dict[str, list[Directive]] = {}
        self.roots: dict[RootKind, Root] = {}
        self.extensions: list[Extension] = []
        self.is_defined = False
        self.features: LinkedFeatures | None = None
        self._implementations: dict[str, list[TypeDefinition]] | None = None
        self.built_in_types = {
            name: TypeDefinition(name, self, Kind.SCALAR, is_built_in=True, is_defined=True)
            for name in self.BUILT_IN_SCALARS
        }
        self.built_in_directives = _built_in_directives(self)

    def type(self, name: str) -> TypeDefinition | None:
        return self.types.get(name) or self.built_in_types.get(name)

    def directive(self, name: str) -> DirectiveDefinition | None:
        return self.directive_definitions.get(name) or self.built_in_directives.get(name)

    def all_types(self) -> list[TypeDefinition]:
        """Built-in scalars that are not declared again, then the types."""
        built_in = [type_ for name, type_ in self.built_in_types.items() if name not in self.types]
        return built_in + list(self.types.values())

    def all_directives(self) -> list[DirectiveDefinition]:
        built_in = [known for name, known in self.built_in_directives.items() if name not in self.directive_definitions]
        return built_in + list(self.directive_definitions.values())

    def types_of(self, *kinds: Kind) -> list[TypeDefinition]:
        return [type_ for type_ in self.types.values() if type_.kind in kinds]

    def add_type(self, name: str, kind: Kind) -> TypeDefinition:
        new = self.types[name] = TypeDefinition(name, self, kind)
        # A type of a root's default name becomes that root, unless the schema says otherwise.
        for root in RootKind:
            if kind is Kind.OBJECT and name == root.default_name and root not in self.roots:
                self.roots[root] = Root(new)
        return new

    def add_directive(self, name: str) -> DirectiveDefinition:
        new = self.directive_definitions[name] = DirectiveDefinition(name, self)
        return new

    def root(self, kind: RootKind) -> TypeDefinition | None:
        found = self.roots.get(kind)
        return found.type if found else None

    def is_root(self, type_: TypeDefinition) -> bool:
        return any(root.type is type_ for root in self.roots.values())

    def implementations(self, interface: str) -> list[TypeDefinition]:
        """Objects and interfaces that say they implement it."""
        if self._implementations is None:
            self._implementations = {}
            for type_ in self.types.values():
                for name in type_.interfaces:
                    self._implementations.setdefault(name, []).append(type_)
        return self._implementations.get(interface, [])

    def forget_implementations(self) -> None:
        """To be called after `interfaces` of a type, or the types, changed."""
        self._implementations = None

    def possible_types(self, type_: TypeDefinition) -> list[TypeDefinition]:
        """The object types a value of this composite type can have."""
        if type_.kind is Kind.INTERFACE:
            return [found for found in self.implementations(type_.name) if found.is_object]
        if type_.kind is Kind.UNION:
            return [found for found in map(self.types.get, type_.members) if found is not None]
        return [type_]

    def element(self, coordinate: str) -> Element | None:
        """The element of a coordinate: `T`, `T.f`, `T.f(a:)`, `E.V`, `@d`, `@d(a:)`."""
        path, _, argument = coordinate.removesuffix(":)").partition("(")
        if path.startswith("@"):
            definition = self.directive(path[1:])
            return definition.arguments.get(argument) if definition and argument else definition
        type_name, _, member = path.partition(".")
        type_ = self.type(type_name)
        if type_ is None or not member:
            return type_
        found = type_.fields.get(member) or type_.values.get(member)
        return found.arguments.get(argument) if argument and isinstance(found, Field) else found

    def remove_type(self, type_: TypeDefinition) -> None:
        for element in type_.elements():
            element.remove_applications()
            element.is_removed = True
        del self.types[type_.name]
        for kind in [kind for kind, root in self.roots.items() if root.type is type_]:
            del self.roots[kind]
        self._implementations = None

    def remove_directive_definition(self, definition: DirectiveDefinition) -> None:
        definition.is_removed = True
        del self.directive_definitions[definition.name]

    def is_direct_subtype(self, abstract: str, name: str) -> bool:
        """Whether `name` is a member of, or implements, `abstract`."""
        found = self.types.get(abstract)
        if found is None:
            return False
        if found.kind is Kind.UNION:
            return name in found.members
        candidate = self.types.get(name)
        return candidate is not None and abstract in candidate.interfaces


def _built_in_directives(schema: Schema) -> dict[str, DirectiveDefinition]:
    def define(
        name: str, locations: tuple[str, ...], *arguments: tuple[str, TypeReference, ConstValue]
    ) -> DirectiveDefinition:
        definition = DirectiveDefinition(name, schema, locations=locations, is_built_in=True)
        for argument, type_, default in arguments:
            definition.add_argument(argument, type_, default)
        return definition

    selections = ("FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT")
    deprecable = ("FIELD_DEFINITION", "ENUM_VALUE", "ARGUMENT_DEFINITION", "INPUT_FIELD_DEFINITION")
    label = ("label", "String", UNSET)
    definitions = (
        define("include", selections, ("if", "Boolean!", UNSET)),
        define("skip", selections, ("if", "Boolean!", UNSET)),
        define("deprecated", deprecable, ("reason", "String", "No longer supported")),
        define("specifiedBy", ("SCALAR",), ("url", "String!", UNSET)),
        define("defer", selections[1:], label, ("if", "Boolean!", True)),
        define("stream", ("FIELD",), label, ("initialCount", "Int", 0), ("if", "Boolean!", True)),
    )
    return {definition.name: definition for definition in definitions}
