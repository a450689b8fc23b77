"""authenticated v0.1: @authenticated asks for a known caller."""

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

AUTHENTICATED_IDENTITY = apollo_identity("authenticated")
ACCESS_CONTROL_LOCATIONS = ("FIELD_DEFINITION", "OBJECT", "INTERFACE", "SCALAR", "ENUM")

AUTHENTICATED_VERSIONS: SpecVersions = SpecVersions(
    AUTHENTICATED_IDENTITY,
    [
        FeatureSpec(
            apollo_url("authenticated", 0, 1),
            by_name(
                DirectiveSpec(
                    "authenticated", ACCESS_CONTROL_LOCATIONS, supergraph_versions=lambda: AUTHENTICATED_VERSIONS
                )
            ),
            minimum_federation_version=FeatureVersion(2, 5),
            purpose=Purpose.SECURITY,
        )
    ],
)
