"""The hint IMPLICITLY_UPGRADED_FEDERATION_VERSION."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_a_spec_of_later() -> None:
    a = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3")

    type Query {
      a: Int
    }
    """
    b = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.0") @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost"])

    type Query {
      b: Int @cost(weight: 1)
    }
    """
    assert "IMPLICITLY_UPGRADED_FEDERATION_VERSION" in hint_codes(a, b)
