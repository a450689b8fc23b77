"""Which specs a schema links, and under which names their elements appear in it.

A spec linked as `federation` with `import: ["@key"]` has the directive @key; what is not imported has a prefix:
`federation__Scope`. Two links must never claim the same name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ...specs import FeatureSpec, FeatureUrl, FeatureVersion, find_spec
from ...specs.federation import FEDERATION_IDENTITY
from ...specs.inaccessible import INACCESSIBLE_IDENTITY
from ...specs.tag import TAG_IDENTITY
from ..error_codes import ErrorCode
from ..errors import CompositionError, InvalidSchema, error, invalid
from .elements import Directive, DirectiveDefinition, TypeDefinition
from .references import referencing_elements
from .schema import Schema

# Supergraphs of old have dots and dashes in aliases; their elements can only be used by import.
_ALIAS = re.compile(r"[_A-Za-z][_0-9A-Za-z.-]*")
_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")


@dataclass(frozen=True, slots=True)
class Import:
    """One entry of `import:`; directives have their @ in both names."""

    name: str
    alias: str | None = None

    @property
    def name_in_schema(self) -> str:
        return self.alias or self.name

    @property
    def is_directive(self) -> bool:
        return self.name.startswith("@")

    def __str__(self) -> str:
        return f'"{self.name}"' if self.name_in_schema == self.name else f'"{self.name}" as "{self.alias}"'


@dataclass(frozen=True, slots=True, eq=False)
class LinkedFeature:
    """A spec that the schema links."""

    url: FeatureUrl
    alias: str
    imports: tuple[Import, ...] = ()
    directive: Directive | None = None

    def directive_name(self, name: str) -> str:
        """The name in the schema of a directive of the spec."""
        return directive_name_in_schema(self.url, self.alias, self.imports, name)

    def type_name(self, name: str) -> str:
        found = next((item for item in self.imports if item.name == name), None)
        return found.name_in_schema if found else f"{self.alias}__{name}"

    @property
    def spec(self) -> FeatureSpec | None:
        return find_spec(self.url)

    @property
    def minimum_federation_version(self) -> FeatureVersion | None:
        spec = self.spec
        return spec.minimum_federation_version if spec else None

    def owns(self, element: TypeDefinition | DirectiveDefinition) -> bool:
        is_directive = isinstance(element, DirectiveDefinition)
        if element.name.startswith(self.alias + "__") or (is_directive and element.name == self.alias):
            return True
        name = "@" + element.name if is_directive else element.name
        return any(item.name_in_schema == name for item in self.imports)


@dataclass(frozen=True, slots=True)
class Source:
    """Where an element comes from; the name in the spec is None when an import under another name shadows it."""

    feature: LinkedFeature
    name_in_spec: str | None
    is_imported: bool


def directive_name_in_schema(url: FeatureUrl, alias: str, imports: Iterable[Import], name: str) -> str:
    for item in imports:
        if item.name == "@" + name:
            return item.name_in_schema[1:]
    return alias if name == url.name else f"{alias}__{name}"


def split_prefix(name: str) -> tuple[str, str] | None:
    """("federation", "Scope") of `federation__Scope`."""
    prefix, separator, rest = name.partition("__")
    return (prefix, rest) if separator else None


class LinkedFeatures:
    """All the links of one schema, kept free of conflicting names."""

    def __init__(self, link: LinkedFeature) -> None:
        self.link = link
        self._by_alias: dict[str, LinkedFeature] = {}
        self._by_identity: dict[str, LinkedFeature] = {}
        self._by_import: dict[str, tuple[LinkedFeature, Import]] = {}
        # An import may use the prefix of a spec that is not linked; if that spec is linked later, both are in conflict.
        self._imports_by_foreign_prefix: dict[str, str] = {}
        self.add(link)

    def all(self) -> list[LinkedFeature]:
        return list(self._by_identity.values())

    def by_identity(self, identity: str) -> LinkedFeature | None:
        return self._by_identity.get(identity)

    def add(self, feature: LinkedFeature) -> None:
        """Raises InvalidSchema when the alias or an import is taken, or could be mistaken for another spec's element."""
        if feature.url.identity in self._by_identity:
            raise _link_error(
                f'Cannot link feature "{feature.url.identity}" since it has already been linked in the schema.'
            )
        self._check_alias(feature)
        names: dict[str, str] = {}
        for item in feature.imports:
            self._check_import_name(feature, item)
            earlier = names.setdefault(item.name, item.name_in_schema)
            if earlier != item.name_in_schema:
                raise _import_error(
                    feature, item, f'it was previously imported as "{earlier}". Please remove one of these imports.'
                )
            known = self._by_import.setdefault(item.name_in_schema, (feature, item))
            self._check_same_import(feature, item, *known)
        self._by_alias[feature.alias] = feature
        self._by_identity[feature.url.identity] = feature

    def _check_alias(self, feature: LinkedFeature) -> None:
        identity, alias = feature.url.identity, feature.alias
        prefix = f'Cannot link feature "{identity}" as "{alias}" since it'
        rename = 'Please rename to a compliant name via "as".'
        if "__" in alias and not _is_tolerated_alias(feature):
            raise _link_error(f'{prefix} contains "__". {rename}')
        if alias.endswith("_"):
            raise _link_error(f'{prefix} ends in "_". {rename}')
        if not _ALIAS.fullmatch(alias):
            raise _link_error(f"{prefix} is not a valid GraphQL name. {rename}")
        for name in (self._imports_by_foreign_prefix.get(alias), "@" + alias):
            known = self._by_import.get(name) if name else None
            if known:
                self._prefer_federation(known[0].url.identity, identity)
                raise _confusing_import(known[0], known[1], identity)
        known_feature = self._by_alias.get(alias)
        if known_feature:
            self._prefer_federation(known_feature.url.identity, identity)
            raise _link_error(
                f'Cannot link feature {identity} as "{alias}" since another feature "{known_feature.url.identity}" already'
                ' uses that alias. Please rename the feature to avoid conflicts via "as".'
            )

    def _check_import_name(self, feature: LinkedFeature, item: Import) -> None:
        name = item.name.removeprefix("@")
        in_schema = item.name_in_schema[1:] if item.is_directive else item.name_in_schema
        split = split_prefix(in_schema)
        if split:
            prefix, rest = split
            if prefix == feature.alias:
                if rest != name:
                    raise _misleading_import(feature, item, "@" + rest if item.is_directive else rest)
            elif other := self._by_alias.get(prefix):
                self._prefer_federation(other.url.identity, feature.url.identity)
                raise _confusing_import(feature, item, other.url.identity)
            else:
                self._imports_by_foreign_prefix.setdefault(prefix, item.name_in_schema)
        if item.is_directive:
            if in_schema == feature.alias:
                if name != feature.url.name:
                    raise _misleading_import(feature, item, "@" + feature.url.name)
            elif other := self._by_alias.get(in_schema):
                self._prefer_federation(other.url.identity, feature.url.identity)
                raise _confusing_import(feature, item, other.url.identity)

    def _check_same_import(self, feature: LinkedFeature, item: Import, other: LinkedFeature, known: Import) -> None:
        rename = 'Please rename the import to avoid conflicts via "as".'
        if other.url.identity != feature.url.identity:
            self._prefer_federation(other.url.identity, feature.url.identity)
            raise _import_error(
                feature, item, f'it was previously imported from feature "{other.url.identity}". {rename}'
            )
        if known.name != item.name:
            raise _import_error(feature, item, f'it was previously imported for "{known.name}". {rename}')

    @staticmethod
    def _prefer_federation(one: str, other: str) -> None:
        """@tag and @inaccessible belong to the federation spec in subgraphs; their own specs are for supergraphs."""
        if FEDERATION_IDENTITY not in (one, other):
            return
        for identity, name in ((TAG_IDENTITY, "tag"), (INACCESSIBLE_IDENTITY, "inaccessible")):
            if identity in (one, other):
                raise _link_error(
                    f'Please import "@{name}" from the feature "{FEDERATION_IDENTITY}" instead of using "{identity}"'
                    " to avoid potential unexpected behavior in the future."
                )

    def source_of(self, element: DirectiveDefinition | Directive | TypeDefinition) -> Source | None:
        return self.source_of_name(element.name, is_directive=not isinstance(element, TypeDefinition))

    def source_of_name(self, name: str, *, is_directive: bool) -> Source | None:
        known = self._by_import.get("@" + name if is_directive else name)
        if known:
            return Source(known[0], known[1].name.removeprefix("@") if is_directive else known[1].name, True)
        default = self._default_source(name, is_directive)
        if default is None:
            return None
        feature, name_in_spec = default
        is_shadowed = _import_of(feature, name_in_spec, is_directive) is not None
        return Source(feature, None if is_shadowed else name_in_spec, False)

    def _default_source(self, name: str, is_directive: bool) -> tuple[LinkedFeature, str] | None:
        split = split_prefix(name)
        if split and split[0] in self._by_alias:
            return self._by_alias[split[0]], split[1]
        feature = self._by_alias.get(name) if is_directive else None
        return (feature, feature.url.name) if feature else None

    def shadowing_errors(self, schema: Schema) -> list[CompositionError]:
        """An error for each element that is used under its default name although it is imported under another one."""
        errors = []
        elements: list[TypeDefinition | DirectiveDefinition] = [*schema.all_types(), *schema.all_directives()]
        for element in elements:
            shadow = self._shadowing_import(element)
            if shadow is None or not self._is_used(schema, element):
                continue
            feature, item = shadow
            errors.append(
                error(
                    ErrorCode.INVALID_LINK_DIRECTIVE_USAGE,
                    f'Cannot import {item} from feature "{feature.url.identity}" since there\'s a used definition for the'
                    f' namespaced name "{element.coordinate}". Please switch usages of the namespaced name to the import'
                    " name and remove the definition.",
                    element,
                )
            )
        return errors

    def _shadowing_import(self, element: TypeDefinition | DirectiveDefinition) -> tuple[LinkedFeature, Import] | None:
        is_directive = isinstance(element, DirectiveDefinition)
        default = self._default_source(element.name, is_directive)
        if default is None:
            return None
        item = _import_of(default[0], default[1], is_directive)
        written = "@" + element.name if is_directive else element.name
        return (default[0], item) if item and item.name_in_schema != written else None

    def _is_used(self, schema: Schema, element: TypeDefinition | DirectiveDefinition) -> bool:
        if isinstance(element, DirectiveDefinition):
            return bool(schema.applications.get(element.name))
        if schema.is_root(element):
            return True
        return any(self._shadowing_import(found) is None for found in referencing_elements(schema, element.name))


