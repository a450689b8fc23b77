"""The error PROVIDES_FIELDS_HAS_ARGS."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_field_with_arguments() -> None:
    a = """
    type Query {
      t: T @provides(fields: "f")
    }

    type T @key(fields: "id") {
      id: ID!
      f(x: Int): Int @external
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      f(x: Int): Int
    }
    """
    assert error_codes(a, b) == {"PROVIDES_FIELDS_HAS_ARGS"}
