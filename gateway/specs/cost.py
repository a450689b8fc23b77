"""cost v0.1: @cost and @listSize, what demand control counts with."""

from __future__ import annotations

from .feature import (
    ArgumentSpec,
    DirectiveSpec,
    FeatureSpec,
    FeatureVersion,
    MergeStrategy,
    SpecVersions,
    apollo_identity,
    apollo_url,
    by_name,
)

COST_IDENTITY = apollo_identity("cost")

COST_VERSIONS: SpecVersions = SpecVersions(
    COST_IDENTITY,
    [
        FeatureSpec(
            apollo_url("cost", 0, 1),
            by_name(
                DirectiveSpec(
                    "cost",
                    ("ARGUMENT_DEFINITION", "ENUM", "FIELD_DEFINITION", "INPUT_FIELD_DEFINITION", "OBJECT", "SCALAR"),
                    (ArgumentSpec("weight", "Int!", strategy=MergeStrategy.MAX),),
                    supergraph_versions=lambda: COST_VERSIONS,
                ),
                DirectiveSpec(
                    "listSize",
                    ("FIELD_DEFINITION",),
                    (
                        ArgumentSpec("assumedSize", "Int", strategy=MergeStrategy.NULLABLE_MAX),
                        ArgumentSpec("slicingArguments", "[String!]", strategy=MergeStrategy.NULLABLE_UNION),
                        ArgumentSpec("sizedFields", "[String!]", strategy=MergeStrategy.NULLABLE_UNION),
                        ArgumentSpec("requireOneSlicingArgument", "Boolean", True, MergeStrategy.NULLABLE_AND),
                    ),
                    supergraph_versions=lambda: COST_VERSIONS,
                ),
            ),
            minimum_federation_version=FeatureVersion(2, 9),
        )
    ],
)
