"""The hint NO_EXECUTABLE_DIRECTIVE_INTERSECTION."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_no_common_location() -> None:
    a = """
    directive @x on FIELD

    type Query {
      a: Int
    }
    """
    b = """
    directive @x on QUERY

    type Query {
      b: Int
    }
    """
    assert "NO_EXECUTABLE_DIRECTIVE_INTERSECTION" in hint_codes(a, b)
