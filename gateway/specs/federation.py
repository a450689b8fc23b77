"""federation v2.0 to v2.14: the directives a subgraph describes its entities with. Federation 1 had a few of them, unlinked."""

from __future__ import annotations

from .authenticated import AUTHENTICATED_VERSIONS
from .cache_tag import CACHE_TAG_VERSIONS
from .context import CONTEXT_VERSIONS
from .cost import COST_VERSIONS
from .feature import (
    ArgumentSpec,
    DirectiveSpec,
    FeatureSpec,
    FeatureVersion,
    ScalarSpec,
    SpecVersions,
    TypeSpec,
    apollo_identity,
    apollo_url,
    by_name,
)
from .inaccessible import INACCESSIBLE_VERSIONS
from .policy import POLICY_VERSIONS
from .requires_scopes import REQUIRES_SCOPES_VERSIONS
from .tag import TAG_VERSIONS

FEDERATION_IDENTITY = apollo_identity("federation")
NEWEST_MINOR = 14

FIELD_SET = ScalarSpec("FieldSet")
_FIELDS = ArgumentSpec("fields", "{FieldSet}!")

_KEY = DirectiveSpec(
    "key", ("OBJECT", "INTERFACE"), (_FIELDS, ArgumentSpec("resolvable", "Boolean", True)), repeatable=True
)
_REQUIRES = DirectiveSpec("requires", ("FIELD_DEFINITION",), (_FIELDS,))
_PROVIDES = DirectiveSpec("provides", ("FIELD_DEFINITION",), (_FIELDS,))
_EXTERNAL = DirectiveSpec("external", ("OBJECT", "FIELD_DEFINITION"), (ArgumentSpec("reason", "String"),))
_EXTENDS = DirectiveSpec("extends", ("OBJECT", "INTERFACE"))
_COMPOSE_DIRECTIVE = DirectiveSpec("composeDirective", ("SCHEMA",), (ArgumentSpec("name", "String"),), repeatable=True)
_INTERFACE_OBJECT = DirectiveSpec("interfaceObject", ("OBJECT",))
_OVERRIDE = DirectiveSpec("override", ("FIELD_DEFINITION",), (ArgumentSpec("from", "String!"),))
_PROGRESSIVE_OVERRIDE = DirectiveSpec(
    "override", ("FIELD_DEFINITION",), (ArgumentSpec("from", "String!"), ArgumentSpec("label", "String"))
)
_CACHE_TAG = DirectiveSpec(
    "cacheTag",
    ("OBJECT", "FIELD_DEFINITION"),
    (ArgumentSpec("format", "String!"),),
    repeatable=True,
    supergraph_versions=lambda: CACHE_TAG_VERSIONS,
    uses_join_directive=True,
)

FEDERATION_1_TYPES: tuple[TypeSpec, ...] = (FIELD_SET,)
_tag_of_federation_1 = TAG_VERSIONS.find(FeatureVersion(0, 2))
assert _tag_of_federation_1 is not None
FEDERATION_1_DIRECTIVES = (_KEY, _REQUIRES, _PROVIDES, _EXTERNAL, _tag_of_federation_1.directives["tag"], _EXTENDS)


def _federation(minor: int) -> FeatureSpec:
    version = FeatureVersion(2, minor)
    directives = by_name(*FEDERATION_1_DIRECTIVES)
    types = by_name(*FEDERATION_1_TYPES)

    def add(*specs: DirectiveSpec) -> None:
        directives.update(by_name(*specs))

    def add_all_of(spec: FeatureSpec) -> None:
        directives.update(spec.directives)
        types.update(spec.types)

    add(DirectiveSpec("shareable", ("OBJECT", "FIELD_DEFINITION"), repeatable=minor >= 2))
    add_all_of(INACCESSIBLE_VERSIONS.minimum_required(version))
    add(_PROGRESSIVE_OVERRIDE if minor >= 7 else _OVERRIDE)
    if minor >= 1:
        add(_COMPOSE_DIRECTIVE)
    if minor >= 3:
        add(_INTERFACE_OBJECT)
        add_all_of(TAG_VERSIONS.latest())
    if minor >= 5:
        add_all_of(AUTHENTICATED_VERSIONS.latest())
        add_all_of(REQUIRES_SCOPES_VERSIONS.latest())
    if minor >= 6:
        add_all_of(POLICY_VERSIONS.latest())
    if minor >= 8:
        add_all_of(CONTEXT_VERSIONS.latest())
    if minor >= 9:
        add_all_of(COST_VERSIONS.latest())
    if minor >= 12:
        add(_CACHE_TAG)
    return FeatureSpec(apollo_url("federation", 2, minor), directives, types)


FEDERATION_VERSIONS = SpecVersions(FEDERATION_IDENTITY, [_federation(minor) for minor in range(NEWEST_MINOR + 1)])

AUTO_EXPANDED_VERSION = FeatureVersion(2, 4)
"""What a federation 1 subgraph is upgraded to: the newest version whose directives such subgraphs may already rely on."""

ALL_DIRECTIVE_NAMES = tuple(FEDERATION_VERSIONS.latest().directives)
