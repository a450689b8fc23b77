"""The error NO_QUERIES."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_only_entities() -> None:
    a = """
    type T @key(fields: "id") {
      id: ID!
    }
    """
    assert error_codes(a) == {"NO_QUERIES"}


def test_one_query() -> None:
    a = """
    type T @key(fields: "id") {
      id: ID!
    }
    """
    b = """
    type Query {
      q: Int
    }
    """
    assert not error_codes(a, b)
