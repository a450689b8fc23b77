"""The hint INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_value_in_one() -> None:
    a = """
    type Query {
      a: E
    }

    enum E {
      A
      B
    }
    """
    b = """
    type Query {
      b: E
    }

    enum E {
      A
    }
    """
    assert "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM" in hint_codes(a, b)
