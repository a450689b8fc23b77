"""The error ENUM_VALUE_MISMATCH."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_input_and_output() -> None:
    a = """
    type Query {
      a(e: E): E
    }

    enum E {
      A
      B
    }
    """
    b = """
    type Query {
      b: E
    }

    enum E {
      A
    }
    """
    assert error_codes(a, b) == {"ENUM_VALUE_MISMATCH"}
