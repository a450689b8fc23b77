"""The error FIELD_TYPE_MISMATCH."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_number_and_text() -> None:
    a = """
    type Query {
      a: Int @shareable
    }
    """
    b = """
    type Query {
      a: String @shareable
    }
    """
    assert error_codes(a, b) == {"FIELD_TYPE_MISMATCH"}


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
    assert not error_codes(a, b)
