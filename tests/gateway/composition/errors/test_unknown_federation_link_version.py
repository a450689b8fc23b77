"""The error UNKNOWN_FEDERATION_LINK_VERSION."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_version_of_the_future() -> None:
    a = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.99")

    type Query {
      q: Int
    }
    """
    assert error_codes(a) == {"UNKNOWN_FEDERATION_LINK_VERSION"}


def test_known_version() -> None:
    a = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3")

    type Query {
      q: Int
    }
    """
    assert not error_codes(a)
