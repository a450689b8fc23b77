"""cacheTag v0.1: only linked in supergraphs, where it says that some subgraph uses federation's @cacheTag."""

from __future__ import annotations

from .feature import FeatureSpec, Purpose, SpecVersions, apollo_identity, apollo_url

CACHE_TAG_IDENTITY = apollo_identity("cacheTag")

CACHE_TAG_VERSIONS = SpecVersions(
    CACHE_TAG_IDENTITY, [FeatureSpec(apollo_url("cacheTag", 0, 1), purpose=Purpose.EXECUTION)]
)
