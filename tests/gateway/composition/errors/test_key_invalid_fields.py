"""The error KEY_INVALID_FIELDS."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_unknown_field() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "nope") {
      id: ID!
    }
    """
    assert error_codes(a) == {"KEY_INVALID_FIELDS"}


def test_empty() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "") {
      id: ID!
    }
    """
    assert error_codes(a) == {"KEY_INVALID_FIELDS"}


def test_no_selection_of_an_object() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "o") {
      o: O
    }

    type O {
      x: Int
    }
    """
    assert error_codes(a) == {"KEY_INVALID_FIELDS"}


def test_a_syntax_error() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "{ id") {
      id: ID!
    }
    """
    assert error_codes(a) == {"KEY_INVALID_FIELDS"}


def test_braces() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "{ id }") {
      id: ID!
    }
    """
    assert not error_codes(a)
