"""tag v0.1 to v0.3: @tag(name:), a label that contracts filter by."""

from __future__ import annotations

from .feature import (
    ArgumentSpec,
    DirectiveSpec,
    FeatureSpec,
    FeatureVersion,
    SpecVersions,
    apollo_identity,
    apollo_url,
    by_name,
)

TAG_IDENTITY = apollo_identity("tag")

_LOCATIONS_1 = ("FIELD_DEFINITION", "OBJECT", "INTERFACE", "UNION")
_LOCATIONS_2 = (
    *_LOCATIONS_1,
    "ARGUMENT_DEFINITION",
    "SCALAR",
    "ENUM",
    "ENUM_VALUE",
    "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
)
TAG_LOCATIONS = (*_LOCATIONS_2, "SCHEMA")


def _tag(minor: int, locations: tuple[str, ...], minimum: FeatureVersion | None = None) -> FeatureSpec:
    directive = DirectiveSpec(
        "tag", locations, (ArgumentSpec("name", "String!"),), repeatable=True, supergraph_versions=lambda: TAG_VERSIONS
    )
    return FeatureSpec(apollo_url("tag", 0, minor), by_name(directive), minimum_federation_version=minimum)


TAG_VERSIONS = SpecVersions(
    TAG_IDENTITY,
    [_tag(1, _LOCATIONS_1), _tag(2, _LOCATIONS_2), _tag(3, TAG_LOCATIONS, FeatureVersion(2, 0))],
)
