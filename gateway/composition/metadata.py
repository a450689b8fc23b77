"""What federation makes of a subgraph's schema: which fields are external, shareable or used by a federation directive."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from ..specs.federation import FEDERATION_IDENTITY
from .contexts import parse_context
from .errors import InvalidSchema
from .schema import Directive, Field, Kind, LinkedFeature, Schema, TypeDefinition
from .schema.field_sets import parse_field_set
from .schema.read_selections import parse_selections
from .schema.selections import FieldOf
from .schema.type_reference import base_name

OPERATION_TYPES = ("_Any", "_Service", "_Entity")


class SubgraphMetadata:
    """Answers about one subgraph's schema; computed on first use and then kept, see `forget`."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def forget(self) -> None:
        """To be called after the schema changed."""
        kept = {"schema": self.schema}
        self.__dict__.clear()
        self.__dict__.update(kept)

    @cached_property
    def feature(self) -> LinkedFeature | None:
        """The link to federation 2; None for a subgraph of federation 1."""
        return self.schema.features.by_identity(FEDERATION_IDENTITY) if self.schema.features else None

    @cached_property
    def is_federation_2(self) -> bool:
        return self.feature is not None and self.feature.url.version.major == 2

    @cached_property
    def _names(self) -> dict[str, str]:
        return {}

    def name_of(self, directive: str) -> str:
        """The name in this schema of a directive of the federation spec."""
        name = self._names.get(directive)
        if name is None:
            name = self.feature.directive_name(directive) if self.feature else directive
            self._names[directive] = name
        return name

    def type_name_of(self, name: str) -> str:
        return self.feature.type_name(name) if self.feature else "_" + name

    def is_defined(self, directive: str) -> bool:
        return self.schema.directive(self.name_of(directive)) is not None

    def applications(self, directive: str) -> list[Directive]:
        """Where the directive is applied, in the order of the SDL; none when its version does not have it."""
        if not self.is_defined(directive):
            return []
        return list(self.schema.applications.get(self.name_of(directive), ()))

    def applied(self, element: TypeDefinition | Field, directive: str) -> list[Directive]:
        return element.applied(self.name_of(directive))

    def has(self, element: TypeDefinition | Field, directive: str) -> bool:
        return element.has(self.name_of(directive))

    def is_entity(self, type_: TypeDefinition) -> bool:
        return type_.kind in (Kind.OBJECT, Kind.INTERFACE) and self.has(type_, "key")

    def is_interface_object(self, type_: TypeDefinition) -> bool:
        return type_.is_object and self.is_defined("interfaceObject") and self.has(type_, "interfaceObject")

    def is_external(self, field: Field) -> bool:
        """Marked @external (or of a type that is), and truly so."""
        marked = self.has(field, "external") or field.coordinate in self._fields_of_external_types
        return marked and field.coordinate not in self.fake_external_fields

    def is_fake_external(self, field: Field) -> bool:
        return field.coordinate in self.fake_external_fields

    def is_partially_external(self, field: Field) -> bool:
        """External, but provided on some paths."""
        return self.is_external(field) and field.coordinate in self._provided_fields

    def is_fully_external(self, field: Field) -> bool:
        return self.is_external(field) and field.coordinate not in self._provided_fields

    def is_shareable(self, field: Field) -> bool:
        return field.coordinate in self._shareable_fields

    def is_used(self, field: Field) -> bool:
        """Whether a key, @requires, @provides, @fromContext or an interface needs the field here."""
        return field in self._used_fields

    @cached_property
    def fake_external_fields(self) -> frozenset[str]:
        """Key fields of type extensions: federation 1 asked for @external on them, although the subgraph has them."""
        found: set[str] = set()
        for key in self.applications("key"):
            type_ = key.parent
            if isinstance(type_, TypeDefinition) and (key.extension is not None or self.has(type_, "extends")):
                fields = self.target_fields(type_, key, "key")
                found.update(field.coordinate for field in fields if self.has(field, "external"))
        return frozenset(found)

    @cached_property
    def _provided_fields(self) -> frozenset[str]:
        found: set[str] = set()
        for provides in self.applications("provides"):
            type_ = self._type_of(provides.parent)
            if type_ is not None and type_.is_composite:
                fields = self.target_fields(type_, provides, "provides", with_implementations=True)
                found.update(field.coordinate for field in fields)
        return frozenset(found)

    @cached_property
    def _fields_of_external_types(self) -> frozenset[str]:
        # Federation 1 ignored @external on types.
        if not self.is_federation_2:
            return frozenset()
        types = (type_ for type_ in self.schema.types_of(Kind.OBJECT) if self.has(type_, "external"))
        return frozenset(field.coordinate for type_ in types for field in type_.fields.values())

    @cached_property
    def _shareable_fields(self) -> frozenset[str]:
        found: set[str] = set()
        for type_ in self.schema.types_of(Kind.OBJECT, Kind.INTERFACE):
            for key in self.applied(type_, "key"):
                fields = self.target_fields(type_, key, "key", with_implementations=True)
                found.update(field.coordinate for field in fields)
            if type_.is_object:
                found.update(self._marked_shareable(type_))
        return frozenset(found)

    def _marked_shareable(self, type_: TypeDefinition) -> Iterable[str]:
        on_type = self.applied(type_, "shareable") if self.is_federation_2 else []
        for field in type_.fields.values():
            is_marked = self.is_federation_2 and self.has(field, "shareable")
            # On one declaration of a type, @shareable is for the fields of that declaration only.
            if is_marked or any(directive.extension is field.extension for directive in on_type):
                yield field.coordinate
            for provides in self.applied(field, "provides"):
                provided = self._type_of(field)
                if provided is not None and provided.is_composite:
                    targets = self.target_fields(provided, provides, "provides", with_implementations=True)
                    yield from (target.coordinate for target in targets if self.is_external(target))

    @cached_property
    def _used_fields(self) -> frozenset[Field]:
        found: set[Field] = set()
        for name in ("key", "requires", "provides"):
            for directive in self.applications(name):
                type_ = self.target_type(directive, name)
                if type_ is not None and type_.is_composite:
                    found.update(self.target_fields(type_, directive, name, with_implementations=True))
        found.update(self._fields_used_from_context())
        for interface in self.schema.types_of(Kind.INTERFACE):
            for type_ in self.schema.possible_types(interface):
                found.update(type_.fields[name] for name in interface.fields if name in type_.fields)
        return frozenset(found)

    def _fields_used_from_context(self) -> Iterable[Field]:
        if not (self.is_defined("fromContext") and self.is_defined("context")):
            return []
        types_by_context: dict[object, dict[str, TypeDefinition]] = {}
        for directive in self.applications("context"):
            if isinstance(directive.parent, TypeDefinition):
                types = types_by_context.setdefault(directive.arguments.get("name"), {})
                types[directive.parent.name] = directive.parent
        found: list[Field] = []
        for directive in self.applications("fromContext"):
            context, selection = parse_context(directive.arguments.get("field"))
            for type_ in types_by_context.get(context, {}).values() if context else ():
                try:
                    parse_selections(type_, selection, self._recording(found, with_implementations=True), validate=True)
                except InvalidSchema:
                    continue  # told later, when @fromContext itself is checked
        return found

    def target_type(self, directive: Directive, name: str) -> TypeDefinition | None:
        """The type that the field set of a @key, @requires or @provides selects from."""
        parent = directive.parent
        if name == "key":
            return parent if isinstance(parent, TypeDefinition) else None
        if name == "requires":
            return parent.parent if isinstance(parent, Field) else None
        return self._type_of(parent)

    def target_fields(
        self, type_: TypeDefinition, directive: Directive, name: str, *, with_implementations: bool = False
    ) -> list[Field]:
        """The fields a field set names, as far as it can be read."""
        found: list[Field] = []
        try:
            recording = self._recording(found, with_implementations=with_implementations)
            parse_field_set(type_, directive, name, recording, validate=False)
        except InvalidSchema:
            pass  # told later, when the field set itself is checked
        return found

    def _recording(self, found: list[Field], *, with_implementations: bool) -> FieldOf:
        def access(type_: TypeDefinition, name: str) -> Field | None:
            field = type_.field(name)
            if field is not None:
                found.append(field)
                if with_implementations and type_.is_interface:
                    implementing = (known.field(name) for known in self.schema.possible_types(type_))
                    found.extend(known for known in implementing if known is not None)
            return field

        return access

    def _type_of(self, element: object) -> TypeDefinition | None:
        return self.schema.type(base_name(element.type)) if isinstance(element, Field) else None
