"""The hint INCONSISTENT_DESCRIPTION."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_two_descriptions() -> None:
    a = """
    "one"
    type Query {
      a: Int
    }
    """
    b = """
    "two"
    type Query {
      b: Int
    }
    """
    assert "INCONSISTENT_DESCRIPTION" in hint_codes(a, b)


def test_one_description() -> None:
    a = """
    "one"
    type Query {
      a: Int
    }
    """
    b = """
    type Query {
      b: Int
    }
    """
    assert "INCONSISTENT_DESCRIPTION" not in hint_codes(a, b)
