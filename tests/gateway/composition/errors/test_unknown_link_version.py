"""The error UNKNOWN_LINK_VERSION."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_version_of_the_future() -> None:
    a = """
    extend schema @link(url: "https://specs.apollo.dev/link/v9.0")

    type Query {
      q: Int
    }
    """
    assert error_codes(a) == {"UNKNOWN_LINK_VERSION"}
