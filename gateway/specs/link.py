"""link v1.0 (and its ancestor core): how a schema says which specs it uses, and under which names."""

from __future__ import annotations

from .feature import (
    ArgumentSpec,
    DirectiveSpec,
    EnumSpec,
    FeatureSpec,
    FeatureVersion,
    Purpose,
    ScalarSpec,
    SpecVersions,
    apollo_identity,
    apollo_url,
    by_name,
)

LINK_IDENTITY = apollo_identity("link")
CORE_IDENTITY = apollo_identity("core")
LINK_DIRECTIVE = "link"

PURPOSE = EnumSpec(
    "Purpose",
    (
        (Purpose.SECURITY, "`SECURITY` features provide metadata necessary to securely resolve fields."),
        (Purpose.EXECUTION, "`EXECUTION` features provide metadata necessary for operation execution."),
    ),
)
IMPORT = ScalarSpec("Import")

_AS = ArgumentSpec("as", "String")
_FOR = ArgumentSpec("for", "{Purpose}")


def _link_directive(name: str, *arguments: ArgumentSpec) -> DirectiveSpec:
    return DirectiveSpec(name, ("SCHEMA",), arguments, repeatable=True)


LINK_VERSIONS = SpecVersions(
    LINK_IDENTITY,
    [
        FeatureSpec(
            apollo_url("link", 1, 0),
            by_name(
                _link_directive("link", ArgumentSpec("url", "String"), _AS, _FOR, ArgumentSpec("import", "[{Import}]"))
            ),
            by_name(PURPOSE, IMPORT),
            FeatureVersion(2, 0),
        )
    ],
)
CORE_VERSIONS = SpecVersions(
    CORE_IDENTITY,
    [
        FeatureSpec(
            apollo_url("core", 0, 1), by_name(_link_directive("core", ArgumentSpec("feature", "String"), _AS)), {}
        ),
        FeatureSpec(
            apollo_url("core", 0, 2),
            by_name(_link_directive("core", ArgumentSpec("feature", "String"), _AS, _FOR)),
            by_name(PURPOSE),
            FeatureVersion(2, 0),
        ),
    ],
)
