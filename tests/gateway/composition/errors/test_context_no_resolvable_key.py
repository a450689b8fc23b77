"""The error CONTEXT_NO_RESOLVABLE_KEY."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_no_key() -> None:
    a = """
    type Query {
      u: U
    }

    type U @key(fields: "id") @context(name: "c") {
      id: ID!
      locale: String!
      t: T
    }

    type T {
      f(l: String @fromContext(field: "$c { locale }")): Int
    }
    """
    assert error_codes(a) == {"CONTEXT_NO_RESOLVABLE_KEY"}
