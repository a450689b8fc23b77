"""A schema as a whole: its types, directives and roots by name, and questions about how they belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ...specs.feature import ConstValue
from .elements import (
    UNSET,
    Directive,
    DirectiveDefinition,
    Element,
    Extension,
    Field,
    Kind,
    RootKind,
    TypeDefinition,
)
from .type_reference import TypeReference

if TYPE_CHECKING:
    from .features import LinkedFeatures


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