def _import_of(feature: LinkedFeature, name_in_spec: str, is_directive: bool) -> Import | None:
    name = "@" + name_in_spec if is_directive else name_in_spec
    return next((item for item in feature.imports if item.name == name), None)


def _is_tolerated_alias(feature: LinkedFeature) -> bool:
    tolerated = {TAG_IDENTITY: "federation__tag", INACCESSIBLE_IDENTITY: "federation__inaccessible"}
    return tolerated.get(feature.url.identity) == feature.alias and not feature.imports


def is_plain_name(alias: str) -> bool:
    return _NAME.fullmatch(alias) is not None


def _link_error(message: str) -> InvalidSchema:
    return invalid(ErrorCode.INVALID_LINK_DIRECTIVE_USAGE, message)


def _import_error(feature: LinkedFeature, item: Import, reason: str) -> InvalidSchema:
    return _link_error(f'Cannot import {item} from feature "{feature.url.identity}" since {reason}')


def _confusing_import(feature: LinkedFeature, item: Import, other_identity: str) -> InvalidSchema:
    return _import_error(
        feature,
        item,
        f'it can be confused with a namespaced name from another linked feature "{other_identity}".'
        ' Please rename the import or feature to avoid conflicts via "as".',
    )


def _misleading_import(feature: LinkedFeature, item: Import, meant: str) -> InvalidSchema:
    return _import_error(
        feature,
        item,
        f'it can be confused with the namespaced name for "{meant}". Please rename the import to avoid conflicts via "as".',
    )
