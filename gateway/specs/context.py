"""context v0.1: @context sets a value on a type, @fromContext passes it to an argument further down in the same subgraph."""

from __future__ import annotations

from .feature import (
    ArgumentSpec,
    DirectiveSpec,
    FeatureSpec,
    Purpose,
    ScalarSpec,
    SpecVersions,
    apollo_identity,
    apollo_url,
    by_name,
)

CONTEXT_IDENTITY = apollo_identity("context")

CONTEXT_VERSIONS: SpecVersions = SpecVersions(
    CONTEXT_IDENTITY,
    [
        FeatureSpec(
            apollo_url("context", 0, 1),
            by_name(
                DirectiveSpec(
                    "context",
                    ("INTERFACE", "OBJECT", "UNION"),
                    (ArgumentSpec("name", "String!"),),
                    repeatable=True,
                    supergraph_versions=lambda: CONTEXT_VERSIONS,
                ),
                DirectiveSpec("fromContext", ("ARGUMENT_DEFINITION",), (ArgumentSpec("field", "{ContextFieldValue}"),)),
            ),
            by_name(ScalarSpec("ContextFieldValue")),
            purpose=Purpose.SECURITY,
        )
    ],
)
