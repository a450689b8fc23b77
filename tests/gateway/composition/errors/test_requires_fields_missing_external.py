"""The error REQUIRES_FIELDS_MISSING_EXTERNAL."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_own_field() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int
      g: Int @requires(fields: "f")
    }
    """
    assert error_codes(a) == {"REQUIRES_FIELDS_MISSING_EXTERNAL"}


def test_external_field() -> None:
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
      f: Int
    }
    """
    assert not error_codes(a, b)
