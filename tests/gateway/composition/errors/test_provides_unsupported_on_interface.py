"""The error PROVIDES_UNSUPPORTED_ON_INTERFACE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_field_of_an_interface() -> None:
    a = """
    type Query {
      i: I
    }

    interface I {
      t: T @provides(fields: "f")
    }

    type A implements I {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int @external
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      f: Int
    }
    """
    assert error_codes(a, b) == {"PROVIDES_UNSUPPORTED_ON_INTERFACE"}
