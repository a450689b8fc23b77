"""The hint INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_defined_in_one() -> None:
    a = """
    directive @x on FIELD

    type Query {
      a: Int
    }
    """
    b = """
    type Query {
      b: Int
    }
    """
    assert "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE" in hint_codes(a, b)
