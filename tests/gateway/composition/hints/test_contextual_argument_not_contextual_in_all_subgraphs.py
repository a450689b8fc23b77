"""The hint CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_optional_elsewhere() -> None:
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
      f(l: String @fromContext(field: "$c { locale }")): Int @shareable
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      f(l: String): Int @shareable
    }
    """
    assert "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS" in hint_codes(a, b)
