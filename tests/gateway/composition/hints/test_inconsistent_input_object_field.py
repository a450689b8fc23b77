"""The hint INCONSISTENT_INPUT_OBJECT_FIELD."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_field_in_one() -> None:
    a = """
    type Query {
      a(i: I): Int
    }

    input I {
      x: Int
      y: Int
    }
    """
    b = """
    type Query {
      b(i: I): Int
    }

    input I {
      x: Int
    }
    """
    assert "INCONSISTENT_INPUT_OBJECT_FIELD" in hint_codes(a, b)
