"""The hint INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_repeatable_in_one() -> None:
    a = """
    directive @x repeatable on FIELD

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
    assert "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE" in hint_codes(a, b)
