"""The error EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_also_provided() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      o: O @external @provides(fields: "x")
      g: Int @requires(fields: "o { id }")
    }

    type O @key(fields: "id") {
      id: ID!
      x: Int @external
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      o: O
    }

    type O @key(fields: "id") {
      id: ID!
      x: Int
    }
    """
    assert error_codes(a, b) == {"EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE"}
