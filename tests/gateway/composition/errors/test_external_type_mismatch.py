"""The error EXTERNAL_TYPE_MISMATCH."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_another_type() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int @external
      g: Int @requires(fields: "f")
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      f: String
    }
    """
    assert error_codes(a, b) == {"EXTERNAL_TYPE_MISMATCH"}
