"""inaccessible v0.1 and v0.2: @inaccessible keeps an element out of the API schema."""

from __future__ import annotations

from .feature import (
    DirectiveSpec,
    FeatureSpec,
    FeatureVersion,
    Purpose,
    SpecVersions,
    apollo_identity,
    apollo_url,
    by_name,
)

INACCESSIBLE_IDENTITY = apollo_identity("inaccessible")

_LOCATIONS_1 = ("FIELD_DEFINITION", "OBJECT", "INTERFACE", "UNION")
INACCESSIBLE_LOCATIONS = (
    *_LOCATIONS_1,
    "ARGUMENT_DEFINITION",
    "SCALAR",
    "ENUM",
    "ENUM_VALUE",
    "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
)


def _inaccessible(minor: int, locations: tuple[str, ...], minimum: FeatureVersion | None = None) -> FeatureSpec:
    directive = DirectiveSpec("inaccessible", locations, supergraph_versions=lambda: INACCESSIBLE_VERSIONS)
    return FeatureSpec(
        apollo_url("inaccessible", 0, minor),
        by_name(directive),
        minimum_federation_version=minimum,
        purpose=Purpose.SECURITY,
    )


INACCESSIBLE_VERSIONS = SpecVersions(
    INACCESSIBLE_IDENTITY,
    [_inaccessible(1, _LOCATIONS_1), _inaccessible(2, INACCESSIBLE_LOCATIONS, FeatureVersion(2, 0))],
)
