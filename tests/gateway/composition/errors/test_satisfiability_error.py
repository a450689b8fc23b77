"""The error SATISFIABILITY_ERROR."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_no_key() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id", resolvable: false) {
      id: ID!
    }
    """
    b = """
    type Query {
      q: Int
    }

    type T @key(fields: "no") {
      no: ID!
      x: Int
    }
    """
    assert error_codes(a, b) == {"SATISFIABILITY_ERROR"}


def test_with_a_key() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id", resolvable: false) {
      id: ID!
    }
    """
    b = """
    type Query {
      q: Int
    }

    type T @key(fields: "id") {
      id: ID!
      x: Int
    }
    """
    assert not error_codes(a, b)
