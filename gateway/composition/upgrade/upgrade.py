"""Upgrade federation 1 subgraphs, in steps that each undo one habit of federation 1; the order of the steps matters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from graphql.language import EnumValueNode

from ...specs.federation import AUTO_EXPANDED_VERSION, FEDERATION_1_TYPES, FEDERATION_VERSIONS
from ..error_codes import ErrorCode
from ..errors import CompositionError, InvalidSchema, error, print_subgraph_names
from ..metadata import SubgraphMetadata
from ..schema import Directive, Field, Kind, RootKind, Schema, TypeDefinition
from ..schema.complete import add_link, apply_to_schema, complete_subgraph, federation_1_type_name
from ..schema.references import referencers
from ..schema.rename import rename_type
from ..schema.type_reference import base_name
from ..schema.values import same_value
from ..subgraph import Subgraph, check_subgraph
from .clone import clone_schema
from .inactive_field_sets import remove_inactive_field_sets

TypesByName: TypeAlias = dict[str, dict[str, tuple[TypeDefinition, SubgraphMetadata]]]
"""Object and interface types of all subgraphs, by type name, then subgraph name."""


def upgrade_subgraphs(subgraphs: Sequence[Subgraph]) -> list[Subgraph]:
    """All subgraphs as federation 2 ones. Raises InvalidSchema."""
    if all(subgraph.metadata.is_federation_2 for subgraph in subgraphs):
        return list(subgraphs)
    types: TypesByName = {}
    for subgraph in subgraphs:
        for type_ in subgraph.schema.types_of(Kind.OBJECT, Kind.INTERFACE):
            types.setdefault(type_.name, {})[subgraph.name] = (type_, subgraph.metadata)
    upgraded: list[Subgraph] = []
    errors: list[CompositionError] = []
    keyed_interfaces: dict[str, list[str]] = {}
    interface_objects: dict[str, list[str]] = {}
    for subgraph in subgraphs:
        if subgraph.metadata.is_federation_2:
            upgraded.append(subgraph)
            for application in subgraph.metadata.applications("interfaceObject"):
                interface_objects.setdefault(application.parent.name, []).append(subgraph.name)
            continue
        upgrader = _Upgrader(subgraph, subgraphs, types)
        try:
            upgraded.append(upgrader.upgrade())
        except InvalidSchema as problem:
            errors.extend(problem.errors)
        else:
            for name in upgrader.keyed_interfaces:
                keyed_interfaces.setdefault(name, []).append(subgraph.name)
    for name, with_objects in interface_objects.items():
        if name in keyed_interfaces:
            concerned = {*with_objects, *keyed_interfaces[name]}
            at = [one.schema.types[name] for one in subgraphs if one.name in concerned]
            errors.append(_unresolvable_interface_object(name, with_objects, keyed_interfaces[name], at))
    if errors:
        raise InvalidSchema(errors)
    return upgraded


def _unresolvable_interface_object(
    name: str, with_objects: list[str], with_keys: list[str], at: list[TypeDefinition]
) -> CompositionError:
    return error(
        ErrorCode.INTERFACE_OBJECT_USAGE_ERROR,
        f'The @interfaceObject directive is used on type "{name}" in {print_subgraph_names(with_objects)}, which requires other'
        " subgraphs to resolve its type name via an interface @key. However, @key on an interface in a federation 1 subgraph"
        " does not mean it can fulfill the __typename-resolution requirement that @interfaceObject depends on. For"
        f" {print_subgraph_names(with_keys)}, either upgrade them to federation 2 subgraphs or remove @key from the type.",
        *at,
    )


class _Upgrader:
    """Upgrades a copy of one subgraph."""

    def __init__(self, original: Subgraph, subgraphs: Sequence[Subgraph], types: TypesByName) -> None:
        self.original = original
        self.subgraphs = subgraphs
        self.types = types
        self.schema = clone_schema(original.schema)
        self.metadata = SubgraphMetadata(self.schema)
        self.errors: list[CompositionError] = []
        self.keyed_interfaces: dict[str, None] = {}

    def upgrade(self) -> Subgraph:
        self._link_federation_2()
        self.metadata.forget()
        self._check_extensions_have_base()
        self._write_fields_as_strings()
        self._remove_external_from_interfaces_and_types()
        # Before anything that asks what is external: keys of extensions had to be marked, but never were.
        self._remove_external_from_extension_keys()
        remove_inactive_field_sets(self.metadata)
        self._turn_extensions_into_definitions()
        self._remove_directives_from_interfaces()
        self._remove_provides_of_leaves()
        # After all that removes federation directives, since those are what externals are used by.
        self.metadata.forget()
        self._remove_unused_externals()
        self._add_shareable()
        self._remove_tags_of_externals()
        if self.errors:
            raise InvalidSchema(found.in_subgraph(self.original.name) for found in self.errors)
        self.metadata.forget()
        upgraded = Subgraph(self.original.name, self.original.url, self.schema, self.metadata)
        check_subgraph(upgraded)
        return upgraded

    def _link_federation_2(self) -> None:
        for spec in FEDERATION_1_TYPES:
            type_ = self.schema.types.get(federation_1_type_name(spec.name))
            if type_ is not None:
                rename_type(self.schema, type_, f"federation__{spec.name}")
        spec_to_link = FEDERATION_VERSIONS.find(AUTO_EXPANDED_VERSION)
        assert spec_to_link is not None
        try:
            if self.schema.features is None:
                errors = add_link(self.schema, _free_link_name(self.schema))
                if errors:
                    raise InvalidSchema(errors)
            assert self.schema.features is not None
            apply_to_schema(
                self.schema,
                self.schema.features.link.alias,
                {"url": str(spec_to_link.url), "import": [f"@{name}" for name in spec_to_link.directives]},
            )
            errors = complete_subgraph(self.schema)
            if errors:
                raise InvalidSchema(errors)
        except InvalidSchema as problem:
            raise InvalidSchema(found.in_subgraph(self.original.name) for found in problem.errors) from problem

    def _external(self, field: Field) -> Directive | None:
        found = self.metadata.applied(field, "external")
        return found[0] if found else None

    def _in_other_subgraphs(self, name: str) -> list[tuple[TypeDefinition, SubgraphMetadata]]:
        return [entry for subgraph, entry in self.types.get(name, {}).items() if subgraph != self.original.name]

    def _is_federation_extension(self, type_: TypeDefinition) -> bool:
        """In federation 1, an extension without definition in the same subgraph is a type that another subgraph owns."""
        has_extends = self.metadata.has(type_, "extends")
        return (
            type_.kind in (Kind.OBJECT, Kind.INTERFACE)
            and (bool(type_.extensions) or has_extends)
            and (has_extends or not type_.has_definition_elements)
        )

    def _is_root_extension(self, type_: TypeDefinition) -> bool:
        only_extended = bool(type_.extensions) and not type_.has_definition_elements
        return self.schema.is_root(type_) and (self.metadata.has(type_, "extends") or only_extended)

    def _check_extensions_have_base(self) -> None:
        for type_ in self.schema.types.values():
            if self._is_root_extension(type_) or not self._is_federation_extension(type_):
                continue
            if any(other.has_definition_elements for other, _ in self._in_other_subgraphs(type_.name)):
                continue
            message = f'Type "{type_.name}" is an extension type, but there is no type definition for "{type_.name}" in any subgraph.'
            at = type_.extensions[0] if type_.extensions else type_
            self.errors.append(error(ErrorCode.EXTENSION_WITH_NO_BASE, message, at))

    def _write_fields_as_strings(self) -> None:
        """Federation 1 accepted a list of strings, and a word without quotes, as `fields`."""
        for name in ("key", "requires", "provides"):
            for application in self.metadata.applications(name):
                fields = application.arguments.get("fields")
                if isinstance(fields, list) and all(isinstance(field, str) for field in fields):
                    self._replace_fields(application, " ".join(fields))
                elif isinstance(fields, str) and _is_unquoted(application):
                    self._replace_fields(application, fields)

    def _replace_fields(self, application: Directive, fields: str) -> None:
        element = application.parent
        element.unapply(application)
        # Without the node, what was written is not held against it again.
        element.apply(application.name, {"fields": fields})

    def _remove_external_from_interfaces_and_types(self) -> None:
        for interface in self.schema.types_of(Kind.INTERFACE):
            for field in interface.fields.values():
                external = self._external(field)
                if external:
                    field.unapply(external)
        for type_ in self.schema.types_of(Kind.OBJECT):
            for external in self.metadata.applied(type_, "external")[:1]:
                type_.unapply(external)

    def _remove_external_from_extension_keys(self) -> None:
        for type_ in self.schema.types_of(Kind.OBJECT, Kind.INTERFACE):
            if not self._is_federation_extension(type_) and not self._is_root_extension(type_):
                continue
            names: set[str] = set()
            keys = self.metadata.applied(type_, "key")
            for key in keys:
                fields = self.metadata.target_fields(type_, key, "key")
                names.update(field.name for field in fields if field.parent is type_)
            if not keys:
                # Without a key of its own, an extension uses the first key of the subgraph that owns the type.
                for other, metadata in self._in_other_subgraphs(type_.name):
                    for key in metadata.applied(other, "key")[:1]:
                        fields = metadata.target_fields(other, key, "key")
                        names.update(field.name for field in fields if field.parent is other)
            for name in names:
                field = type_.fields.get(name)
                external = self._external(field) if field else None
                if field is not None and external is not None:
                    field.unapply(external)

    def _turn_extensions_into_definitions(self) -> None:
        for type_ in self.schema.types.values():
            if not self._is_federation_extension(type_) and not self._is_root_extension(type_):
                continue
            type_.extensions = []
            for directive in type_.directives:
                directive.extension = None
            for field in type_.fields.values():
                field.extension = None
            type_.interfaces = dict.fromkeys(type_.interfaces)

    def _remove_directives_from_interfaces(self) -> None:
        for interface in self.schema.types_of(Kind.INTERFACE):
            for key in self.metadata.applied(interface, "key"):
                self.keyed_interfaces[interface.name] = None
                interface.unapply(key)
            for field in interface.fields.values():
                for name in ("provides", "requires"):
                    for application in self.metadata.applied(field, name):
                        field.unapply(application)

    def _remove_provides_of_leaves(self) -> None:
        for type_ in self.schema.types_of(Kind.OBJECT):
            for field in type_.fields.values():
                returned = self.schema.type(base_name(field.type))
                if returned is None or not returned.is_composite:
                    for application in self.metadata.applied(field, "provides"):
                        field.unapply(application)

    def _remove_unused_externals(self) -> None:
        for type_ in self.schema.types_of(Kind.OBJECT, Kind.INTERFACE):
            for field in list(type_.fields.values()):
                if self.metadata.is_external(field) and not self.metadata.is_used(field):
                    field.remove_applications()
                    del type_.fields[field.name]
            if type_.fields:
                continue
            if self._was_referenced(type_.name):
                message = (
                    f"Type {type_.name} contains only external fields and all those fields are all unused (they do not appear in"
                    " any @key, @provides or @requires)."
                )
                self.errors.append(error(ErrorCode.TYPE_WITH_ONLY_UNUSED_EXTERNAL, message, type_))
            else:
                self.schema.remove_type(type_)

    def _was_referenced(self, name: str) -> bool:
        """Whether the original refers to the type; entities are members of `_Entity`."""
        original = self.original.schema
        type_ = original.type(name)
        is_entity = type_ is not None and type_.kind is Kind.OBJECT and self.original.metadata.has(type_, "key")
        return is_entity or any(True for _ in referencers(original, name))

    def _add_shareable(self) -> None:
        """In federation 1, value types were shared and fields of entities were whoever's resolved them."""
        shareable = self.metadata.name_of("shareable")
        for type_ in self.schema.types_of(Kind.OBJECT):
            if type_ is self.schema.root(RootKind.SUBSCRIPTION):
                continue
            others = self._in_other_subgraphs(type_.name)
            if not self.metadata.has(type_, "key") and not self.schema.is_root(type_):
                if others and not type_.has(shareable):
                    type_.apply(shareable)
                continue
            for field in type_.fields.values():
                # As nothing is marked @shareable in the original, what is shareable there are its key fields.
                if self.original.metadata.is_shareable(field) or field.has(shareable):
                    continue
                if any(_resolves(other, metadata, field.name) for other, metadata in others):
                    field.apply(shareable)

    def _remove_tags_of_externals(self) -> None:
        for application in list(self.schema.applications.get("tag", ())):
            field = application.parent
            if not isinstance(field, Field) or self._external(field) is None:
                continue
            for other, _ in self._in_other_subgraphs(field.parent.name):
                same = other.fields.get(field.name)
                if same is None or same.has("external"):
                    continue
                if any(same_value(application.arguments, tag.arguments) for tag in same.applied("tag")):
                    field.unapply(application)
                    break


def _resolves(type_: TypeDefinition, metadata: SubgraphMetadata, name: str) -> bool:
    field = type_.fields.get(name)
    return field is not None and (not metadata.is_external(field) or metadata.is_partially_external(field))


def _is_unquoted(application: Directive) -> bool:
    arguments = getattr(application.node, "arguments", None) or ()
    return any(argument.name.value == "fields" and isinstance(argument.value, EnumValueNode) for argument in arguments)


def _free_link_name(schema: Schema) -> str | None:
    if schema.directive("link") is None:
        return None
    number = 1
    while schema.directive(f"link{number}") is not None:
        number += 1
    return f"link{number}"
