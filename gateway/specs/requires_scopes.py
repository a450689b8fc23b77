"""requiresScopes v0.1: @requiresScopes(scopes:) asks for the scopes of a token, alternatives of lists that are all needed."""

from __future__ import annotations

from .authenticated import ACCESS_CONTROL_LOCATIONS
from .feature import (
    ArgumentSpec,
    DirectiveSpec,
    FeatureSpec,
    MergeStrategy,
    Purpose,
    ScalarSpec,
    SpecVersions,
    apollo_identity,
    apollo_url,
    by_name,
)

REQUIRES_SCOPES_IDENTITY = apollo_identity("requiresScopes")

REQUIRES_SCOPES_VERSIONS: SpecVersions = SpecVersions(
    REQUIRES_SCOPES_IDENTITY,
    [
        FeatureSpec(
            apollo_url("requiresScopes", 0, 1),
            by_name(
                DirectiveSpec(
                    "requiresScopes",
                    ACCESS_CONTROL_LOCATIONS,
                    (ArgumentSpec("scopes", "[[{Scope}!]!]!", strategy=MergeStrategy.DNF_CONJUNCTION),),
                    supergraph_versions=lambda: REQUIRES_SCOPES_VERSIONS,
                )
            ),
            by_name(ScalarSpec("Scope")),
            purpose=Purpose.SECURITY,
        )
    ],
)
