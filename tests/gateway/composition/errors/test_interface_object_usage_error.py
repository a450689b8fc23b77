"""The error INTERFACE_OBJECT_USAGE_ERROR."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_no_key() -> None:
    a = """
    type Query {
      i: I
    }

    type I @interfaceObject {
      x: Int
    }
    """
    assert error_codes(a) == {"INTERFACE_OBJECT_USAGE_ERROR"}


def test_implementation_in_the_same_subgraph() -> None:
    a = """
    type Query {
      q: I
    }

    interface I @key(fields: "id") {
      id: ID!
    }

    type A implements I @key(fields: "id") {
      id: ID!
    }
    """
    b = """
    type I @key(fields: "id") @interfaceObject {
      id: ID!
      x: Int
    }

    type A @key(fields: "id") {
      id: ID!
      z: Int
    }
    """
    assert error_codes(a, b) == {"INTERFACE_OBJECT_USAGE_ERROR"}
