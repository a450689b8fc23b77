"""policy v0.1: @policy(policies:) names policies that a coprocessor decides, alternatives of lists that are all needed."""

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

POLICY_IDENTITY = apollo_identity("policy")

POLICY_VERSIONS: SpecVersions = SpecVersions(
    POLICY_IDENTITY,
    [
        FeatureSpec(
            apollo_url("policy", 0, 1),
            by_name(
                DirectiveSpec(
                    "policy",
                    ACCESS_CONTROL_LOCATIONS,
                    (ArgumentSpec("policies", "[[{Policy}!]!]!", strategy=MergeStrategy.DNF_CONJUNCTION),),
                    supergraph_versions=lambda: POLICY_VERSIONS,
                )
            ),
            by_name(ScalarSpec("Policy")),
            purpose=Purpose.SECURITY,
        )
    ],
)
