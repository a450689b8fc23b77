"""The error FIELD_ARGUMENT_DEFAULT_MISMATCH."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_two_defaults() -> None:
    a = """
    type Query {
      a(x: Int = 1): Int @shareable
    }
    """
    b = """
    type Query {
      a(x: Int = 2): Int @shareable
    }
    """
    assert error_codes(a, b) == {"FIELD_ARGUMENT_DEFAULT_MISMATCH"}
