"""The specifications a federated schema can link, as data: one file per spec, read by composition and by the supergraph.

Reading order: feature (what a spec is), argument_merging, then link, federation and join, which every schema meets, then
what federation is put together from: tag, inaccessible, authenticated, requires_scopes, policy, context, cost, cache_tag,
connect; and registry, which finds a spec by the URL of a @link.
"""

from __future__ import annotations

from .feature import (
    ArgumentSpec,
    DirectiveSpec,
    EnumSpec,
    FeatureSpec,
    FeatureUrl,
    FeatureVersion,
    InputObjectSpec,
    InvalidFeatureUrl,
    ScalarSpec,
    SpecVersions,
    TypeSpec,
)
from .registry import find_spec

__all__ = [
    "ArgumentSpec",
    "DirectiveSpec",
    "EnumSpec",
    "FeatureSpec",
    "FeatureUrl",
    "FeatureVersion",
    "InputObjectSpec",
    "InvalidFeatureUrl",
    "ScalarSpec",
    "SpecVersions",
    "TypeSpec",
    "find_spec",
]
