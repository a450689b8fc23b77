"""The hint INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_nullable_and_not() -> None:
    a = """
    type Query {
      a(x: Int): Int @shareable
    }
    """
    b = """
    type Query {
      a(x: Int!): Int @shareable
    }
    """
    assert "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE" in hint_codes(a, b)
