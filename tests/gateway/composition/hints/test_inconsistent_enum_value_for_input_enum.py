"""The hint INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_value_in_one() -> None:
    a = """
    type Query {
      a(e: E): Int
    }

    enum E {
      A
      B
    }
    """
    b = """
    type Query {
      b(e: E): Int
    }

    enum E {
      A
    }
    """
    assert "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM" in hint_codes(a, b)
