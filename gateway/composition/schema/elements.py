"""The parts of a schema: types, fields, directives and where they are applied. Mutable while a schema is built or merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from types import EllipsisType
from typing import TYPE_CHECKING, Any

from graphql import Node

from ...specs.feature import ConstValue
from .type_reference import TypeReference, is_non_null
from .values import print_value

if TYPE_CHECKING:
    from .schema import Schema

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
