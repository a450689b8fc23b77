"""The newest federation version that any subgraph uses; what the supergraph links depends on it."""

from __future__ import annotations

from ...specs import FeatureVersion
from ...specs.federation import FEDERATION_VERSIONS
from ..hint_codes import HintCode
from ..subgraph import Subgraph
from .report import Report


def newest_federation_version(subgraphs: tuple[Subgraph, ...], report: Report) -> FeatureVersion:
    versions = [version for subgraph in subgraphs if (version := _version_of(subgraph, report)) is not None]
    return max(versions, default=FEDERATION_VERSIONS.latest().url.version)


def _version_of(subgraph: Subgraph, report: Report) -> FeatureVersion | None:
    feature = subgraph.metadata.feature
    if feature is None or subgraph.schema.features is None:
        return None
    linked = feature.url.version
    needed = {other: other.minimum_federation_version for other in subgraph.schema.features.all()}
    implied = max((version for version in needed.values() if version is not None), default=linked)
    if implied <= linked or not implied.satisfies(linked):
        return linked
    causing = next(other for other, version in needed.items() if version == implied)
    report.hint(
        HintCode.IMPLICITLY_UPGRADED_FEDERATION_VERSION,
        f"Subgraph {subgraph.name} has been implicitly upgraded from federation {linked} to {implied}",
        None,
        causing.directive,
    )
    return implied
