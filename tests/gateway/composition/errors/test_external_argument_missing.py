"""The error EXTERNAL_ARGUMENT_MISSING."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_argument_left_out() -> None:
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
      f(x: Int): Int
    }
    """
    assert error_codes(a, b) == {"EXTERNAL_ARGUMENT_MISSING"}
