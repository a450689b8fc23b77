"""The error INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_unknown_implementation() -> None:
    a = """
    type Query {
      i: I
    }

    interface I @key(fields: "id") {
      id: ID!
    }

    type A implements I @key(fields: "id") {
      id: ID!
    }
    """
    b = """
    interface I {
      id: ID!
    }

    type B implements I @key(fields: "id") {
      id: ID!
    }
    """
    c = """
    type I @interfaceObject @key(fields: "id") {
      id: ID!
      x: Int
    }
    """
    assert error_codes(a, b, c) == {"INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE"}
