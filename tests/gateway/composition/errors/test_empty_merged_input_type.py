"""The error EMPTY_MERGED_INPUT_TYPE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_nothing_in_common() -> None:
    a = """
    type Query {
      a(i: I): Int
    }

    input I {
      x: Int
    }
    """
    b = """
    type Query {
      b(i: I): Int
    }

    input I {
      y: Int
    }
    """
    assert error_codes(a, b) == {"EMPTY_MERGED_INPUT_TYPE"}
