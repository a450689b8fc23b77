"""The hint INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_nullable_and_not() -> None:
    a = """
    type Query {
      a: Int @shareable
    }
    """
    b = """
    type Query {
      a: Int! @shareable
    }
    """
    assert "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE" in hint_codes(a, b)


def test_the_same() -> None:
    a = """
    type Query {
      a: Int @shareable
    }
    """
    b = """
    type Query {
      a: Int @shareable
    }
    """
    assert "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE" not in hint_codes(a, b)
