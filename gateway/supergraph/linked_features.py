"""Read which specs a supergraph links (@link, or @core of old), and under which names their elements stand in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    ListValueNode,
    ObjectValueNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
)


@dataclass(frozen=True, slots=True)
class LinkedFeature:
    """One linked spec. `prefix` is the name its elements stand under: `@prefix`, `@prefix__x`, `prefix__Y`."""

    identity: str
    version: str
    prefix: str
    renamed: Mapping[str, str]
    """Imported elements, by their name in the spec: the name they have here (`"@tag": "@myTag"`)."""

    @property
    def imports(self) -> frozenset[str]:
        """The names of the imported elements in this document."""
        return frozenset(self.renamed.values())

    @property
    def directive_name(self) -> str:
        """How the directive that is named like the spec is called here, without @."""
        spec_name = "@" + self.identity.rsplit("/", 1)[-1]
        return self.renamed[spec_name].removeprefix("@") if spec_name in self.renamed else self.prefix

    def owns_directive(self, name: str) -> bool:
        """Whether a directive of this name (without @) belongs to the feature."""
        return name == self.prefix or name.startswith(self.prefix + "__") or "@" + name in self.imports

    def owns_type(self, name: str) -> bool:
        """Whether a type of this name belongs to the feature."""
        return name.startswith(self.prefix + "__") or name in self.imports


def linked_features(document: DocumentNode) -> tuple[LinkedFeature, ...]:
    """All features of a schema document, in the order in which they are linked."""
    features = []
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            features += [feature for directive in definition.directives or () if (feature := _feature_from(directive))]
    return tuple(features)


def _feature_from(directive: ConstDirectiveNode) -> LinkedFeature | None:
    arguments = {argument.name.value: argument.value for argument in directive.arguments or ()}
    url = arguments.get("url") or arguments.get("feature")
    if not isinstance(url, StringValueNode):
        return None
    parts = url.value.rstrip("/").split("/")
    version = parts.pop() if len(parts) > 1 and parts[-1].startswith("v") and parts[-1][1:2].isdigit() else ""
    alias = arguments.get("as")
    prefix = alias.value if isinstance(alias, StringValueNode) else parts[-1]
    return LinkedFeature("/".join(parts), version, prefix, dict(_imported_names(arguments.get("import"))))


def _imported_names(value: object) -> Iterator[tuple[str, str]]:
    """Pairs of names, in the spec and here: `"@a"` keeps its name, `{name: "@a", as: "@b"}` changes it."""
    if not isinstance(value, ListValueNode):
        return
    for item in value.values or ():
        if isinstance(item, StringValueNode):
            yield item.value, item.value
        elif isinstance(item, ObjectValueNode):
            names = {entry.name.value: entry.value for entry in item.fields or ()}
            name, alias = names.get("name"), names.get("as") or names.get("name")
            if isinstance(name, StringValueNode) and isinstance(alias, StringValueNode):
                yield name.value, alias.value
