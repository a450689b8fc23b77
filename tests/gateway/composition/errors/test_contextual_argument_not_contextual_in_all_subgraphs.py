"""The error CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_required_elsewhere() -> None:
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
      f(l: String!): Int @shareable
    }
    """
    assert error_codes(a, b) == {"CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"}
