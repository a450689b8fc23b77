"""The error OVERRIDE_LABEL_INVALID."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_spaces() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int @override(from: "b", label: "not a label")
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      f: Int
    }
    """
    assert error_codes(a, b) == {"OVERRIDE_LABEL_INVALID"}


def test_above_100_percent() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int @override(from: "b", label: "percent(101)")
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      f: Int
    }
    """
    assert error_codes(a, b) == {"OVERRIDE_LABEL_INVALID"}


def test_percent() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int @override(from: "b", label: "percent(5.5)")
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      f: Int
    }
    """
    assert not error_codes(a, b)
