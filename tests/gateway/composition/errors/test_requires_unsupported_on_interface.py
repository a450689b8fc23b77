"""The error REQUIRES_UNSUPPORTED_ON_INTERFACE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_field_of_an_interface() -> None:
    a = """
    type Query {
      i: I
    }

    interface I {
      f: Int
      g: Int @requires(fields: "f")
    }

    type A implements I @key(fields: "id") {
      id: ID!
      f: Int
      g: Int
    }
    """
    assert error_codes(a) == {"REQUIRES_UNSUPPORTED_ON_INTERFACE", "REQUIRES_FIELDS_MISSING_EXTERNAL"}
