"""The error INPUT_FIELD_DEFAULT_MISMATCH."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_two_defaults() -> None:
    a = """
    type Query {
      a(i: I): Int @shareable
    }

    input I {
      x: Int = 1
    }
    """
    b = """
    type Query {
      a(i: I): Int @shareable
    }

    input I {
      x: Int = 2
    }
    """
    assert error_codes(a, b) == {"INPUT_FIELD_DEFAULT_MISMATCH"}
