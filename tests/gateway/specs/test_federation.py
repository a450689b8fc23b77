"""Which version of federation has which directives."""

from __future__ import annotations

import pytest

from gateway.specs import FeatureSpec, FeatureUrl, FeatureVersion, find_spec
from gateway.specs.federation import ALL_DIRECTIVE_NAMES, FEDERATION_VERSIONS, NEWEST_MINOR
from gateway.specs.registry import KNOWN_SPECS


def federation(minor: int) -> FeatureSpec:
    spec = FEDERATION_VERSIONS.find(FeatureVersion(2, minor))
    assert spec is not None
    return spec


@pytest.mark.parametrize(
    ("minor", "added"),
    [
        (1, {"@composeDirective"}),
        (2, set()),
        (3, {"@interfaceObject"}),
        (4, set()),
        (5, {"@authenticated", "@requiresScopes", "Scope"}),
        (6, {"@policy", "Policy"}),
        (7, set()),
        (8, {"@context", "@fromContext", "ContextFieldValue"}),
        (9, {"@cost", "@listSize"}),
        (10, set()),
        (11, set()),
        (12, {"@cacheTag"}),
        (13, set()),
        (14, set()),
    ],
)
def test_what_a_version_adds_to_the_one_before(minor: int, added: set[str]) -> None:
    before, now = set(federation(minor - 1).element_names()), set(federation(minor).element_names())
    assert now - before == added
    assert before <= now


def test_the_first_version() -> None:
    names = "@extends @external @inaccessible @key @override @provides @requires @shareable @tag FieldSet"
    assert sorted(federation(0).element_names()) == names.split()


@pytest.mark.parametrize(("minor", "names"), [(6, ["from"]), (7, ["from", "label"])])
def test_override_has_a_label_from_v2_7(minor: int, names: list[str]) -> None:
    assert [argument.name for argument in federation(minor).directives["override"].arguments] == names


@pytest.mark.parametrize(("minor", "repeatable"), [(1, False), (2, True)])
def test_shareable_is_repeatable_from_v2_2(minor: int, repeatable: bool) -> None:
    assert federation(minor).directives["shareable"].repeatable is repeatable


@pytest.mark.parametrize(("minor", "is_there"), [(2, False), (3, True)])
def test_tag_goes_on_the_schema_from_v2_3(minor: int, is_there: bool) -> None:
    assert ("SCHEMA" in federation(minor).directives["tag"].locations) is is_there


def test_a_version_that_does_not_exist_is_not_found() -> None:
    assert FEDERATION_VERSIONS.find(FeatureVersion(2, NEWEST_MINOR + 1)) is None
    assert find_spec(FeatureUrl.parse("https://specs.apollo.dev/federation/v3.0")) is None
    assert find_spec(FeatureUrl.parse("https://example.com/federation/v2.0")) is None


def test_every_known_spec_is_found_by_its_url() -> None:
    found = [find_spec(FeatureUrl.parse(f"{identity}/{v.latest().url.version}")) for identity, v in KNOWN_SPECS.items()]
    assert [spec.url.identity for spec in found if spec] == list(KNOWN_SPECS)


def test_what_composes_names_the_spec_that_the_supergraph_links() -> None:
    newest = federation(NEWEST_MINOR)
    linked = {
        name: str(directive.supergraph_versions().latest().url)
        for name, directive in newest.directives.items()
        if directive.supergraph_versions is not None
    }
    apollo = "https://specs.apollo.dev"
    assert linked == {
        "tag": f"{apollo}/tag/v0.3",
        "inaccessible": f"{apollo}/inaccessible/v0.2",
        "authenticated": f"{apollo}/authenticated/v0.1",
        "requiresScopes": f"{apollo}/requiresScopes/v0.1",
        "policy": f"{apollo}/policy/v0.1",
        "context": f"{apollo}/context/v0.1",
        "cost": f"{apollo}/cost/v0.1",
        "listSize": f"{apollo}/cost/v0.1",
        "cacheTag": f"{apollo}/cacheTag/v0.1",
    }
    assert set(linked) < set(ALL_DIRECTIVE_NAMES)
