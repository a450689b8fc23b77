"""The error EXTERNAL_UNUSED."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_nothing_needs_it() -> None:
    a = """
    type Query {
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
    assert error_codes(a, b) == {"EXTERNAL_UNUSED"}


def test_an_interface_needs_it() -> None:
    a = """
    type Query {
      t: T
    }

    interface I {
      f: Int
    }

    type T implements I @key(fields: "id") {
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
    assert not error_codes(a, b)
