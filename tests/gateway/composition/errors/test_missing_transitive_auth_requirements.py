"""The error MISSING_TRANSITIVE_AUTH_REQUIREMENTS."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_requires_a_guarded_field() -> None:
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
      f: Int @authenticated
    }
    """
    assert error_codes(a, b) == {"MISSING_TRANSITIVE_AUTH_REQUIREMENTS"}


def test_guarded_too() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int @external
      g: Int @requires(fields: "f") @authenticated
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      f: Int @authenticated
    }
    """
    assert not error_codes(a, b)
