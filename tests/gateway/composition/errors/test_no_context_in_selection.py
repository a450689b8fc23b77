"""The error NO_CONTEXT_IN_SELECTION."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_no_dollar() -> None:
    a = """
    type Query {
      u: U
    }

    type U @key(fields: "id") @context(name: "c") {
      id: ID!
      locale: String!
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f(l: String @fromContext(field: "{ locale }")): Int
    }
    """
    assert error_codes(a) == {"NO_CONTEXT_IN_SELECTION"}
