"""Find the spec that a @link's URL names, if it is one we know."""

from __future__ import annotations

from .authenticated import AUTHENTICATED_VERSIONS
from .connect import CONNECT_VERSIONS
from .context import CONTEXT_VERSIONS
from .cost import COST_VERSIONS
from .feature import FeatureSpec, FeatureUrl, SpecVersions
from .federation import FEDERATION_VERSIONS
from .inaccessible import INACCESSIBLE_VERSIONS
from .join import JOIN_VERSIONS
from .link import CORE_VERSIONS, LINK_VERSIONS
from .policy import POLICY_VERSIONS
from .requires_scopes import REQUIRES_SCOPES_VERSIONS
from .tag import TAG_VERSIONS

# cacheTag is not here: subgraphs use @cacheTag of federation, and never link the spec itself.
KNOWN_SPECS: dict[str, SpecVersions] = {
    versions.identity: versions
    for versions in (
        CORE_VERSIONS,
        LINK_VERSIONS,
        FEDERATION_VERSIONS,
        JOIN_VERSIONS,
        TAG_VERSIONS,
        INACCESSIBLE_VERSIONS,
        AUTHENTICATED_VERSIONS,
        REQUIRES_SCOPES_VERSIONS,
        POLICY_VERSIONS,
        CONTEXT_VERSIONS,
        COST_VERSIONS,
        CONNECT_VERSIONS,
    )
}


def find_spec(url: FeatureUrl) -> FeatureSpec | None:
    versions = KNOWN_SPECS.get(url.identity)
    return versions.find(url.version) if versions else None
