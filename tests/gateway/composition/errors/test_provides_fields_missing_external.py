"""The error PROVIDES_FIELDS_MISSING_EXTERNAL."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_own_field() -> None:
    a = """
    type Query {
      t: T @provides(fields: "f")
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int
    }
    """
    assert error_codes(a) == {"PROVIDES_FIELDS_MISSING_EXTERNAL"}


def test_external_field() -> None:
    a = """
    type Query {
      t: T @provides(fields: "f")
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int @external
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      f: Int @shareable
    }
    """
    assert not error_codes(a, b)
