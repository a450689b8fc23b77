"""The error EMPTY_MERGED_ENUM_TYPE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_nothing_in_common() -> None:
    a = """
    type Query {
      a(e: E): Int
    }

    enum E {
      A
    }
    """
    b = """
    type Query {
      b(e: E): Int
    }

    enum E {
      B
    }
    """
    assert error_codes(a, b) == {"EMPTY_MERGED_ENUM_TYPE"}
