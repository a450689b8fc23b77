"""The error INTERFACE_KEY_NOT_ON_IMPLEMENTATION."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_no_key_there() -> None:
    a = """
    type Query {
      i: I
    }

    interface I @key(fields: "id") {
      id: ID!
    }

    type A implements I {
      id: ID!
    }
    """
    assert error_codes(a) == {"INTERFACE_KEY_NOT_ON_IMPLEMENTATION"}


def test_the_same_key() -> None:
    a = """
    type Query {
      i: I
    }

    interface I @key(fields: "id") {
      id: ID!
    }

    type A implements I @key(fields: "id id") {
      id: ID!
    }
    """
    assert not error_codes(a)
