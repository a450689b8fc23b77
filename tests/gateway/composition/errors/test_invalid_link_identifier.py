"""The error INVALID_LINK_IDENTIFIER."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_no_version() -> None:
    a = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.0") @link(url: "https://example.org/spec/vX")

    type Query {
      q: Int
    }
    """
    assert error_codes(a) == {"INVALID_LINK_IDENTIFIER"}
