"""The hint INCONSISTENT_ARGUMENT_PRESENCE."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_argument_in_one() -> None:
    a = """
    type Query {
      a(x: Int): Int @shareable
    }
    """
    b = """
    type Query {
      a: Int @shareable
    }
    """
    assert "INCONSISTENT_ARGUMENT_PRESENCE" in hint_codes(a, b)
