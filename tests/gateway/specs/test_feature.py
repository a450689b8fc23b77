"""URLs and versions of specs, as a @link writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.specs import FeatureSpec, FeatureUrl, FeatureVersion, InvalidFeatureUrl, SpecVersions
from gateway.specs.feature import apollo_url


@pytest.mark.parametrize(
    ("text", "identity", "name", "version"),
    [
        ("https://specs.apollo.dev/federation/v2.3", "https://specs.apollo.dev/federation", "federation", (2, 3)),
        ("  https://Example.COM/a/b/v0.1  ", "https://example.com/a/b", "b", (0, 1)),
        ("https://user:secret@example.com/x/v10.20", "https://example.com/x", "x", (10, 20)),
        ("HTTP://example.com:8080/x/v1.0", "http://example.com:8080/x", "x", (1, 0)),
    ],
)
def test_a_url_has_an_identity_a_name_and_a_version(
    text: str, identity: str, name: str, version: tuple[int, int]
) -> None:
    assert FeatureUrl.parse(text) == FeatureUrl(identity, name, FeatureVersion(*version))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("federation", "Invalid feature url"),
        ("https://specs.apollo.dev", "Missing path"),
        ("https://specs.apollo.dev/federation/", "Missing version component"),
        ("https://specs.apollo.dev/federation/2.3", "of the form v1.2"),
        ("https://specs.apollo.dev/v2.3", "Missing feature name"),
        ("https://[/federation/v2.3", "Invalid feature url"),
    ],
)
def test_what_is_no_url_of_a_spec_is_told_in_a_sentence(text: str, told: str) -> None:
    with pytest.raises(InvalidFeatureUrl, match=told):
        FeatureUrl.parse(text)
    assert FeatureUrl.maybe_parse(text) is None


@given(st.text())
def test_any_text_is_a_url_or_is_refused(text: str) -> None:
    url = FeatureUrl.maybe_parse(text)
    assert url is None or FeatureUrl.parse(str(url)).version == url.version


@pytest.mark.parametrize(
    ("version", "required", "satisfies"),
    [("v2.3", "v2.0", True), ("v2.0", "v2.3", False), ("v3.0", "v2.0", False), ("v0.2", "v0.1", False)],
)
def test_a_version_satisfies_older_ones_of_its_series(version: str, required: str, satisfies: bool) -> None:
    assert FeatureVersion.parse(version).satisfies(FeatureVersion.parse(required)) is satisfies


def test_versions_are_ordered_by_number_not_by_text() -> None:
    assert FeatureVersion.parse("v2.10") > FeatureVersion.parse("v2.9")


def test_the_newest_spec_that_a_federation_version_allows_is_required() -> None:
    specs = [
        FeatureSpec(apollo_url("x", 0, 1)),
        FeatureSpec(apollo_url("x", 0, 2), minimum_federation_version=FeatureVersion(2, 7)),
        FeatureSpec(apollo_url("x", 0, 3), minimum_federation_version=FeatureVersion(2, 99)),
    ]
    versions = SpecVersions("https://specs.apollo.dev/x", specs, previews=[FeatureVersion(0, 3)])
    assert [str(versions.minimum_required(FeatureVersion(2, minor)).url.version) for minor in (6, 7, 14)] == [
        "v0.1",
        "v0.2",
        "v0.2",
    ]
    assert versions.latest().url.version == (0, 3)
    assert versions.latest_stable().url.version == (0, 2)
    assert versions.find(FeatureVersion(0, 9)) is None
