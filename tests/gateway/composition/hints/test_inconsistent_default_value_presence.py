"""The hint INCONSISTENT_DEFAULT_VALUE_PRESENCE."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_default_in_one() -> None:
    a = """
    type Query {
      a(x: Int = 1): Int @shareable
    }
    """
    b = """
    type Query {
      a(x: Int): Int @shareable
    }
    """
    assert "INCONSISTENT_DEFAULT_VALUE_PRESENCE" in hint_codes(a, b)
