"""The error ROOT_SUBSCRIPTION_USED."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_another_type_is_subscription() -> None:
    a = """
    schema {
      query: Query
      subscription: S
    }

    type Query {
      q: Int
    }

    type S {
      a: Int
    }

    type Subscription {
      b: Int
    }

    extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
    """
    assert error_codes(a) == {"ROOT_SUBSCRIPTION_USED"}
