"""The error FIELD_ARGUMENT_TYPE_MISMATCH."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_number_and_text() -> None:
    a = """
    type Query {
      a(x: Int): Int @shareable
    }
    """
    b = """
    type Query {
      a(x: String): Int @shareable
    }
    """
    assert error_codes(a, b) == {"FIELD_ARGUMENT_TYPE_MISMATCH"}
