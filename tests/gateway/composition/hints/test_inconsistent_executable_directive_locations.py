"""The hint INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_one_location_more() -> None:
    a = """
    directive @x on FIELD | QUERY

    type Query {
      a: Int
    }
    """
    b = """
    directive @x on FIELD

    type Query {
      b: Int
    }
    """
    assert "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS" in hint_codes(a, b)
